"""Backup codes: on the doors beforehand, handed out where a guest's own code does not open."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread

import pytest
import time_machine
from django.core import mail
from django.db import connections
from pytest_django import DjangoCaptureOnCommitCallbacks

from access import diagnosis, help_queries, messages, spare_queries, spare_rules, spares, stays, tasks
from access.diagnosis import Way
from access.models import (
    Activity,
    Alert,
    AlertKind,
    AuditEntry,
    AuditKind,
    Grant,
    Message,
    MessageKind,
    Spare,
    Stay,
    WhyHandedOut,
)
from access.spare_rules import LASTS, RENEWED_BEFORE, Kept, Plan
from nuki_gateway.simulator import Simulator
from properties import nuki_accounts, tenancy
from properties.models import Door, Property
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import CODE, MONDAY_NOON, Business, grant_on

FLAT, FRONT = "Flat 1", "Front door"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = MONDAY_NOON


def tick(timeline: Timeline) -> None:
    """What the tick of backup codes rings for, done at once."""
    with tenancy.across_organizations(because="the tick looks at everybody's doors"):
        late = list(Stay.objects.filter(pk__in=spare_queries.not_ready_in_time(timeline.now, 100)))
        doors = list(Door.objects.filter(pk__in=spare_queries.doors_to_stock(timeline.now, 100)))
    for stay in late:
        with tenancy.within(stay.organization):
            spares.hand_out_in_time(stay=stay, now=timeline.now)
    for door in doors:
        with tenancy.within(door.organization):
            spares.stock(door=door, now=timeline.now)


def keep(count: int, timeline: Timeline, *doors: str) -> None:
    """Have so many backup codes on these doors, or on all, and confirmed."""
    Property.objects.update(backup_codes=count)
    if doors:
        Door.objects.exclude(name__in=doors).update(has_backup_codes=False)
    tick(timeline)
    timeline.pass_seconds(90)


def ready_at(business: Business, door: str, timeline: Timeline) -> list[Spare]:
    return list(spare_queries.ready([business.doors[door].pk], timeline.now).select_related("grant"))


def found_at(stay: Stay, door: str, timeline: Timeline) -> diagnosis.Diagnosis:
    grant = help_queries.grant_at(stay, grant_on(stay, door).pk)
    assert grant is not None
    return diagnosis.diagnose(help_queries.facts_of(grant, stay, timeline.now), timeline.now)


def ask(stay: Stay, door: str, timeline: Timeline) -> Spare:
    """What the button on the guest's page does."""
    found = found_at(stay, door, timeline)
    return spares.hand_out_to_guest(grant=grant_on(stay, door), found=found, now=timeline.now)


def offline(business: Business, door: str, simulator: Simulator, timeline: Timeline) -> None:
    simulator.take_offline(business.locks[door].smartlock_id)
    nuki_accounts.refresh(account=business.account, now=timeline.now)


def told() -> list[Message]:
    return list(Message.objects.filter(kind=MessageKind.BACKUP_CODE).order_by("pk"))


def letters() -> list[str]:
    return [str(letter.body) for letter in mail.outbox if "backup code" in letter.subject]


def test_each_door_with_a_keypad_has_as_many_as_its_property_says(
    alice: Business, timeline: Timeline
) -> None:
    keep(2, timeline)

    counts = {door: len(alice.codes_on(door)) for door in (FRONT, FLAT, "Flat 2", "Cellar")}
    assert counts == {FRONT: 2, FLAT: 2, "Flat 2": 2, "Cellar": 0}
    assert [len(ready_at(alice, door, timeline)) for door in counts] == [2, 2, 2, 0]
    spare = ready_at(alice, FLAT, timeline)[0]
    assert spare.good_until == NOW + LASTS
    assert alice.opens(FLAT, spare.grant.code)
    assert Message.objects.count() == 0


def test_a_door_may_have_none_and_none_are_kept_where_nobody_asked_for_them(
    alice: Business, timeline: Timeline
) -> None:
    tick(timeline)
    before = Spare.objects.count()
    keep(1, timeline, FLAT)
    one = {door: len(alice.codes_on(door)) for door in (FRONT, FLAT)}
    Property.objects.update(backup_codes=0)
    tick(timeline)
    timeline.pass_seconds(120)

    assert before == 0
    assert one == {FRONT: 0, FLAT: 1}
    assert alice.codes_on(FLAT) == []
    assert not Grant.objects.filter(closed_at=None).exists()


def test_the_tick_settles(alice: Business, timeline: Timeline) -> None:
    keep(1, timeline)

    with tenancy.across_organizations(because="the tick looks at everybody's doors"):
        due = spare_queries.doors_to_stock(timeline.now, 100)

    assert due == []
    assert alice.codes_on(FLAT) != alice.codes_on(FRONT)


def test_the_ticks_ring_for_late_guests_and_for_doors_that_lack_some(
    alice: Business,
    timeline: Timeline,
    simulator: Simulator,
    rings: Rings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    keep(1, timeline, FLAT)
    offline(alice, FLAT, simulator, timeline)
    late = alice.book(now=timeline.now, starts_at=timeline.now + HOUR, ends_at=timeline.now + 2 * DAY)
    alice.book(now=timeline.now, unit="Flat 2", ends_at=timeline.now + 2 * DAY)
    timeline.pass_time(20 * MINUTE)
    Door.objects.filter(name="Flat 2").update(has_backup_codes=True)
    rings.sent.clear()

    with (
        time_machine.travel(timeline.now, tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        tasks.ring_late_guests()
        tasks.ring_doors_to_stock()

    assert [(name, words) for name, words, _ in rings.sent] == [
        ("access.tasks.help_in_time", {"stay_id": late.pk}),
        ("access.tasks.stock_door", {"door_id": alice.doors["Flat 2"].pk}),
    ]


def test_a_code_that_the_lock_lost_is_no_dead_end(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    keep(1, timeline, FLAT)
    stay = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(90)
    simulator.in_the_app(alice.locks[FLAT].smartlock_id).delete(grant_on(stay, FLAT).label)
    assert not alice.opens(FLAT, CODE)
    timeline.pass_seconds(20)
    alice.read_log(now=timeline.now)

    found = found_at(stay, FLAT, timeline)
    spare = ask(stay, FLAT, timeline)
    again = ask(stay, FLAT, timeline)
    opened = alice.opens(FLAT, spare.grant.code)
    timeline.pass_seconds(60)
    alice.read_log(now=timeline.now)

    assert Way.BACKUP_CODE in found.ways
    assert opened
    assert again == spare
    openings = Activity.objects.filter(kind="opened", smart_lock=alice.locks[FLAT])
    assert [one.grant for one in openings] == [grant_on(stay, FLAT)]
    assert AuditEntry.objects.filter(kind=AuditKind.BACKUP_TAKEN).count() == 1
    assert Alert.objects.get(kind=AlertKind.BACKUP_HANDED_OUT).stay == stay
    assert len(told()) == len(letters()) == 1
    assert "38 41 74" in letters()[0]  # it opens the front door


def test_the_tick_helps_whoever_arrives_at_a_lock_that_did_not_take_the_code(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    keep(1, timeline)
    offline(alice, FLAT, simulator, timeline)
    stay = alice.book(now=timeline.now, starts_at=timeline.now + 3 * HOUR, code=CODE)
    timeline.pass_time(2 * HOUR - 2 * MINUTE)
    tick(timeline)
    early = Spare.objects.exclude(handed_to=None).count()
    timeline.pass_time(3 * MINUTE)
    for _ in range(3):
        tick(timeline)
    timeline.pass_time(HOUR)

    handed = Spare.objects.select_related("grant").get(handed_to=grant_on(stay, FLAT))
    assert early == 0
    assert handed.why == WhyHandedOut.NOT_CONFIRMED
    assert not Spare.objects.filter(handed_to=grant_on(stay, FRONT)).exists()
    assert not alice.opens(FLAT, CODE)
    assert alice.opens(FLAT, handed.grant.code)
    (letter,) = letters()
    code = handed.grant.code
    assert f"{FLAT}: {code[:2]} {code[2:4]} {code[4:]}" in letter
    assert "Your own code opens the other doors:" in letter
    assert "38 41 74" in letter
    assert f"{FRONT}:" not in letter


def test_who_was_booked_a_moment_ago_waits_for_their_own_code(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    keep(1, timeline)
    offline(alice, FLAT, simulator, timeline)
    stay = alice.book(now=timeline.now)
    tick(timeline)
    at_once = len(told())
    timeline.pass_time(11 * MINUTE)
    tick(timeline)

    assert at_once == 0
    assert Spare.objects.get(handed_to__isnull=False).handed_to == grant_on(stay, FLAT)


def test_two_guests_at_once_get_different_ones_and_the_third_none(
    alice: Business, timeline: Timeline
) -> None:
    keep(2, timeline, FRONT)
    found = diagnosis.Diagnosis(diagnosis.Cause.MISTYPED, (Way.BACKUP_CODE,))
    booked = [alice.book(now=timeline.now, unit=unit) for unit in ("Flat 1", "Flat 2", "Cellar")]

    first, second = (
        spares.hand_out_to_guest(grant=grant_on(stay, FRONT), found=found, now=timeline.now)
        for stay in booked[:2]
    )
    with pytest.raises(spares.NoSpareIsReady):
        spares.hand_out_to_guest(grant=grant_on(booked[2], FRONT), found=found, now=timeline.now)

    assert first != second
    assert {first.handed_to, second.handed_to} == {grant_on(stay, FRONT) for stay in booked[:2]}
    assert len(told()) == 2
    assert not Spare.objects.filter(handed_to=grant_on(booked[2], FRONT)).exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_one_never_goes_to_two_who_ask_at_the_same_moment(
    alice: Business, timeline: Timeline
) -> None:
    keep(1, timeline, FRONT)
    found = diagnosis.Diagnosis(diagnosis.Cause.MISTYPED, (Way.BACKUP_CODE,))
    grants = [grant_on(alice.book(now=timeline.now, unit=unit), FRONT) for unit in ("Flat 1", "Flat 2")]
    got: list[Spare | str] = []

    def asking(grant: Grant) -> Callable[[], None]:
        def ask_once() -> None:
            try:
                with tenancy.within(alice.organization):
                    got.append(spares.hand_out_to_guest(grant=grant, found=found, now=timeline.now))
            except spares.NoSpareIsReady:
                got.append("none")
            finally:
                connections.close_all()

        return ask_once

    threads = [Thread(target=asking(grant)) for grant in grants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(isinstance(one, Spare) for one in got) == [False, True]
    assert Spare.objects.exclude(handed_to=None).count() == 1


def test_another_one_follows_and_what_was_handed_out_ends_with_the_stay(
    alice: Business, timeline: Timeline
) -> None:
    keep(1, timeline, FLAT)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    spare = spares.hand_out(grant=grant_on(stay, FLAT), handed_out_by=alice.owner, now=timeline.now)
    tick(timeline)
    timeline.pass_seconds(120)
    (fresh,) = ready_at(alice, FLAT, timeline)
    spare.grant.refresh_from_db()
    ends_at = spare.grant.allowed_until
    with_both = alice.codes_on(FLAT)
    timeline.skip_to(stay.ends_at + MINUTE)

    assert ends_at == stay.ends_at
    assert len(with_both) == 3
    assert fresh != spare
    assert sum(a != b for a, b in zip(fresh.grant.code, spare.grant.code, strict=True)) >= 2
    assert alice.codes_on(FLAT) == [fresh.grant.code]
    assert Grant.objects.get(pk=spare.grant_id).closed_at is not None
    assert Alert.objects.filter(kind=AlertKind.BACKUP_HANDED_OUT).count() == 0
    entry = AuditEntry.objects.get(kind=AuditKind.BACKUP_HANDED_OUT)
    assert (entry.by, entry.stay, entry.answer) == (alice.owner, stay, "host decided")


def test_a_cancelled_stay_takes_its_backup_code_along_and_the_guest_is_told(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    keep(1, timeline)
    offline(alice, FLAT, simulator, timeline)
    stay = alice.book(now=timeline.now)
    timeline.pass_time(11 * MINUTE)
    tick(timeline)
    timeline.pass_seconds(60)
    spare = Spare.objects.select_related("grant").get(handed_to__isnull=False)
    simulator.bring_online(alice.locks[FLAT].smartlock_id)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(40 * MINUTE)

    assert not alice.opens(FLAT, spare.grant.code)
    assert Spare.objects.get(pk=spare.pk).ended_at is not None
    kinds = [one.kind for one in Message.objects.exclude(sent_at=None).order_by("pk")]
    assert kinds == [MessageKind.BACKUP_CODE, MessageKind.STAY_CANCELLED]


def test_a_message_that_waits_tells_of_the_second_door_too(alice: Business, timeline: Timeline) -> None:
    keep(1, timeline, FLAT, FRONT)
    stay = alice.book(now=timeline.now)
    for door in (FRONT, FLAT):
        spares.hand_out(grant=grant_on(stay, door), handed_out_by=alice.owner, now=timeline.now)
    (message,) = told()
    messages.send(message, now=timeline.now)

    (letter,) = letters()
    assert f"{FRONT}: " in letter
    assert f"{FLAT}: " in letter
    assert "Your own code opens the other doors" not in letter
    assert Message.objects.get(pk=message.pk).told_code == ""
    assert not messages.was_told(stay.pk)


def test_a_longer_stay_keeps_its_backup_code_longer_and_a_new_code_takes_it_back(
    alice: Business, timeline: Timeline
) -> None:
    keep(1, timeline, FLAT)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    spare = spares.hand_out(grant=grant_on(stay, FLAT), handed_out_by=alice.owner, now=timeline.now)

    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + DAY,
        changed_by=alice.owner,
        now=timeline.now,
    )
    ends_at = Grant.objects.get(pk=spare.grant_id).allowed_until
    stays.renew_code(stay=stay, renewed_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(120)

    assert ends_at == stay.ends_at + DAY
    assert not alice.opens(FLAT, spare.grant.code)


def test_who_has_another_way_in_or_no_time_there_gets_none(alice: Business, timeline: Timeline) -> None:
    keep(1, timeline, FLAT)
    stay = alice.book(now=timeline.now, starts_at=timeline.now + 3 * DAY, ends_at=timeline.now + 5 * DAY)
    grant = grant_on(stay, FLAT)
    helps = diagnosis.Diagnosis(diagnosis.Cause.MISTYPED, (Way.BACKUP_CODE,))
    other = diagnosis.Diagnosis(diagnosis.Cause.IN_ORDER, (Way.KEY_IT_IN,))

    with pytest.raises(spares.IsNotOffered):
        spares.hand_out_to_guest(grant=grant, found=helps, now=timeline.now)
    with pytest.raises(spares.StayIsNotNow):
        spares.hand_out(grant=grant, handed_out_by=alice.owner, now=timeline.now)
    timeline.skip_to(stay.starts_at)
    with pytest.raises(spares.IsNotOffered):
        spares.hand_out_to_guest(grant=grant, found=other, now=timeline.now)

    assert told() == []
    assert not Spare.objects.exclude(handed_to=None).exists()


def test_a_lock_that_is_nearly_full_gets_none_and_a_guest_goes_first(
    alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(1, timeline, FLAT)
    spare = ready_at(alice, FLAT, timeline)[0]
    monkeypatch.setattr("access.capacity.places_of", lambda _: 1)

    stay = alice.book(now=timeline.now, code=CODE)
    timeline.pass_time(6 * MINUTE)
    tick(timeline)

    assert alice.codes_on(FLAT) == [CODE]
    assert grant_on(stay, FLAT).confirmed_at is not None
    assert Spare.objects.get(pk=spare.pk).ended_at is not None
    assert not spare_queries.waiting().exists()


def test_nobody_is_named_for_one_that_nobody_has(alice: Business, timeline: Timeline) -> None:
    keep(1, timeline, FLAT)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    (spare,) = ready_at(alice, FLAT, timeline)

    alice.opens(FLAT, spare.grant.code)
    timeline.pass_seconds(30)
    alice.read_log(now=timeline.now)

    assert Activity.objects.get(kind="opened").grant is None
    assert not Spare.objects.filter(handed_to__stay=stay).exists()


def test_where_the_keypad_is_lost_the_guest_is_invited_and_no_backup_code_stays_wanted(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    keep(1, timeline, FLAT)
    starts_at = timeline.now + 23 * HOUR
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.pass_seconds(90)
    spares.hand_out(grant=grant_on(stay, FLAT), handed_out_by=alice.owner, now=timeline.now)
    simulator.script.unpair_keypad(alice.locks[FLAT].smartlock_id)

    timeline.pass_time(14 * HOUR)  # more than one sweep
    tick(timeline)

    assert [one.email for one in simulator.invites] == [stay.guest.email]
    assert not spare_queries.waiting().exists()


def test_each_business_keeps_its_own(alice: Business, charlie: Business, timeline: Timeline) -> None:
    keep(1, timeline, FLAT)
    assert alice.codes_on(FLAT)

    with tenancy.within(charlie.organization):
        theirs = Spare.objects.count()

    assert theirs == 0
    assert Spare.objects.count() == 1


LASTING, ENDING, OVER = NOW + 20 * DAY, NOW + RENEWED_BEFORE, NOW


@pytest.mark.parametrize(
    ("kept", "wanted", "has_room", "plan"),
    [
        pytest.param([], 1, True, Plan(1, []), id="none yet"),
        pytest.param([], 1, False, Plan(0, []), id="no room"),
        pytest.param([(1, LASTING, False, True)], 1, True, Plan(0, []), id="one is on its way"),
        pytest.param(
            [(1, ENDING, True, True)], 1, True, Plan(1, []), id="one ends soon, and stays until then"
        ),
        pytest.param(
            [(1, ENDING, True, True), (2, LASTING, False, True)],
            1,
            True,
            Plan(0, []),
            id="the next one comes",
        ),
        pytest.param(
            [(1, ENDING, True, True), (2, LASTING, True, True)],
            1,
            True,
            Plan(0, [1]),
            id="the next one is there",
        ),
        pytest.param([(1, OVER, True, True)], 1, False, Plan(0, [1]), id="one is over"),
        pytest.param([(1, LASTING, True, False)], 1, True, Plan(1, [1]), id="the door has another lock"),
        pytest.param([(1, LASTING, True, True)], 0, False, Plan(0, [1]), id="none is wanted any more"),
        pytest.param(
            [(1, LASTING, True, True), (2, LASTING, True, True)],
            1,
            True,
            Plan(0, [1]),
            id="one is wanted less",
        ),
    ],
)
def test_a_door_keeps_what_lasts(
    kept: list[tuple[int, datetime, bool, bool]],
    wanted: int,
    has_room: bool,  # noqa: FBT001  a value of the table
    plan: Plan,
) -> None:
    found = [Kept(key, until, is_ready, is_here) for key, until, is_ready, is_here in kept]

    assert spare_rules.plan(found, wanted=wanted, has_room=has_room, now=NOW) == plan
