"""Signing in with Nuki through the pages: there, the decision, and back again."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts
from properties.models import Membership, NukiAccount, SmartLock
from properties.roles import Role
from tests.properties import signing_in
from tests.properties.signing_in import BACK, asked_for_tokens, at_nuki, decide
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

BEGIN = "/nuki-accounts/sign-in"
NOT_BEGUN = "This sign-in was not begun here, or was used before. Nothing was changed. Begin it anew."
NO_ANSWER = "Nuki does not answer, so the sign-in could not be finished. Nothing was saved. Try again soon."
NOT_ADMITTED = (
    "Nuki does not accept how this installation of Keyturn is registered there. Nothing was saved. "
    "Tell whoever runs it; until then an API token works."
)
OVER = "That sign-in took too long or was used before. Nothing was saved. Sign in once more."
HIDDEN = (
    "Nuki signed you in, but does not show Keyturn your smart locks. Nothing was saved. "
    "Sign in once more and allow all that is asked for."
)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def registered(simulator: Simulator, settings: Settings) -> None:
    signing_in.register(simulator, settings)


def begin(visitor: Visitor, name: str = "Second") -> str:
    """Begin to sign in; the address at Nuki that the browser is led to."""
    answer = visitor.post(BEGIN, {"name": name})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def told(answer: Any) -> list[str]:
    return [str(notice) for notice in answer.context["messages"]]


def names() -> list[str]:
    return sorted(NukiAccount.objects.values_list("name", flat=True))


@pytest.mark.usefixtures("registered")
def test_a_host_signs_in_at_nuki_and_comes_back_with_the_locks(
    host: Visitor, simulator: Simulator, clock: TurnedClock, settings: Settings
) -> None:
    connect = host.get("/nuki-accounts/connect")
    address = begin(host)
    asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}

    answer = host.get(decide(address), follow=True)

    account = NukiAccount.objects.get(name="Second")
    assert address.startswith(f"{settings.NUKI_API_URL}/oauth/authorize?response_type=code&")
    assert len(asked["state"]) == 43
    assert asked["scope"].split() == sorted(account.scopes)
    assert answer.redirect_chain == [("/nuki-accounts", 302)]
    assert told(answer) == ["Second is connected."]
    assert (account.signs_in_with, account.connected_at, account.broken_since) == ("nuki", clock.now(), None)
    assert SmartLock.objects.filter(nuki_account=account).count() == 4
    assert "You are signed in with Nuki." in words(answer)
    assert account.token == simulator.world.access_tokens[-1].token
    assert account.refresh_token == simulator.world.refresh_tokens[-1].token
    with connection.cursor() as cursor:
        cursor.execute("SELECT token, refresh_token FROM properties_nukiaccount WHERE id = %s", [account.pk])
        stored = " ".join(cursor.fetchone())
    shown = connect.content.decode() + answer.content.decode() + stored
    assert account.token not in shown
    assert account.refresh_token not in shown
    check_page(connect)
    check_page(answer)


def test_nuki_calls_us_for_an_account_that_signed_in(
    host: Visitor, simulator: Simulator, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://keys.example"
    signing_in.register(simulator, settings)

    host.get(decide(begin(host)))

    account = NukiAccount.objects.get(name="Second")
    (webhook,) = simulator.world.webhooks.values()
    assert (account.webhook_id, account.webhook_secret) == (webhook.id, webhook.secret)
    assert webhook.url == f"https://keys.example/webhooks/nuki/{account.pk}"


@pytest.mark.usefixtures("registered")
def test_a_host_who_does_not_allow_it_is_told_so_and_nothing_is_kept(
    host: Visitor, simulator: Simulator
) -> None:
    answer = host.get(decide(begin(host), "deny"), follow=True)

    assert answer.redirect_chain == [("/nuki-accounts/connect", 302)]
    assert told(answer) == ["You did not allow it at Nuki, so nothing was changed."]
    assert names() == ["Nuki"]
    assert asked_for_tokens(simulator) == 0
    check_page(answer)


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param("temporarily_unavailable", NO_ANSWER, id="busy"),
        pytest.param("server_error", NO_ANSWER, id="a fault of theirs"),
        pytest.param("invalid_scope", NOT_ADMITTED, id="a scope that we may not ask for"),
        pytest.param("<b>anything</b>", NOT_ADMITTED, id="whatever else"),
    ],
)
def test_a_sign_in_that_nuki_refuses_is_explained(host: Visitor, error: str, sentence: str) -> None:
    state = parse_qs(urlsplit(begin(host)).query)["state"][0]

    answer = host.get(BACK, data={"error": error, "state": state}, follow=True)

    assert told(answer) == [sentence]
    assert names() == ["Nuki"]
    assert error not in answer.content.decode()


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("state", [None, "", "another", "ß"])
def test_a_state_that_is_not_ours_is_turned_away_and_the_real_one_still_works(
    host: Visitor, simulator: Simulator, state: str | None
) -> None:
    back = decide(begin(host))
    code = parse_qs(urlsplit(back).query)["code"][0]
    query = {"code": code} | ({} if state is None else {"state": state})

    answer = host.get(BACK, data=query, follow=True)

    assert told(answer) == [NOT_BEGUN]
    assert (names(), asked_for_tokens(simulator)) == (["Nuki"], 0)
    host.get(back)
    assert names() == ["Nuki", "Second"]


@pytest.mark.usefixtures("registered")
def test_coming_back_a_second_time_does_nothing(host: Visitor, simulator: Simulator) -> None:
    back = decide(begin(host))
    host.get(back)
    calls = len(simulator.calls)

    again = host.get(back, follow=True)

    assert told(again)[-1] == NOT_BEGUN
    assert names() == ["Nuki", "Second"]
    assert len(simulator.calls) == calls


@pytest.mark.usefixtures("registered")
def test_a_code_that_came_too_late_connects_nothing(host: Visitor, clock: TurnedClock) -> None:
    back = decide(begin(host))
    clock.turn(seconds=61)

    answer = host.get(back, follow=True)

    assert told(answer) == [OVER]
    assert names() == ["Nuki"]


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        pytest.param({"NUKI_API_URL": "http://127.0.0.1:1"}, NO_ANSWER, id="nobody answers"),
        pytest.param({"NUKI_OAUTH_CLIENT_SECRET": "wrong"}, NOT_ADMITTED, id="our secret is wrong"),
        pytest.param({"NUKI_OAUTH_CLIENT_ID": ""}, NOT_ADMITTED, id="we are not registered any more"),
    ],
)
def test_what_goes_wrong_on_the_way_back_is_said_and_nothing_is_kept(
    host: Visitor, settings: Settings, changed: dict[str, str], sentence: str
) -> None:
    back = decide(begin(host))
    for name, value in changed.items():
        setattr(settings, name, value)

    answer = host.get(back, follow=True)

    assert told(answer) == [sentence]
    assert names() == ["Nuki"]


@pytest.mark.usefixtures("registered")
def test_a_sign_in_that_may_not_see_the_locks_connects_nothing(host: Visitor, simulator: Simulator) -> None:
    back = decide(begin(host))
    simulator.world.oauth_codes[-1].scopes = ["account"]

    answer = host.get(back, follow=True)

    assert told(answer) == [HIDDEN]
    assert names() == ["Nuki"]


@pytest.mark.usefixtures("registered")
def test_a_name_that_is_taken_is_said_before_the_host_is_sent_away(host: Visitor) -> None:
    answer = host.post(BEGIN, {"name": "Nuki"})

    assert answer.status_code == 200
    assert answer.context["sign_in_form"].errors == {
        "name": ["You have a Nuki account of this name already."]
    }
    assert "nuki_sign_in" not in host.client.session
    assert 'value="Nuki 2"' in host.get("/nuki-accounts/connect").content.decode()
    check_page(answer)


@pytest.mark.usefixtures("registered")
def test_a_name_that_was_taken_in_the_meantime_is_said_after_it(host: Visitor, alice: Business) -> None:
    back = decide(begin(host))
    NukiAccount.objects.filter(pk=alice.account.pk).update(name="Second")

    answer = host.get(back, follow=True)

    assert told(answer) == ["You have a Nuki account of this name already. Choose another one."]
    assert NukiAccount.objects.count() == 1


@pytest.mark.usefixtures("registered")
def test_a_sign_in_counts_only_for_the_business_that_it_was_begun_for(
    host: Visitor, alice: Business, charlie: Business, simulator: Simulator
) -> None:
    Membership.objects.create(organization=charlie.organization, user=alice.owner, role=Role.OWNER)
    back = decide(begin(host))

    answer = host.get(f"/b/lindgren-lodging{back}", follow=True)

    assert told(answer) == [NOT_BEGUN]
    assert (names(), asked_for_tokens(simulator)) == (["Nuki"], 0)


@pytest.mark.usefixtures("registered")
def test_who_comes_back_from_nuki_is_led_to_the_business_that_began_whatever_was_opened_meanwhile(
    host: Visitor, alice: Business, charlie: Business
) -> None:
    Membership.objects.create(organization=charlie.organization, user=alice.owner, role=Role.VIEWER)
    back = decide(begin(host))
    host.get("/b/lindgren-lodging/", headers={"Accept": "text/html"})

    answer = host.get(back, follow=True)

    assert answer.redirect_chain[-1] == ("/b/harbour-stays/nuki-accounts", 302)
    assert told(answer) == ["Second is connected."]
    assert names() == ["Nuki", "Second"]


@pytest.mark.usefixtures("registered")
def test_somebody_elses_way_back_is_of_no_use_in_another_browser(
    host: Visitor, charlie: Business, clock: TurnedClock, simulator: Simulator
) -> None:
    back = decide(begin(host))
    begin(signed_in(charlie, clock))

    answer = signed_in(charlie, clock).get(back, follow=True)

    assert told(answer) == [NOT_BEGUN]
    assert asked_for_tokens(simulator) == 0


def test_where_nuki_does_not_know_us_nobody_is_offered_to_sign_in(host: Visitor, alice: Business) -> None:
    page = host.get("/nuki-accounts/connect")

    answers = [
        host.post(path, {"name": "Second"}).status_code
        for path in (BEGIN, f"/nuki-accounts/{alice.account.pk}/sign-in")
    ]

    assert "Sign in with Nuki" not in words(page)
    assert answers == [404, 404]
    check_page(page)


@pytest.mark.usefixtures("registered")
def test_a_sign_in_that_ended_says_what_to_do_and_signing_in_again_heals_it(
    host: Visitor, alice: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    signing_in.sign_in(alice, now=clock.now())
    simulator.end_consent(at_nuki(simulator))
    imported = host.post(f"/nuki-accounts/{alice.account.pk}/import", follow=True)
    broken = NukiAccount.objects.get()

    led = host.post(f"/nuki-accounts/{alice.account.pk}/sign-in")
    answer = host.get(decide(led.headers["Location"]), follow=True)

    healed = NukiAccount.objects.get()
    assert told(imported) == ["Your sign-in with Nuki has ended. Sign in again."]
    assert "Your sign-in with Nuki has ended. Codes wait until you sign in again." in words(imported)
    assert "Sign in again" in words(imported)
    assert (broken.broken_since, broken.sign_in_ended_at) == (clock.now(), clock.now())
    assert told(answer) == ["Nuki is connected."]
    assert (healed.broken_since, healed.sign_in_ended_at, healed.paused_until) == (None, None, None)
    assert "Sign in again" not in words(answer)
    nuki_accounts.refresh(account=healed, now=clock.now())
    check_page(imported)


@pytest.mark.usefixtures("registered")
def test_refusing_to_sign_in_again_leaves_the_account_as_it_was(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    signing_in.sign_in(alice, now=clock.now())
    before = NukiAccount.objects.values().get()

    led = host.post(f"/nuki-accounts/{alice.account.pk}/sign-in")
    answer = host.get(decide(led.headers["Location"], "deny"), follow=True)

    assert answer.redirect_chain == [("/nuki-accounts", 302)]
    assert NukiAccount.objects.values().get() == before


@pytest.mark.usefixtures("registered")
def test_a_viewer_is_not_offered_to_sign_in_again(alice: Business, clock: TurnedClock) -> None:
    signing_in.sign_in(alice, now=clock.now())
    NukiAccount.objects.update(broken_since=clock.now())
    viewer = with_role(alice, clock, Role.VIEWER)

    page = words(viewer.get("/nuki-accounts"))

    assert "Your sign-in with Nuki has ended." in page
    assert "Sign in again" not in page


@pytest.mark.usefixtures("registered")
def test_an_account_that_signed_in_can_go_back_to_a_token(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    signing_in.sign_in(alice, now=clock.now())

    answer = host.post(f"/nuki-accounts/{alice.account.pk}/token", {"token": "alice-token"})

    kept = NukiAccount.objects.get()
    assert answer.status_code == 302
    assert (kept.signs_in_with, kept.token, kept.refresh_token) == ("token", "alice-token", "")
    assert (kept.token_ends_at, kept.scopes) == (None, [])


@pytest.mark.usefixtures("registered")
def test_no_code_and_no_token_of_a_sign_in_stands_in_a_log(
    host: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    back = decide(begin(host))

    host.get(back)

    account = NukiAccount.objects.get(name="Second")
    secrets = [*(one for (one,) in parse_qs(urlsplit(back).query).values()), account.token]
    ours = "\n".join(line for line in caplog.text.splitlines() if "urllib3" not in line)
    assert BACK in ours
    assert [secret for secret in [*secrets, account.refresh_token] if secret in ours] == []
