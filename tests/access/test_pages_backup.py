"""Backup codes on pages: the guest's button, what hosts see and hand out, and what both may not see."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import guest_links
from access.models import AuditEntry, AuditKind, Message, MessageKind, Spare, Stay
from nuki_gateway.simulator import Simulator, TurnedClock
from properties.models import Door, Property
from properties.roles import Role
from tests.access.test_pages_door_help import ask, door_of, review, take_offline
from tests.access.test_pages_welcome import MOST_QUERIES, check_guest_page, path_of
from tests.access.test_spares import FLAT, FRONT, keep, ready_at, tick
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import CODE, Business, grant_on

GROUPED = "38 41 74"


@pytest.fixture
def guest(clock: TurnedClock) -> Visitor:
    """Somebody with a telephone, who is signed in nowhere."""
    return Visitor(clock)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def stay(alice: Business, timeline: Timeline, simulator: Simulator) -> Stay:
    """Somebody arrives at a lock that is out of reach, on which a backup code is."""
    keep(1, timeline)
    take_offline(alice, simulator, timeline)
    booked = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    return booked


def digits_of(stay: Stay, door: str = FLAT) -> str:
    code = Spare.objects.select_related("grant").get(handed_to=grant_on(stay, door)).grant.code
    return f"{code[:2]} {code[2:4]} {code[4:]}"


def offered(stay: Stay, door: str = FLAT) -> str:
    return f"/stays/{stay.pk}/doors/{grant_on(stay, door).pk}/backup"


def test_a_guest_whose_code_is_not_on_the_door_gets_another_one_with_a_tap(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    path = door_of(stay, clock)
    unasked = words(guest.get(path))
    asked = words(ask(guest, path))
    first, second = guest.post(f"{path}/backup"), guest.post(f"{path}/backup")
    afterwards = guest.get(path)
    stay_page = guest.get(path_of(stay, clock))

    digits = digits_of(stay)
    assert "Get a backup code" not in unasked
    assert "Use a backup code. It is on the lock already." in asked
    assert "Get a backup code" in asked
    assert f"Your backup code for this door {digits}" in words(first)
    assert words(second) == words(first)
    assert alice.opens(FLAT, digits.replace(" ", ""))
    assert "Show my backup code" in words(afterwards)
    assert "You have a backup code for Flat 1." in words(stay_page)
    assert "Your own code opens the other doors." in words(stay_page)
    assert "Show my backup code (Flat 1)" in words(stay_page)
    assert not any(digits in page.content.decode() for page in (afterwards, stay_page))
    assert GROUPED in words(guest.post(f"{path_of(stay, clock)}/code"))
    for page in (first, afterwards, stay_page):
        check_guest_page(page)
    assert AuditEntry.objects.filter(kind=AuditKind.BACKUP_TAKEN).count() == 1
    assert Message.objects.filter(kind=MessageKind.BACKUP_CODE).count() == 1


def test_a_door_that_opens_gives_none_nor_does_a_look_nor_another_s_link(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, timeline: Timeline
) -> None:
    front, flat = door_of(stay, clock, FRONT), door_of(stay, clock)
    other = alice.book(now=timeline.now, unit="Flat 2")
    link = guest_links.needed_for(other, now=timeline.now)
    assert link is not None
    strangers = f"/g/{guest_links.token(link)}/doors/{grant_on(stay, FLAT).pk}/backup"

    refused = guest.post(f"{front}/backup")
    statuses = [guest.get(f"{flat}/backup").status_code, guest.post(strangers).status_code]

    assert refused.status_code == 409
    assert "There is no backup code for this door now. Call your host." in words(refused)
    assert statuses == [405, 404]
    assert not Spare.objects.exclude(handed_to=None).exists()
    assert not Message.objects.filter(kind=MessageKind.BACKUP_CODE).exists()


def test_the_page_of_a_door_asks_the_database_as_often_with_a_backup_code_as_without(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    path = door_of(stay, clock)

    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            guest.get(path)
        return len(made)

    before = asked()
    guest.post(f"{path}/backup")

    assert before == asked() <= MOST_QUERIES


def test_a_host_hands_one_out_sees_how_far_it_is_and_looks_at_it(
    host: Visitor, stay: Stay, timeline: Timeline
) -> None:
    offer = words(host.get(f"/stays/{stay.pk}"))
    answer = host.post(offered(stay))
    again = host.post(offered(stay))
    timeline.pass_seconds(60)
    page = host.get(f"/stays/{stay.pk}")
    shown = host.post(f"{offered(stay)}/code")

    assert "Hand out a backup code for Flat 1" in offer
    assert (answer.status_code, again.status_code) == (302, 302)
    text = words(page)
    assert "Flat 1 A host handed it out. Handed out" in text
    assert "Hand out a backup code for Flat 1" not in text
    assert "Hand out a backup code for Front door" in text
    assert "“Your backup code” sent" in text
    assert "Backup code for Flat 1 handed out by Alice" in text or "handed out by" in text
    rungs = [(rung.word, rung.reached) for rung in page.context["view"].backup.lines[0].ladder]
    assert rungs == [
        ("On the lock", True),
        ("Handed out", True),
        ("Guest told", True),
        ("Ends with the stay", False),
        ("Used", False),
    ]
    assert digits_of(stay) not in page.content.decode()
    assert digits_of(stay) in shown.content.decode()
    check_page(page)
    check_page(shown)
    assert AuditEntry.objects.filter(kind=AuditKind.CODE_REVEALED).count() == 1
    assert Spare.objects.exclude(handed_to=None).count() == 1


def test_who_only_looks_hands_out_nothing_and_sees_no_digits(
    alice: Business, host: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    bob = with_role(alice, clock, Role.VIEWER)
    page = words(bob.get(f"/stays/{stay.pk}"))
    refused = bob.post(offered(stay)).status_code
    host.post(offered(stay))
    after = words(bob.get(f"/stays/{stay.pk}"))
    hidden = bob.post(f"{offered(stay)}/code").status_code

    assert "Hand out a backup code" not in page
    assert "Show backup code" not in after
    assert (refused, hidden) == (403, 403)
    assert Spare.objects.exclude(handed_to=None).count() == 1


def test_a_host_is_told_once_that_a_guest_has_one_and_that_none_is_ready(
    host: Visitor, guest: Visitor, stay: Stay, clock: TurnedClock, timeline: Timeline
) -> None:
    guest.post(f"{door_of(stay, clock)}/backup")
    for _ in range(2):
        review(timeline.now)
    alerts = words(host.get("/alerts"))
    other = host.post(f"/stays/{stay.pk}/doors/{grant_on(stay, FRONT).pk}/backup/code")

    assert alerts.count("Ada Vogel got a backup code for Flat 1.") == 1
    assert other.status_code == 302  # the guest has none there


def test_the_page_of_a_door_says_how_many_are_ready_and_never_which(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    keep(2, timeline, FLAT)
    tick(timeline)

    page, other = (host.get(f"/locks/{alice.locks[door].pk}") for door in (FLAT, FRONT))

    assert "Backup codes 2 ready" in words(page)
    assert "Backup codes" not in words(other)
    for spare in ready_at(alice, FLAT, timeline):
        assert spare.grant.code not in page.content.decode()
    check_page(page)


@pytest.mark.parametrize(
    ("typed", "kept"), [("0", 0), ("3", 3), ("", 1), ("4", None), ("x", None)], ids=lambda one: f"{one!r}"
)
def test_a_property_says_how_many_each_door_has(
    host: Visitor, alice: Business, typed: str, kept: int | None
) -> None:
    fields: dict[str, Any] = {
        "name": "Chalet",
        "time_zone": "Europe/Vienna",
        "check_in_time": "15:00",
        "check_out_time": "10:00",
        "grace_minutes": "0",
        "backup_codes": typed,
    }

    host.post("/properties/add", fields)

    made = Property.objects.filter(name="Chalet", organization=alice.organization).first()
    assert (made.backup_codes if made else None) == kept


def test_a_door_has_none_where_the_host_says_so(host: Visitor, alice: Business) -> None:
    door = alice.doors[FLAT]
    fields = {"name": FLAT, "smart_lock": str(door.smart_lock_id)}

    host.post(f"/doors/{door.pk}", fields | {"has_backup_codes": "no"})
    off = Door.objects.get(pk=door.pk).has_backup_codes
    host.post(f"/doors/{door.pk}", fields)
    still = Door.objects.get(pk=door.pk).has_backup_codes
    host.post(f"/doors/{door.pk}", fields | {"has_backup_codes": "yes"})

    assert (off, still, Door.objects.get(pk=door.pk).has_backup_codes) == (False, False, True)
