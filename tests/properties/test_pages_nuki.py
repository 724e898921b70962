"""The pages about Nuki accounts: a token is tried before it is kept."""

from datetime import timedelta

import pytest

from nuki_gateway.simulator import Account, Simulator, TurnedClock
from properties.models import NukiAccount, SmartLock
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

REFUSED = (
    "Nuki does not accept this token. Check that it was copied whole and has the scopes that Keyturn needs."
)
NO_ANSWER = "Nuki does not answer, so the token could not be checked. Nothing was saved. Try again soon."
NO_TOKEN = "This is not a token of Nuki Web: it has no spaces and only plain letters."


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def account_at_nuki(simulator: Simulator) -> Account:
    """Alice's account, as Nuki knows it."""
    return next(account for account in simulator.world.accounts if account.name == "Harbour Stays")


def token() -> str:
    return NukiAccount.objects.get(name="Nuki").token


def test_an_account_is_connected_with_its_locks(host: Visitor, simulator: Simulator) -> None:
    at_nuki = simulator.add_account(name="Chalet", token="chalet-token")
    simulator.add_lock(at_nuki, name="Chalet door", device_type=5, keypad="keypad2")

    answer = host.post("/nuki-accounts/connect", {"name": "Chalet", "token": "  chalet-token "})
    page = host.get("/nuki-accounts")

    account = NukiAccount.objects.get(name="Chalet")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/nuki-accounts")
    assert account.token == "chalet-token"
    assert [lock.name for lock in account.smart_locks.all()] == ["Chalet door"]
    assert "Chalet door Smart Lock 5 has a keypad On no door yet online" in words(page)
    assert "chalet-token" not in page.content.decode()
    check_page(page)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        pytest.param({"token": "wrong-token"}, {"token": [REFUSED]}, id="wrong token"),
        pytest.param({"token": "to ken"}, {"token": [NO_TOKEN]}, id="a space inside"),
        pytest.param({"token": "tokén"}, {"token": [NO_TOKEN]}, id="a letter that no header takes"),
        pytest.param({"token": "a\nb: c"}, {"token": [NO_TOKEN]}, id="a line of its own"),
        pytest.param(
            {"name": "Nuki", "token": "alice-token"},
            {"name": ["You have a Nuki account of this name already."]},
            id="name taken",
        ),
        pytest.param(
            {"name": "", "token": ""},
            {"name": ["This field is required."], "token": ["This field is required."]},
            id="nothing at all",
        ),
    ],
)
def test_what_cannot_be_connected_is_said_at_its_field_and_nothing_is_kept(
    host: Visitor, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    answer = host.post("/nuki-accounts/connect", {"name": "Second"} | typed)

    assert answer.status_code == 200
    assert answer.context["form"].errors == errors
    assert NukiAccount.objects.count() == 1
    assert typed["token"] == "" or typed["token"] not in answer.content.decode()
    check_page(answer)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_down_leaves_everything_as_it_was(
    host: Visitor, simulator: Simulator, status: int
) -> None:
    account = NukiAccount.objects.get(name="Nuki")
    simulator.script.answer_next(None, "GET", status, count=9)

    connected = host.post("/nuki-accounts/connect", {"name": "Second", "token": "second-token"})
    replaced = host.post(f"/nuki-accounts/{account.pk}/token", {"token": "other-token"})

    assert connected.context["form"].errors == {"token": [NO_ANSWER]}
    assert replaced.context["form"].errors == {"token": [NO_ANSWER]}
    assert NukiAccount.objects.count() == 1
    assert token() == "alice-token"


def test_a_token_is_replaced_and_a_broken_account_works_again(
    host: Visitor, simulator: Simulator, alice: Business
) -> None:
    NukiAccount.objects.update(broken_since=host.clock.now())
    account_at_nuki(simulator).token = "fresh-token"
    broken = words(host.get("/nuki-accounts"))

    answer = host.post(f"/nuki-accounts/{alice.account.pk}/token", {"token": "fresh-token"})

    assert "Nuki no longer accepts the token. Codes wait until you put in a new one." in broken
    assert answer.status_code == 302
    assert token() == "fresh-token"
    assert "Nuki accepts the token." in words(host.get("/nuki-accounts"))


def test_a_wrong_token_replaces_nothing(host: Visitor, alice: Business) -> None:
    form = host.get(f"/nuki-accounts/{alice.account.pk}/token")
    answer = host.post(f"/nuki-accounts/{alice.account.pk}/token", {"token": "wrong-token"})

    assert answer.context["form"].errors == {"token": [REFUSED]}
    assert token() == "alice-token"
    assert "alice-token" not in form.content.decode() + answer.content.decode()
    check_page(form)


def test_locks_are_imported_anew(host: Visitor, simulator: Simulator, alice: Business) -> None:
    simulator.add_lock(account_at_nuki(simulator), name="New gate", keypad=None)

    answer = host.post(f"/nuki-accounts/{alice.account.pk}/import", follow=True)

    assert [str(notice) for notice in answer.context["messages"]] == ["The list is up to date."]
    assert SmartLock.objects.get(name="New gate").has_keypad is False
    assert "no keypad: guests need the Nuki app" in words(answer)


@pytest.mark.parametrize(
    ("status", "sentence", "broken"),
    [
        pytest.param(401, "Nuki no longer accepts this account's token. Put in a new one.", True, id="401"),
        pytest.param(503, "Nuki does not answer now. The list is as it was.", False, id="503"),
    ],
)
def test_an_import_that_fails_says_what_stays_true(
    host: Visitor, simulator: Simulator, alice: Business, status: int, sentence: str, *, broken: bool
) -> None:
    simulator.script.answer_next(None, "GET", status, count=9)

    answer = host.post(f"/nuki-accounts/{alice.account.pk}/import", follow=True)

    assert [str(notice) for notice in answer.context["messages"]] == [sentence]
    assert (NukiAccount.objects.get().broken_since is not None) is broken
    assert SmartLock.objects.count() == 4


def test_a_paused_account_says_that_we_try_again(host: Visitor) -> None:
    NukiAccount.objects.update(paused_until=host.clock.now() + timedelta(minutes=1), failures=1)

    page = words(host.get("/nuki-accounts"))

    assert "Nuki did not answer. We try again by ourselves." in page


def test_a_viewer_sees_the_locks_and_no_button(
    alice: Business, clock: TurnedClock, simulator: Simulator
) -> None:
    visitor, calls = with_role(alice, clock, Role.VIEWER), len(simulator.calls)

    page = words(visitor.get("/nuki-accounts"))
    refused = [
        visitor.post(f"/nuki-accounts/{alice.account.pk}/{what}", {"token": "x"}).status_code
        for what in ("import", "token")
    ]

    assert "Front door" in page
    assert [word in page for word in ("Connect Nuki account", "Import", "Replace token")] == [False] * 3
    assert refused == [403, 403]
    assert len(simulator.calls) == calls


@pytest.mark.usefixtures("alice")
def test_charlie_reaches_no_account_of_alice(
    alice: Business, charlie: Business, clock: TurnedClock, simulator: Simulator
) -> None:
    visitor, calls = signed_in(charlie, clock), len(simulator.calls)

    answers = [
        visitor.post(f"/nuki-accounts/{alice.account.pk}/{what}", {"token": "charlie-token"}).status_code
        for what in ("import", "token")
    ]

    assert answers == [404, 404]
    assert token() == "alice-token"
    assert len(simulator.calls) == calls


@pytest.mark.parametrize(
    ("webhook", "missed", "sentence"),
    [
        pytest.param(7, 0, "Nuki tells us at once what happens at your doors.", id="webhooks work"),
        pytest.param(7, 2, "Nuki tells us only part of what happens at your doors.", id="some are missing"),
        pytest.param(
            None,
            0,
            "We ask Nuki what happens at your doors: each minute while a guest is in.",
            id="no webhook",
        ),
    ],
)
def test_the_page_says_how_we_learn_what_happens(
    host: Visitor, alice: Business, webhook: int | None, missed: int, sentence: str
) -> None:
    NukiAccount.objects.filter(pk=alice.account.pk).update(webhook_id=webhook, webhook_missed=missed)

    assert sentence in words(host.get("/nuki-accounts"))
