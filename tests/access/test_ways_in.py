"""Doors and ways in that change while guests are expected: their codes follow."""

from datetime import timedelta

import pytest
from django.core import mail

from access import ways_in
from access.models import AuditEntry, AuditKind, Grant, Stay
from nuki_gateway.simulator import TurnedClock
from properties import places
from properties.models import Door, SmartLock, UnitDoor
from tests.timeline import Timeline
from tests.visitors import signed_in
from tests.worlds import Business, code_of, writes

MINUTES = timedelta(minutes=2)
NAMES = ("Front door", "Flat 1", "Flat 2")


@pytest.fixture
def stay(alice: Business, timeline: Timeline) -> Stay:
    """A guest is in Flat 1, behind the front door, and was told the code."""
    made = alice.book(now=timeline.now)
    timeline.pass_time(MINUTES)
    return made


def opens(alice: Business, stay: Stay) -> list[str]:
    return [name for name in NAMES if alice.opens(name, code_of(stay))]


def lay(alice: Business, timeline: Timeline, *doors: str) -> None:
    ways_in.change_unit(
        unit=alice.flats["Flat 1"],
        name="Flat 1",
        way_in=[alice.doors[name] for name in doors],
        changed_by=alice.owner,
        now=timeline.now,
    )
    timeline.pass_time(MINUTES)


def change_door(alice: Business, timeline: Timeline, name: str, smart_lock: SmartLock | None) -> None:
    ways_in.change_door(
        door=Door.objects.get(pk=alice.doors[name].pk),
        name=name,
        smart_lock=smart_lock,
        changed_by=alice.owner,
        now=timeline.now,
    )
    timeline.pass_time(MINUTES)


def test_a_door_more_on_the_way_in_opens_for_guests_who_were_booked_before(
    alice: Business, timeline: Timeline, stay: Stay
) -> None:
    code = code_of(stay)

    lay(alice, timeline, "Front door", "Flat 2", "Flat 1")

    assert (opens(alice, stay), code_of(stay)) == (["Front door", "Flat 1", "Flat 2"], code)
    assert [letter.subject for letter in mail.outbox][1:] == ["Your stay in Flat 1, House, has changed"]
    assert "2. Flat 2" in str(mail.outbox[1].body)
    assert AuditEntry.objects.filter(kind=AuditKind.STAY_CHANGED, by=alice.owner).count() == 1


def test_a_door_less_on_the_way_in_opens_no_more(alice: Business, timeline: Timeline, stay: Stay) -> None:
    lay(alice, timeline, "Flat 1")

    assert opens(alice, stay) == ["Flat 1"]
    assert alice.codes_on("Front door") == []
    assert len(mail.outbox) == 2


def test_a_unit_that_is_renamed_changes_nothing_on_any_lock(
    alice: Business, timeline: Timeline, stay: Stay
) -> None:
    written = writes(alice.simulator)

    lay(alice, timeline, "Front door", "Flat 1")

    assert (writes(alice.simulator), len(mail.outbox)) == (written, 1)
    assert Stay.objects.get(pk=stay.pk).revision == 1


def test_the_same_doors_in_another_order_are_followed_without_a_word_to_lock_or_guest(
    alice: Business, timeline: Timeline, stay: Stay
) -> None:
    written = writes(alice.simulator)
    before = list(Grant.objects.order_by("pk").values_list("pk", "generation", "due_at"))

    lay(alice, timeline, "Flat 1", "Front door")

    order = Grant.objects.filter(stay=stay).order_by("position").values_list("door__name", flat=True)
    assert list(order) == ["Flat 1", "Front door"]
    assert list(Grant.objects.order_by("pk").values_list("pk", "generation", "due_at")) == before
    assert (writes(alice.simulator), len(mail.outbox)) == (written, 1)
    assert Stay.objects.get(pk=stay.pk).revision == 1


def test_a_guest_who_was_told_nothing_yet_reads_the_doors_in_their_new_order(
    alice: Business, timeline: Timeline
) -> None:
    start = timeline.now + timedelta(days=10)
    alice.book(now=timeline.now, starts_at=start, ends_at=start + timedelta(days=1))
    lay(alice, timeline, "Flat 1", "Front door")

    timeline.skip_to(start)

    letter, reminder = mail.outbox
    text = str(letter.body)
    assert reminder.subject == "Today: your code for Flat 1, House"
    assert 0 < text.index("Flat 1", text.index("1.")) < text.index("Front door")


def test_a_lock_for_a_door_that_had_none_opens_for_guests_who_were_booked_before(
    alice: Business, timeline: Timeline
) -> None:
    lock = alice.locks["Front door"]
    places.take_lock_off(door=alice.doors["Front door"])
    stay = alice.book(now=timeline.now)
    timeline.pass_time(MINUTES)
    before = opens(alice, stay)

    change_door(alice, timeline, "Front door", lock)

    assert (before, opens(alice, stay)) == (["Flat 1"], ["Front door", "Flat 1"])
    assert len(mail.outbox) == 2


def test_another_lock_for_a_door_has_the_code_and_the_old_one_has_it_no_more(
    alice: Business, timeline: Timeline, stay: Stay
) -> None:
    places.take_lock_off(door=alice.doors["Flat 2"])

    change_door(alice, timeline, "Flat 1", alice.locks["Flat 2"])

    assert opens(alice, stay) == ["Front door", "Flat 2"]
    assert alice.codes_on("Flat 1") == []
    assert len(mail.outbox) == 1  # the guest's door and code are the same


def test_a_lock_that_is_taken_off_its_door_loses_the_codes(
    alice: Business, timeline: Timeline, stay: Stay
) -> None:
    change_door(alice, timeline, "Front door", None)

    assert opens(alice, stay) == ["Flat 1"]
    assert alice.codes_on("Front door") == []


def test_a_lock_that_is_on_another_door_by_now_changes_nothing(
    alice: Business, timeline: Timeline, stay: Stay
) -> None:
    with pytest.raises(places.LockIsOnAnotherDoor):
        change_door(alice, timeline, "Flat 1", alice.locks["Flat 2"])

    assert Grant.objects.filter(stay=stay, smart_lock=alice.locks["Flat 1"], is_wanted=True).exists()
    assert Door.objects.get(pk=alice.doors["Flat 1"].pk).smart_lock == alice.locks["Flat 1"]


def test_stays_that_are_over_are_left_as_they_were(alice: Business, timeline: Timeline, stay: Stay) -> None:
    timeline.skip_to(stay.ends_at + timedelta(hours=1))
    mail.outbox.clear()

    lay(alice, timeline, "Front door", "Flat 2", "Flat 1")

    assert (Grant.objects.filter(stay=stay).count(), mail.outbox) == (2, [])


def test_the_pages_have_codes_follow(alice: Business, timeline: Timeline, clock: TurnedClock) -> None:
    host = signed_in(alice, clock)
    stay = alice.book(now=timeline.now)
    doors = [alice.doors[name].pk for name in ("Front door", "Flat 1", "Flat 2")]

    host.post(f"/units/{stay.unit_id}", {"name": "Flat 1", "doors": doors})
    added = set(Grant.objects.filter(stay=stay, is_wanted=True).values_list("door__name", flat=True))
    host.post(f"/doors/{alice.doors['Flat 2'].pk}", {"name": "Flat 2", "smart_lock": ""})

    wanted = Grant.objects.filter(stay=stay, is_wanted=True, closed_at=None)
    assert added == {"Front door", "Flat 1", "Flat 2"}
    assert set(wanted.values_list("door__name", flat=True)) == {"Front door", "Flat 1"}
    assert UnitDoor.objects.filter(unit=stay.unit).count() == 3
