"""What goes wrong at Nuki and in its app, and what must hold all the same. Judged on the locks."""

from datetime import timedelta

import pytest

from access import stays
from access.lifecycle import Step
from access.models import AuditEntry, AuditKind, Grant, Message, Problem
from nuki_gateway.simulator import OfflineWrites
from properties.models import NukiAccount
from tests.timeline import Timeline
from tests.worlds import CODE, Business, code_of, grant_on, writes


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


def test_a_ghost_that_stays_after_its_removal_is_removed_again(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    alice.simulator.script.ghost_next_delete(alice.locks["Flat 1"].smartlock_id)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(timedelta(minutes=10))

    assert alice.codes_on("Flat 1") == []
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


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


def test_a_sync_that_finds_the_lock_busy_is_asked_for_again(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    alice.simulator.script.answer_next(alice.locks["Flat 1"].smartlock_id, "POST", 423)

    timeline.pass_seconds(60)

    assert grant_on(stay, "Flat 1").confirmed_at is not None
