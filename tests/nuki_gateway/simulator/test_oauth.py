"""OAuth2: consent by browser or by program, codes, tokens, and how each of them ends."""

import base64
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from nuki_gateway.simulator import Simulator, Switches, TurnedClock
from nuki_gateway.simulator.world import Account, Lock, OAuthClient
from tests.nuki_gateway.simulator.caller import Caller, Reply
from tests.nuki_gateway.simulator.test_checks import Calling

BACK = "https://keyturn.example/nuki/back"
SCOPE = "smartlock smartlock.auth"
ASKED = {
    "response_type": "code",
    "client_id": "keyturn",
    "redirect_uri": BACK,
    "scope": SCOPE,
    "state": "a state & more",
}


@pytest.fixture
def program(simulator: Simulator) -> OAuthClient:
    return simulator.add_oauth_client(client_id="keyturn", secret="a secret", redirect_uris=[BACK])


@pytest.fixture
def anybody(calling: Calling, program: OAuthClient, alice: Account) -> Caller:  # noqa: ARG001  they exist
    return calling(None)


def asking(**changes: str) -> str:
    return f"/oauth/authorize?{urlencode(ASKED | changes)}"


def sent_back(reply: Reply) -> dict[str, str]:
    assert reply.status == 302
    address = urlsplit(reply.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == BACK
    return {name: one for name, (one,) in parse_qs(address.query).items()}


def consented(anybody: Caller) -> str:
    return sent_back(anybody("GET", asking(account="Alice", decision="allow")))["code"]


def token(anybody: Caller, **fields: str) -> Reply:
    form = {"client_id": "keyturn", "client_secret": "a secret", **fields}
    return anybody("POST", "/oauth/token", urlencode(form).encode())


def exchanged(anybody: Caller, good_code: str, **fields: str) -> Reply:
    form = {"grant_type": "authorization_code", "code": good_code, "redirect_uri": BACK}
    return token(anybody, **form | fields)


def refreshed(anybody: Caller, refresh_token: str) -> Reply:
    return token(anybody, grant_type="refresh_token", refresh_token=refresh_token)


def signed_in(anybody: Caller) -> dict[str, Any]:
    shape: dict[str, Any] = exchanged(anybody, consented(anybody)).json
    return shape


def test_the_page_asks_and_its_form_hands_code_and_state_back(anybody: Caller) -> None:
    page = anybody("GET", asking())
    form = urlencode({**ASKED, "account": "Alice", "decision": "allow"}).encode()

    answer = sent_back(anybody("POST", "/oauth/authorize", form))

    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=UTF-8"
    assert b"keyturn" in page.body
    assert b">Alice</option>" in page.body
    assert b'name="state" value="a state &amp; more"' in page.body
    assert set(answer) == {"code", "state"}
    assert answer["state"] == "a state & more"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"decision": "deny"}, "access_denied", id="the person says no"),
        pytest.param({"response_type": "token"}, "unsupported_response_type", id="not the code flow"),
        pytest.param({"scope": "smartlock.everything"}, "invalid_scope", id="a scope that does not exist"),
        pytest.param({"scope": ""}, "invalid_scope", id="no scope"),
    ],
)
def test_a_refused_consent_is_told_to_the_program(
    anybody: Caller, changes: dict[str, str], error: str
) -> None:
    assert sent_back(anybody("GET", asking(**changes))) == {"error": error, "state": "a state & more"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"redirect_uri": f"{BACK}/"}, "invalid_request", id="a redirect URI with a slash more"),
        pytest.param({"client_id": "somebody"}, "invalid_client", id="an unknown program"),
        pytest.param({"scope": "smartlock%20smartlock.auth"}, "server_error", id="a scope encoded twice"),
        pytest.param({"decision": "allow", "account": "Zoe"}, "invalid_request", id="an unknown account"),
    ],
)
def test_what_cannot_be_sent_back_is_answered_on_the_spot(
    anybody: Caller, changes: dict[str, str], error: str
) -> None:
    reply = anybody("GET", asking(**changes))

    assert (reply.status, reply.json["error"]) == (400, error)
    assert set(reply.json) == {"error", "error_description"}


def test_a_code_becomes_tokens_that_reach_what_their_scopes_allow(
    anybody: Caller, calling: Calling, door: Lock
) -> None:
    reply = exchanged(anybody, consented(anybody))

    tokens = reply.json
    his = calling(tokens["access_token"])
    assert tokens | {"access_token": "", "refresh_token": ""} == {
        "access_token": "",
        "refresh_token": "",
        "token_type": "bearer",
        "expires_in": 3600,
        "scope": SCOPE,
    }
    assert reply.headers["cache-control"] == "no-store"
    assert [one["smartlockId"] for one in his("GET", "/smartlock").json] == [door.smartlock_id]
    assert his("GET", "/smartlock/auth").status == 200
    assert his("GET", "/smartlock/log").status == 403


def test_the_program_may_show_its_secret_by_basic_too(anybody: Caller) -> None:
    form = {"grant_type": "authorization_code", "code": consented(anybody), "redirect_uri": BACK}
    credentials = base64.b64encode(b"keyturn:a%20secret").decode()

    reply = anybody("POST", "/oauth/token", urlencode(form).encode(), Authorization=f"Basic {credentials}")

    assert reply.status == 200


@pytest.mark.parametrize("credentials", ["a wrong secret", "a2V5dHVybjphbm90aGVy", "\xe9", "/w=="])
def test_bad_basic_credentials_are_refused(anybody: Caller, credentials: str) -> None:
    headers = {"Authorization": f"Basic {credentials}"}

    reply = anybody("POST", "/oauth/token", b"grant_type=refresh_token&refresh_token=x", **headers)

    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    assert reply.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        pytest.param({"client_secret": "another"}, 401, "invalid_client", id="a wrong secret"),
        pytest.param({"client_id": "somebody"}, 401, "invalid_client", id="an unknown program"),
        pytest.param({"code": "made up"}, 400, "invalid_grant", id="an unknown code"),
        pytest.param({"redirect_uri": "https://else.example"}, 400, "invalid_grant", id="another address"),
        pytest.param({"grant_type": "password"}, 400, "unsupported_grant_type", id="another grant"),
        pytest.param({"scope": "smartlock+auth"}, 400, "server_error", id="a scope encoded twice"),
    ],
)
def test_a_bad_exchange_is_refused(anybody: Caller, fields: dict[str, str], status: int, error: str) -> None:
    reply = exchanged(anybody, consented(anybody), **fields)

    assert (reply.status, reply.json["error"]) == (status, error)


def test_a_code_is_good_once_and_for_a_minute(anybody: Caller, clock: TurnedClock) -> None:
    code = consented(anybody)
    assert exchanged(anybody, code).status == 200
    late = consented(anybody)

    clock.turn(seconds=60)

    assert exchanged(anybody, code).json["error"] == "invalid_grant"
    assert exchanged(anybody, late).json["error"] == "invalid_grant"


def test_an_access_token_lives_an_hour_and_a_refresh_gives_the_next(
    anybody: Caller, calling: Calling, clock: TurnedClock
) -> None:
    tokens = signed_in(anybody)
    clock.turn(seconds=3599)
    before = calling(tokens["access_token"])("GET", "/smartlock").status
    clock.turn(seconds=1)
    after = calling(tokens["access_token"])("GET", "/smartlock").status

    new = refreshed(anybody, tokens["refresh_token"]).json

    assert (before, after) == (200, 401)
    assert calling(new["access_token"])("GET", "/smartlock").status == 200
    assert new["refresh_token"] != tokens["refresh_token"]
    assert refreshed(anybody, tokens["refresh_token"]).json["error"] == "invalid_grant"


@pytest.mark.parametrize("switches", [Switches(rotate_refresh_tokens=False)])
def test_a_refresh_token_can_be_kept_by_a_switch(anybody: Caller) -> None:
    tokens = signed_in(anybody)

    answers = [refreshed(anybody, tokens["refresh_token"]).json["refresh_token"] for _ in range(2)]

    assert answers == [tokens["refresh_token"]] * 2


@pytest.mark.parametrize(
    ("switches", "status"),
    [
        pytest.param(Switches(), 401, id="ended"),
        pytest.param(Switches(consent_ends_access_tokens=False), 200, id="kept by a switch"),
    ],
)
def test_a_new_consent_ends_older_access_tokens(anybody: Caller, calling: Calling, status: int) -> None:
    first = signed_in(anybody)

    signed_in(anybody)

    assert calling(first["access_token"])("GET", "/smartlock").status == status


def test_tokens_can_be_expired_and_refreshing_refused_for_a_while(
    simulator: Simulator, alice: Account, anybody: Caller, calling: Calling
) -> None:
    tokens = signed_in(anybody)

    simulator.script.expire_access_tokens(alice)
    simulator.script.refuse_refresh(alice)

    assert calling(tokens["access_token"])("GET", "/smartlock").status == 401
    assert calling(alice.token)("GET", "/smartlock").status == 200
    refused = refreshed(anybody, tokens["refresh_token"])
    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")
    simulator.script.refuse_refresh(alice, refused=False)
    assert refreshed(anybody, tokens["refresh_token"]).status == 200


def test_a_consent_taken_back_ends_every_token(
    simulator: Simulator, alice: Account, anybody: Caller, calling: Calling
) -> None:
    tokens = signed_in(anybody)

    simulator.end_consent(alice)

    assert calling(tokens["access_token"])("GET", "/smartlock").status == 401
    assert refreshed(anybody, tokens["refresh_token"]).status == 400


def test_an_account_has_several_api_tokens_each_with_its_scopes(
    simulator: Simulator, alice: Account, calling: Calling
) -> None:
    reading = simulator.add_token(alice, token="reads-only", scopes=["smartlock.readOnly"])
    by_it = calling("reads-only")
    assert by_it("GET", "/smartlock").status == 200
    assert by_it("GET", "/smartlock/auth").status == 403

    reading.revoked = True

    assert by_it("GET", "/smartlock").status == 401
    assert calling(alice.token)("GET", "/smartlock/auth").status == 200
