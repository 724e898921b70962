"""The reconciler: what it does when, whom it overtakes, and what it writes down. Judged on the locks."""

from datetime import timedelta

import pytest

from access import leases, reconcile, stays
from access.lifecycle import Step
from access.models import AuditEntry, AuditKind, Grant, Message, MessageKind
from properties.models import SmartLock
from tests.timeline import Timeline
from tests.worlds import Business, code_of, grant_on, writes

WRITTEN = (AuditKind.WRITE_INTENDED, AuditKind.WRITE_ANSWERED)


def test_a_code_is_gone_from_every_lock_after_cancelling(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(180)

    assert (alice.codes_on("Front door"), alice.codes_on("Flat 1")) == ([], [])
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_during_the_push_leaves_nothing_behind(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    alice.meanwhile(lambda: stays.cancel(stay=stay, cancelled_by=None, now=timeline.now))

    timeline.pass_time(timedelta(minutes=5))

    assert (alice.codes_on("Front door"), alice.codes_on("Flat 1")) == ([], [])
    assert not Message.objects.filter(stay=stay).exists()
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_during_the_push_ends_with_the_new_window_on_the_lock(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    longer = stay.ends_at + timedelta(days=1)
    alice.meanwhile(
        lambda: stays.change(
            stay=stay,
            unit=stay.unit,
            starts_at=stay.starts_at,
            ends_at=longer,
            changed_by=None,
            now=timeline.now,
        )
    )

    timeline.pass_time(timedelta(minutes=5))

    windows = {
        entry.allowed_until
        for door in ("Front door", "Flat 1")
        for entry in alice.simulator.codes_on(alice.locks[door].smartlock_id)
    }
    assert windows == {longer}
    assert Message.objects.filter(stay=stay, sent_at__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "as_recorded",
    [
        pytest.param({}, id="confirmed"),
        pytest.param({"confirmed_at": None}, id="about to be confirmed"),
    ],
)
def test_a_change_during_the_write_of_another_code_of_the_look_is_not_overwritten(
    alice: Business, timeline: Timeline, as_recorded: dict[str, None]
) -> None:
    later = timeline.now + timedelta(days=1)
    stay = alice.book(now=timeline.now, starts_at=later, ends_at=later + timedelta(days=1))
    timeline.pass_seconds(120)
    alice.book(now=timeline.now, unit="Flat 2")
    front, longer = grant_on(stay, "Front door"), stay.ends_at + timedelta(days=1)
    Grant.objects.filter(pk=front.pk).update(due_at=timeline.now, **as_recorded)
    alice.meanwhile(
        lambda: stays.change(
            stay=stay,
            unit=stay.unit,
            starts_at=stay.starts_at,
            ends_at=longer,
            changed_by=None,
            now=timeline.now,
        )
    )

    timeline.look_at(front.smart_lock_id)
    unproven = Grant.objects.get(pk=front.pk).confirmed_at
    timeline.pass_time(timedelta(minutes=5))

    on_the_lock = alice.simulator.codes_on(alice.locks["Front door"].smartlock_id)
    assert unproven is None
    assert [one.allowed_until for one in on_the_lock if one.name == front.label] == [longer]


def test_a_code_is_taken_away_at_checkout_without_anybody_asking(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    timeline.skip_to(stay.ends_at)
    timeline.pass_seconds(60)

    assert (alice.codes_on("Front door"), alice.codes_on("Flat 1")) == ([], [])
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


def test_a_far_stay_goes_on_the_lock_three_days_before(alice: Business, timeline: Timeline) -> None:
    starts_at = timeline.now + timedelta(days=10)
    alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))

    timeline.skip_to(starts_at - timedelta(hours=72, minutes=10))
    before = alice.codes_on("Flat 1")
    timeline.pass_time(timedelta(minutes=15))

    assert before == []
    assert len(alice.codes_on("Flat 1")) == 1


def test_a_worker_that_finds_the_lock_held_does_nothing(alice: Business, timeline: Timeline) -> None:
    alice.book(now=timeline.now)
    lock = alice.locks["Flat 1"]
    leases.take(lock, now=timeline.now)
    calls = len(alice.simulator.calls)

    timeline.look_at(lock.pk)

    assert len(alice.simulator.calls) == calls


def test_a_worker_that_died_costs_one_lease(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    leases.take(alice.locks["Flat 1"], now=timeline.now)

    timeline.pass_time(leases.LEASE + timedelta(seconds=60))

    assert alice.codes_on("Flat 1") == [code_of(stay)]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_lease_writes_nothing_more(alice: Business, timeline: Timeline) -> None:
    alice.book(now=timeline.now, unit="Flat 1")
    later = timeline.now + timedelta(days=3)
    alice.book(now=timeline.now, unit="Flat 2", starts_at=later, ends_at=later + timedelta(days=1))
    Grant.objects.update(due_at=timeline.now)
    front = alice.locks["Front door"]

    def take_over() -> None:
        SmartLock.objects.filter(pk=front.pk).update(leased_until=timeline.now)
        leases.take(front, now=timeline.now)

    alice.meanwhile(take_over)
    timeline.look_at(front.pk)

    assert writes(alice.simulator)["PUT"] == 1


def test_each_write_has_an_intent_before_it_and_one_answer(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)
    timeline.pass_seconds(180)

    intents = AuditEntry.objects.filter(kind=AuditKind.WRITE_INTENDED, stay=stay)
    answers = AuditEntry.objects.filter(kind=AuditKind.WRITE_ANSWERED, stay=stay)

    made = writes(alice.simulator)
    assert intents.count() == made["PUT"] + made["DELETE"] == 4
    assert sorted(answers.values_list("intent_id", flat=True)) == sorted(intents.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_intent_of_a_write_stands_in_the_audit_before_its_answer(
    alice: Business, timeline: Timeline, method: str
) -> None:
    stay, seen = alice.book(now=timeline.now), list[tuple[str, int]]()
    if method == "DELETE":
        timeline.pass_seconds(120)
        stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)
    step = Step.PUSH if method == "PUT" else Step.REVOKE

    def count() -> None:
        about = AuditEntry.objects.filter(stay=stay, grant=grant_on(stay, "Flat 1"), step=step)
        seen.extend((kind, about.filter(kind=kind).count()) for kind in WRITTEN)

    alice.meanwhile(count)
    timeline.look_at(alice.locks["Flat 1"].pk)

    assert seen == [(AuditKind.WRITE_INTENDED, 1), (AuditKind.WRITE_ANSWERED, 0)]


def test_a_quiet_stay_costs_few_calls(alice: Business, timeline: Timeline) -> None:
    before = len(alice.simulator.calls)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    timeline.skip_to(stay.ends_at)
    timeline.pass_seconds(60)

    flat = alice.locks["Flat 1"].smartlock_id
    resyncs = 2 * 24 // 6
    calls = [call for call in alice.simulator.calls[before:] if f"/{flat}/" in call.path]
    assert len(calls) <= 9 + resyncs


def test_a_change_of_the_window_is_told_once_and_keeps_the_code(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)

    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + timedelta(hours=3),
        changed_by=alice.owner,
        now=timeline.now,
    )
    timeline.pass_seconds(120)

    assert code_of(stay) == code
    assert list(Message.objects.filter(stay=stay).order_by("pk").values_list("kind", "revision")) == [
        (MessageKind.ACCESS_READY, 1),
        (MessageKind.ACCESS_CHANGED, 2),
    ]


def test_a_move_takes_the_code_off_the_old_door_and_puts_it_on_the_new_one(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)

    stays.change(
        stay=stay,
        unit=alice.flats["Flat 2"],
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        changed_by=alice.owner,
        now=timeline.now,
    )
    timeline.pass_seconds(180)

    assert [alice.codes_on(door) for door in ("Front door", "Flat 1", "Flat 2")] == [[code], [], [code]]


def test_a_stay_that_moves_away_and_back_has_its_code_once(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    for unit in ("Flat 2", "Flat 1"):
        stays.change(
            stay=stay,
            unit=alice.flats[unit],
            starts_at=stay.starts_at,
            ends_at=stay.ends_at,
            changed_by=alice.owner,
            now=timeline.now,
        )
        timeline.pass_seconds(2)
    timeline.pass_time(timedelta(minutes=5))

    code = code_of(stay)
    assert [alice.codes_on(door) for door in ("Front door", "Flat 1", "Flat 2")] == [[code], [code], []]


def test_a_look_that_takes_too_long_leaves_the_rest_for_the_next_one(
    alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timeline.now + timedelta(days=2)
    alice.book(now=timeline.now)
    alice.book(now=timeline.now, unit="Flat 2", starts_at=later, ends_at=later + timedelta(days=1))
    monkeypatch.setattr(reconcile, "LONGEST_PASS", -1.0)

    timeline.look_at(alice.locks["Front door"].pk)
    before = writes(alice.simulator)["PUT"]
    monkeypatch.undo()
    timeline.look_at(alice.locks["Front door"].pk)

    assert (before, writes(alice.simulator)["PUT"]) == (0, 2)
