"""The pages about API keys: a list, a form, a key that is shown once, and its end."""

import re
from datetime import timedelta

import pytest

from nuki_gateway.simulator import TurnedClock
from properties import api_keys
from properties.models import ApiKey
from properties.roles import Role
from tests.properties.teams import works_for
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import PASSWORD, Business

MAKE = "/settings/api-keys/make"
WANTED = {"name": "PMS", "scopes": ["read", "stays"], "lasts": "90"}
KEY = re.compile(r"kt_[0-9a-f]{48}")


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    """Alice, who has shown a moment ago who she is."""
    visitor = signed_in(alice, clock)
    visitor.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return visitor


def test_a_key_is_shown_once_and_then_only_how_it_begins(host: Visitor, clock: TurnedClock) -> None:
    empty, form = host.get("/settings/api-keys"), host.get(MAKE)

    made = host.post(MAKE, WANTED)
    listed = host.get("/settings/api-keys")

    for page in (empty, form, made, listed):
        check_page(page)
    text = KEY.search(made.content.decode())
    assert text is not None
    key = ApiKey.objects.get()
    assert (key.scopes, key.expires_at) == (["read", "stays"], clock.now() + timedelta(days=90))
    assert "no-store" in made.headers["Cache-Control"]
    assert "There is none." in words(empty)
    assert KEY.search(listed.content.decode()) is None
    assert f"{key.prefix}…" in words(listed)
    assert "May read, change stays" in words(listed)
    assert "Not used yet" in words(listed)


def test_whoever_is_there_has_to_show_it_before_a_key_is_made(alice: Business, clock: TurnedClock) -> None:
    visitor = signed_in(alice, clock)

    first = visitor.post(MAKE, WANTED)
    before = ApiKey.objects.count()
    answer = visitor.post(first.headers["Location"], {"password": PASSWORD, "next": MAKE})

    assert first.headers["Location"].startswith("/accounts/reauthenticate/")
    assert before == 0
    assert ApiKey.objects.get().name == "PMS"
    assert KEY.search(answer.content.decode()) is not None


def test_a_second_press_makes_no_second_key(host: Visitor) -> None:
    host.post(MAKE, WANTED)

    again = host.post(MAKE, WANTED)

    assert "Another key has this name." in words(again)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 51},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"lasts": "9999"},
    ],
)
def test_what_cannot_be_is_said_at_its_field(host: Visitor, wrong: dict[str, object]) -> None:
    answer = host.post(MAKE, WANTED | wrong)

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_may_be_for_some_properties_and_then_looks_after_no_keys(
    host: Visitor, alice: Business
) -> None:
    only = {"properties": [alice.house.pk]}

    refused = host.post(MAKE, WANTED | only | {"scopes": ["read", "admin"]})
    host.post(MAKE, WANTED | only)

    assert "A key for some properties cannot look after keys." in words(refused)
    assert ApiKey.objects.get().property_ids == [alice.house.pk]
    assert "Only in House" in words(host.get("/settings/api-keys"))


def test_a_key_is_revoked_after_saying_what_that_does(host: Visitor) -> None:
    host.post(MAKE, WANTED | {"lasts": "never"})
    path = f"/settings/api-keys/{ApiKey.objects.get().pk}/revoke"

    asked, done = host.get(path), host.post(path)

    check_page(asked)
    assert "Revoke the API key “PMS”?" in words(asked)
    assert (done.status_code, done.headers["Location"]) == (302, "/settings/api-keys")
    assert ApiKey.objects.get().revoked_at is not None
    assert "There is none." in words(host.get("/settings/api-keys"))
    history = words(host.get("/team"))
    assert "alice@harbour.example made the API key “PMS”" in history
    assert "alice@harbour.example revoked the API key “PMS”" in history


@pytest.mark.parametrize(
    ("role", "is_offered"), [(Role.MANAGER, True), (Role.STAFF, False), (Role.VIEWER, False)]
)
def test_only_who_may_manage_keys_is_offered_them(
    alice: Business,
    clock: TurnedClock,
    role: Role,
    is_offered: bool,  # noqa: FBT001  a column of the table
) -> None:
    visitor = with_role(alice, clock, role)

    assert ("/settings/api-keys" in visitor.get("/settings").content.decode()) == is_offered
    assert visitor.get("/settings/api-keys").status_code == (200 if is_offered else 403)
    assert visitor.post(MAKE, WANTED).status_code == (302 if is_offered else 403)
    assert not ApiKey.objects.exists()


def test_removing_somebody_says_which_keys_they_leave_behind(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    bob = works_for(alice, "bob@harbour.example", Role.MANAGER, name="Bob Berger")
    before = words(host.get(f"/team/{bob.pk}/remove"))
    theirs = Visitor(clock).sign_in(bob.user)
    theirs.post("/accounts/reauthenticate/", {"password": PASSWORD})
    theirs.post(MAKE, WANTED)

    after = words(host.get(f"/team/{bob.pk}/remove"))

    assert "API key" not in before
    assert "Bob Berger made an API key, which goes on working." in after


def test_the_api_is_tried_with_a_key_that_reads_for_an_hour_and_replaces_the_one_before(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    first = host.post("/settings/api-keys/try")
    clock.turn(seconds=60)
    second = host.post("/settings/api-keys/try")

    ended, standing = ApiKey.objects.order_by("pk")
    leads_to = [answer.headers["Location"] for answer in (first, second)]
    assert all(re.fullmatch(r"/api/docs#key=kt_[0-9a-f]{48}", place) for place in leads_to)
    assert leads_to[0] != leads_to[1]
    assert "no-store" in first.headers["Cache-Control"]
    assert ended.revoked_at == clock.now()
    assert (standing.scopes, standing.expires_at) == (["read"], clock.now() + timedelta(hours=1))
    assert (standing.revoked_at, standing.made_by) == (None, alice.owner)


def test_nothing_is_tried_where_there_are_as_many_keys_as_may_be(
    host: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "MOST_KEYS", 0)

    answer = host.post("/settings/api-keys/try")

    assert answer.headers["Location"] == "/settings/api-keys"
    assert "Revoke one first." in words(host.get("/settings/api-keys"))
    assert not ApiKey.objects.exists()
