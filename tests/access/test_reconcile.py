"""The reconciler against locks that do not agree with it, judged on the locks."""

from collections import Counter
from datetime import timedelta

import pytest

from access import leases, reconcile, stays
from access.lifecycle import Step
from access.models import AuditEntry, AuditKind, Grant, Message, MessageKind, Problem, Stay
from nuki_gateway.simulator import OfflineWrites, Simulator
from properties.models import NukiAccount, SmartLock
from tests.timeline import Timeline
from tests.worlds import CODE, Business, code_of

WRITES = {"PUT", "POST", "DELETE"}


def writes(simulator: Simulator) -> Counter[str]:
    """How many writes on authorizations the service got, by method."""
    made = [call for call in simulator.calls if call.method in WRITES]
    return Counter(call.method for call in made if call.path.endswith("/auth") or "/auth/" in call.path)


def grant_on(stay: Stay, door: str) -> Grant:
    return Grant.objects.get(stay=stay, door__name=door)


def test_a_lost_write_is_sent_again_with_the_same_code(alice: Business, timeline: Timeline) -> None:
    alice.simulator.script.lose_next_write(alice.locks["Flat 1"].smartlock_id)
    stay = alice.book(now=timeline.now)
    code = code_of(stay)

    timeline.pass_seconds(180)

    assert code_of(stay) == code
    assert alice.opens("Flat 1", code)
    assert alice.codes_on("Flat 1") == [code]


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_write_whose_answer_was_cut_off_makes_one_entry(
    alice: Business, timeline: Timeline, *, carried_out: bool
) -> None:
    alice.simulator.script.drop_connection_on_next_write(
        alice.locks["Flat 1"].smartlock_id, carried_out=carried_out
    )
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(240)

    assert alice.codes_on("Flat 1") == [code_of(stay)]
    assert grant_on(stay, "Flat 1").confirmed_at is not None


@pytest.mark.parametrize("status", [423, 429, 500, 503])
def test_a_storm_of_refusals_for_now_is_weathered(alice: Business, timeline: Timeline, status: int) -> None:
    alice.simulator.script.answer_next(None, "PUT", status, count=3)
    stay = alice.book(now=timeline.now)

    timeline.pass_time(timedelta(minutes=10))

    assert alice.codes_on("Front door") == [code_of(stay)]
    assert alice.codes_on("Flat 1") == [code_of(stay)]
    assert Message.objects.filter(stay=stay).count() == 1


def test_a_phantom_entry_is_seen_through_before_the_guest_is_told(
    alice: Business, timeline: Timeline, mailoutbox: list[object]
) -> None:
    alice.simulator.script.phantom_next_create(alice.locks["Flat 1"].smartlock_id)
    stay = alice.book(now=timeline.now)

    while not mailoutbox:
        timeline.pass_seconds(1)

    assert alice.opens("Flat 1", code_of(stay))


def test_a_copy_that_is_not_refreshed_is_refreshed_by_a_forced_sync(
    alice: Business, timeline: Timeline
) -> None:
    alice.simulator.script.freeze_copy(alice.locks["Flat 1"].smartlock_id)
    stay = alice.book(now=timeline.now)

    timeline.pass_seconds(120)

    assert grant_on(stay, "Flat 1").confirmed_at is not None
    assert alice.codes_on("Flat 1") == [code_of(stay)]


def test_a_code_is_gone_from_every_lock_after_cancelling(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(180)

    assert (alice.codes_on("Front door"), alice.codes_on("Flat 1")) == ([], [])
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


def test_a_ghost_that_stays_after_its_removal_is_removed_again(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.script.ghost_next_delete(alice.locks["Flat 1"].smartlock_id)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(timedelta(minutes=10))

    assert alice.codes_on("Flat 1") == []
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


@pytest.mark.parametrize("mode", list(OfflineWrites))
def test_a_lock_that_was_offline_gets_its_code_once_it_is_back(
    alice: Business, timeline: Timeline, mode: OfflineWrites
) -> None:
    number = alice.locks["Flat 1"].smartlock_id
    alice.simulator.take_offline(number, writes=mode)
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(hours=5))
    told_before = Message.objects.filter(stay=stay).count()

    alice.simulator.bring_online(number)
    timeline.pass_time(timedelta(minutes=20))

    assert told_before == 0
    assert alice.codes_on("Flat 1") == [code_of(stay)]
    assert Message.objects.get(stay=stay).sent_at is not None


def test_an_offline_lock_is_not_written_to_again_and_again(alice: Business, timeline: Timeline) -> None:
    alice.simulator.take_offline(alice.locks["Flat 1"].smartlock_id)
    alice.book(now=timeline.now)

    timeline.pass_time(timedelta(hours=5))

    assert writes(alice.simulator)["PUT"] <= 3


def test_a_code_ends_by_itself_on_a_lock_that_is_offline_at_checkout(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.take_offline(alice.locks["Flat 1"].smartlock_id)

    timeline.skip_to(stay.ends_at)

    assert not alice.opens("Flat 1", code_of(stay))
    assert alice.codes_on("Flat 1") == [code_of(stay)]


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


def test_what_the_host_changes_in_the_nuki_app_is_put_right(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    label = grant_on(stay, "Flat 1").label
    alice.simulator.in_the_app(alice.locks["Flat 1"].smartlock_id).disable(label)

    timeline.pass_time(timedelta(days=1, hours=13))

    assert alice.opens("Flat 1", code_of(stay))
    assert AuditEntry.objects.filter(kind=AuditKind.DRIFTED, stay=stay).count() == 1


def test_the_second_of_two_entries_with_our_label_is_removed(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    number = alice.locks["Flat 1"].smartlock_id
    alice.simulator.in_the_app(number).add_code(grant_on(stay, "Flat 1").label, "591826")

    timeline.pass_time(timedelta(days=1, hours=13))

    assert alice.codes_on("Flat 1") == [code_of(stay)]
    strays = AuditEntry.objects.filter(grant=None, step=Step.REVOKE)
    assert sorted(strays.values_list("kind", "answer")) == [
        (AuditKind.WRITE_ANSWERED, "accepted"),
        (AuditKind.WRITE_INTENDED, ""),
    ]


def test_codes_of_others_on_the_lock_are_never_touched(alice: Business, timeline: Timeline) -> None:
    app = alice.simulator.in_the_app(alice.locks["Flat 1"].smartlock_id)
    app.add_code("Caretaker", "591826")
    app.add_code("KT-zzzz-another2one", "681947")
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)

    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)
    timeline.pass_time(timedelta(minutes=5))

    assert alice.codes_on("Flat 1") == ["591826", "681947"]


def test_a_code_that_somebody_else_has_on_the_lock_is_replaced_before_the_guest_is_told(
    alice: Business, timeline: Timeline
) -> None:
    number = alice.locks["Flat 1"].smartlock_id
    alice.simulator.in_the_app(number).add_code("Caretaker", CODE)
    stay = alice.book(now=timeline.now, code=CODE)

    timeline.pass_time(timedelta(minutes=10))

    code = code_of(stay)
    assert code != CODE
    assert alice.codes_on("Flat 1") == sorted([CODE, code])
    assert alice.codes_on("Front door") == [code]
    assert Message.objects.filter(stay=stay, sent_at__isnull=False).count() == 1


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


def test_a_token_that_has_ended_pauses_the_account_and_nothing_is_lost(
    alice: Business, timeline: Timeline
) -> None:
    at_nuki = alice.simulator.world.accounts[0]
    at_nuki.revoked = True
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=10))
    refused = len([call for call in alice.simulator.calls if call.status == 401])
    account = NukiAccount.objects.get(pk=alice.account.pk)

    at_nuki.revoked = False
    timeline.pass_time(timedelta(minutes=20))

    assert refused <= 2
    assert account.broken_since is not None
    assert alice.codes_on("Flat 1") == [code_of(stay)]


def test_a_keypad_that_is_gone_leads_to_a_sentence_for_the_host_and_no_storm(
    alice: Business, timeline: Timeline
) -> None:
    alice.simulator.set_keypad(alice.locks["Flat 1"].smartlock_id, None)
    stay = alice.book(now=timeline.now)

    timeline.pass_time(timedelta(minutes=30))

    assert grant_on(stay, "Flat 1").problem == Problem.KEYPAD_REFUSES
    assert not Message.objects.filter(stay=stay).exists()
    assert writes(alice.simulator)["PUT"] <= 4


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


def test_a_code_that_somebody_takes_after_the_guest_was_told_is_left_to_the_host(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code, number = code_of(stay), alice.locks["Flat 1"].smartlock_id
    app = alice.simulator.in_the_app(number)
    app.delete(grant_on(stay, "Flat 1").label)
    app.add_code("Caretaker", code)

    timeline.pass_time(timedelta(days=1, hours=13))

    assert code_of(stay) == code
    assert grant_on(stay, "Flat 1").problem == Problem.CODE_TAKEN
    assert Message.objects.filter(stay=stay).count() == 1


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


def test_a_sync_that_finds_the_lock_busy_is_asked_for_again(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    alice.simulator.script.answer_next(alice.locks["Flat 1"].smartlock_id, "POST", 423)

    timeline.pass_seconds(60)

    assert grant_on(stay, "Flat 1").confirmed_at is not None
