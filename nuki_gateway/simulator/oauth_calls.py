"""OAuth2 for programs that act for other people's accounts: asking for consent, and handing out tokens.

Source: the documentation on authorization (both calls, exact redirect URIs, an hour for access tokens);
handlers in public programs (the client by Basic or by form fields, the answer to a scope encoded twice).
"""

import base64
from hashlib import sha256
from html import escape
from string import Template
from urllib.parse import unquote, urlencode

from nuki_gateway.simulator import bodies, oauth
from nuki_gateway.simulator.answers import Answer, Refused, Request, json_answer, oauth_error, status_page
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import ALL_SCOPES, Account, OAuthClient, OAuthToken

AUTHORIZE, TOKEN = "/oauth/authorize", "/oauth/token"
FOUND = 302
BAD_REQUEST = 400
UNAUTHORIZED = 401
NOT_FOUND = 404
METHOD_NOT_ALLOWED = 405
ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state")
STYLE = """
:root { color-scheme: light dark; font: 1rem / 1.5 system-ui, sans-serif; }
main { max-inline-size: 26rem; margin: 12vh auto 0; padding: 0 1rem; }
label { font-weight: 600; }
select { display: block; inline-size: 100%; margin-block-start: 0.25rem; }
select, button { min-block-size: 44px; padding-inline: 1rem; font: inherit; }
"""
STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
PAGE_HEADERS = {
    "Content-Type": "text/html; charset=UTF-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
}
PAGE = Template(
    """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Allow access? Simulated Nuki Web</title>
<style>$style</style>
<main>
<p>Simulated Nuki Web</p>
<h1>Allow access?</h1>
<p>The program <b>$client</b> asks for: $scopes.</p>
<form method="post" action="/oauth/authorize">
$hidden
<p><label>Account <select name="account">$accounts</select></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></p>
</form>
</main>
</html>
"""
)


def answer(engine: Engine, request: Request) -> Answer:
    """Answer a call under /oauth/, which bears no token; raises Refused. The caller holds the guard."""
    if request.path == AUTHORIZE and request.method in {"GET", "POST"}:
        return _authorize(engine, request)
    if request.path == TOKEN and request.method == "POST":
        return _token(engine, request)
    raise status_page(METHOD_NOT_ALLOWED if request.path in {AUTHORIZE, TOKEN} else NOT_FOUND)


def _authorize(engine: Engine, request: Request) -> Answer:
    """Ask for consent, or take the decision: from the page's form, or from `account` and `decision`."""
    asked = {**request.query, **bodies.form(request)} if request.method == "POST" else dict(request.query)
    client = _client(engine, asked.get("client_id", ""))
    if client is None:
        raise oauth_error(BAD_REQUEST, "invalid_client", "The client is unknown.")
    if asked.get("redirect_uri") not in client.redirect_uris:
        raise oauth_error(BAD_REQUEST, "invalid_request", "The redirect_uri is not registered.")
    _refuse_scope_encoded_twice(asked)
    scopes = asked.get("scope", "").split()
    if asked.get("response_type") != "code":
        return _back(asked, error="unsupported_response_type")
    if not scopes or not set(scopes) <= set(ALL_SCOPES):
        return _back(asked, error="invalid_scope")
    if "decision" not in asked:
        return _page(engine, client, asked)
    if asked["decision"] != "allow":
        return _back(asked, error="access_denied")
    account = _account(engine, asked.get("account", ""))
    redirect_uri = asked["redirect_uri"]
    code = oauth.consent(engine, client, account, redirect_uri=redirect_uri, scopes=scopes)
    return _back(asked, code=code)


def _token(engine: Engine, request: Request) -> Answer:
    """POST /oauth/token: a code or a refresh token for an access token."""
    form = bodies.form(request)
    client = _authenticated(engine, request, form)
    _refuse_scope_encoded_twice(form)
    try:
        access, refresh = _granted(engine, client, form)
    except oauth.GrantRefused as refusal:
        raise oauth_error(BAD_REQUEST, "invalid_grant", "The grant is not valid.") from refusal
    return _tokens(engine, access, refresh)


def _granted(engine: Engine, client: OAuthClient, form: dict[str, str]) -> tuple[OAuthToken, OAuthToken]:
    """Return the access and the refresh token; raises GrantRefused, or Refused for an unknown grant."""
    grant = form.get("grant_type")
    if grant == "authorization_code":
        redirect_uri = form.get("redirect_uri", "")
        return oauth.exchange(engine, client, code=form.get("code", ""), redirect_uri=redirect_uri)
    if grant == "refresh_token":
        return oauth.refresh(engine, client, refresh_token=form.get("refresh_token", ""))
    raise oauth_error(BAD_REQUEST, "unsupported_grant_type", "The grant_type is not supported.")


def _tokens(engine: Engine, access: OAuthToken, refresh: OAuthToken) -> Answer:
    shape = {
        "access_token": access.token,
        "token_type": "bearer",
        "expires_in": int(engine.timings.access_token_seconds),
        "refresh_token": refresh.token,
        "scope": " ".join(access.scopes),
    }
    plain = json_answer(shape)
    return Answer(plain.status, plain.body, {**plain.headers, "Cache-Control": "no-store"})


def _client(engine: Engine, client_id: str) -> OAuthClient | None:
    return next((one for one in engine.world.oauth_clients if one.id == client_id), None)


def _account(engine: Engine, wanted: str) -> Account:
    for account in engine.world.accounts:
        if wanted in {account.name, str(account.account_id)}:
            return account
    raise oauth_error(BAD_REQUEST, "invalid_request", "There is no such account.")


def _authenticated(engine: Engine, request: Request, form: dict[str, str]) -> OAuthClient:
    """Return the client that Basic or the form names with its secret; raises Refused (401)."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(credentials)
    client = _client(engine, client_id)
    if client is None or client.secret != secret:
        refused = oauth_error(UNAUTHORIZED, "invalid_client", "The client or its secret is wrong.").answer
        raise Refused(Answer(refused.status, refused.body, {**refused.headers, "WWW-Authenticate": "Basic"}))
    return client


def _basic(credentials: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:  # no base64, or no text in it
        return "", ""
    return unquote(name), unquote(secret)


def _refuse_scope_encoded_twice(asked: dict[str, str]) -> None:
    """Refuse what is left of a scope encoded twice, with the answer that one program recorded."""
    if set("+%") & set(asked.get("scope", "")):
        raise oauth_error(BAD_REQUEST, "server_error", "Internal Server Error (500)")


def _back(asked: dict[str, str], **result: str) -> Answer:
    """Send the browser back to the program, with the state that it gave."""
    given = {"state": asked["state"]} if "state" in asked else {}
    redirect_uri = asked["redirect_uri"]
    joint = "&" if "?" in redirect_uri else "?"
    return Answer(FOUND, headers={"Location": f"{redirect_uri}{joint}{urlencode({**result, **given})}"})


def _page(engine: Engine, client: OAuthClient, asked: dict[str, str]) -> Answer:
    hidden = "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in ASKED
        if name in asked
    )
    accounts = "".join(
        f'<option value="{account.account_id}">{escape(account.name)}</option>'
        for account in engine.world.accounts
    )
    page = PAGE.substitute(
        client=escape(client.id),
        scopes=escape(", ".join(asked["scope"].split())),
        hidden=hidden,
        accounts=accounts,
        style=STYLE,
    )
    return Answer(200, page.encode(), PAGE_HEADERS)
