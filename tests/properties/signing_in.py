"""An installation that is registered with Nuki, and hosts who decide there."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import requests
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from nuki_gateway.simulator import Account, Simulator
from properties import nuki_accounts, nuki_oauth
from tests.worlds import Business

CLIENT_ID, SECRET = "keyturn", "the-secret-of-keyturn"
BACK = "/nuki-accounts/signed-in"
TOKEN = "/oauth/token"


def register(simulator: Simulator, settings: Settings) -> None:
    """Register this installation with Nuki."""
    settings.NUKI_OAUTH_CLIENT_ID, settings.NUKI_OAUTH_CLIENT_SECRET = CLIENT_ID, SECRET
    back = django_settings.PUBLIC_URL + BACK
    simulator.add_oauth_client(client_id=CLIENT_ID, secret=SECRET, redirect_uris=[back])


def decide(address: str, decision: str = "allow", account: str = "Harbour Stays") -> str:
    """Decide on Nuki's page; the path by which the browser is sent back to us."""
    choice = {"account": account, "decision": decision}
    answer = requests.get(address, params=choice, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == django_settings.PUBLIC_URL + BACK
    return f"{back.path}?{back.query}"


def code() -> str:
    """The code of somebody who allowed everything."""
    back = decide(nuki_oauth.sign_in_address(state="any"))
    return parse_qs(urlsplit(back).query)["code"][0]


def sign_in(business: Business, *, now: datetime) -> None:
    """Let a business whose account has an API token sign in instead."""
    nuki_accounts.sign_in_again(account=business.account, code=code(), now=now)


def at_nuki(simulator: Simulator) -> Account:
    """Alice's account, as Nuki knows it."""
    return next(one for one in simulator.world.accounts if one.name == "Harbour Stays")


def asked_for_tokens(simulator: Simulator) -> int:
    """How often Nuki was asked for tokens."""
    return sum(call.path == TOKEN for call in simulator.calls)
