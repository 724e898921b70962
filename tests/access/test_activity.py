"""What happened at the doors: each thing once, with whose right it was, from webhooks and from the log."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from access import activity, health, log_reading, stays
from access.log_entries import ActivityKind, Means
from access.models import Activity, Delivery, Grant, Stay
from nuki_gateway.models import LogEntry
from nuki_gateway.simulator import Simulator
from properties import nuki_accounts
from properties.models import NukiAccount, SmartLock
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import CODE, Business, code_of, grant_on, writes


def everything() -> list[tuple[str, str, int | None]]:
    rows = Activity.objects.select_related("smart_lock").order_by("happened_at", "pk")
    return [(row.kind, row.smart_lock.name, row.grant_id) for row in rows]


def a_guest_in(alice: Business, timeline: Timeline) -> Stay:
    """A stay whose code is on its doors."""
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    return stay


def entry_for(lock: SmartLock, at: datetime, **changes: object) -> LogEntry:
    values: dict[str, object] = {
        "id": "e" * 24,
        "smartlock_id": lock.smartlock_id,
        "authorization_id": None,
        "account_user_id": None,
        "name": "",
        "action": 1,
        "trigger": 255,
        "state": 0,
        "source": 1,
        "at": at,
        "device_type": 4,
    }
    return LogEntry(**(values | changes))  # type: ignore[arg-type]  # a test names what it changes


def test_a_guest_who_opens_a_door_is_known_by_the_log(alice: Business, timeline: Timeline) -> None:
    stay = a_guest_in(alice, timeline)
    assert alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(10)

    alice.read_log(now=timeline.now)

    (seen,) = Activity.objects.all()
    assert (seen.kind, seen.means) == (ActivityKind.OPENED, Means.KEYPAD)
    assert seen.grant == grant_on(stay, "Flat 1")
    assert timedelta(seconds=9) <= timeline.now - seen.happened_at <= timedelta(seconds=11)


def test_a_wrong_code_is_kept_and_is_nobodys(alice: Business, timeline: Timeline) -> None:
    a_guest_in(alice, timeline)
    assert not alice.opens("Flat 1", "999999")
    timeline.pass_seconds(10)

    alice.read_log(now=timeline.now)

    assert everything() == [(ActivityKind.CODE_REFUSED, "Flat 1", None)]


def test_reading_the_log_again_stores_nothing_twice(alice: Business, timeline: Timeline) -> None:
    stay = a_guest_in(alice, timeline)
    alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)
    before = everything()

    alice.read_log(now=timeline.now)

    assert everything() == before


@pytest.mark.usefixtures("nuki_calls_us")
def test_a_webhook_brings_it_within_the_second(alice: Business, timeline: Timeline) -> None:
    stay = a_guest_in(alice, timeline)
    alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(4)

    assert everything() == [(ActivityKind.OPENED, "Flat 1", grant_on(stay, "Flat 1").pk)]
    timeline.pass_seconds(3600)
    alice.read_log(now=timeline.now)
    assert len(everything()) == 1  # the log has nothing that the webhook did not bring
    account = NukiAccount.objects.get(pk=alice.account.pk)
    assert account.webhook_missed == 0
    assert account.webhook_heard_at is not None


def test_a_number_that_the_lock_gave_out_again_is_not_the_guest_before(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    lock = alice.locks["Flat 1"]
    first = a_guest_in(alice, timeline)
    number = simulator.codes_on(lock.smartlock_id)[0].number
    stays.cancel(stay=first, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(300)
    second = alice.book(now=timeline.now, guest_name="Bo Berg", guest_email="bo@guests.example", code=CODE)
    timeline.pass_seconds(60)
    assert simulator.codes_on(lock.smartlock_id)[0].number == number

    assert alice.opens("Flat 1", CODE)
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    assert [grant for _kind, _lock, grant in everything()] == [grant_on(second, "Flat 1").pk]


def test_what_came_before_we_knew_the_id_is_given_to_the_guest_afterwards(
    alice: Business, timeline: Timeline
) -> None:
    stay = a_guest_in(alice, timeline)
    grant = grant_on(stay, "Flat 1")
    known, lock = grant.authorization_id, alice.locks["Flat 1"]
    Grant.objects.filter(pk=grant.pk).update(authorization_id="")
    entry = entry_for(lock, timeline.now, authorization_id=known, name="cut off")
    (seen,) = activity.record(account=alice.account, entries=[entry], now=timeline.now)
    assert seen.grant is None

    grant.authorization_id = known
    activity.attribute_to(grant)

    assert everything() == [(ActivityKind.OPENED, "Flat 1", grant.pk)]


def test_a_guest_who_comes_before_the_code_was_seen_on_the_list_is_known_once_it_is_confirmed(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.tick()
    simulator.settle()
    lock = alice.locks["Flat 1"]
    (listed,) = simulator.engine.lock(lock.smartlock_id).copy.entries
    entry = entry_for(lock, timeline.now, authorization_id=listed, name="cut off")
    activity.record(account=alice.account, entries=[entry], now=timeline.now)
    before = everything()

    timeline.pass_seconds(60)

    assert before == [(ActivityKind.OPENED, "Flat 1", None)]
    assert everything() == [(ActivityKind.OPENED, "Flat 1", grant_on(stay, "Flat 1").pk)]


def test_an_entry_about_a_lock_of_another_business_is_passed_over(
    alice: Business, charlie: Business, timeline: Timeline
) -> None:
    entry = entry_for(charlie.locks["Flat 1"], timeline.now)

    recorded = activity.record(account=alice.account, entries=[entry], now=timeline.now)

    assert recorded == []
    assert everything() == []


def test_a_battery_that_runs_low_happens_once(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    simulator.script.weaken_battery(alice.locks["Flat 1"].smartlock_id)
    timeline.pass_seconds(5)

    for _ in range(2):
        changed = nuki_accounts.refresh(account=alice.account, now=timeline.now)
        for lock, changes in changed.items():
            activity.record_health(lock=lock, changes=changes, now=timeline.now)

    assert everything() == [(ActivityKind.BATTERY_LOW, "Flat 1", None)]


def test_a_long_log_is_read_page_by_page(alice: Business, timeline: Timeline) -> None:
    stay = a_guest_in(alice, timeline)
    for _ in range(120):
        alice.opens("Flat 1", code_of(stay))
        timeline.clock.turn(seconds=10)

    alice.read_log(now=timeline.now)

    assert len(everything()) == 120
    assert {grant for _kind, _lock, grant in everything()} == {grant_on(stay, "Flat 1").pk}


class TestHowOften:
    """An account whose webhooks work is read seldom, one without them oftener while somebody is in."""

    @pytest.mark.parametrize(
        ("somebody", "webhook", "missed", "minutes"),
        [
            pytest.param(True, None, 0, 15, id="no webhook, a guest in the house"),
            pytest.param(False, None, 0, 30, id="no webhook, nobody there"),
            pytest.param(True, 7, 0, 60, id="webhooks work"),
            pytest.param(True, 7, 3, 15, id="webhooks leave things out"),
        ],
    )
    def test_it_is_read_again_after(
        self,
        alice: Business,
        timeline: Timeline,
        *,
        somebody: bool,
        webhook: int | None,
        missed: int,
        minutes: int,
    ) -> None:
        if somebody:
            a_guest_in(alice, timeline)
        NukiAccount.objects.filter(pk=alice.account.pk).update(
            webhook_id=webhook, webhook_missed=missed, webhook_heard_at=timeline.now
        )

        alice.read_log(now=timeline.now)

        due_at = NukiAccount.objects.get(pk=alice.account.pk).log_due_at
        assert due_at is not None
        assert timedelta(minutes=minutes) <= due_at - timeline.now <= timedelta(minutes=minutes * 1.2)

    def test_one_ring_is_on_its_way_for_an_account(self, alice: Business, timeline: Timeline) -> None:
        claims = [log_reading.claim(alice.account.pk, now=timeline.now) for _ in range(3)]

        assert claims == [True, False, False]

    def test_an_account_that_fails_is_read_later(
        self, alice: Business, timeline: Timeline, simulator: Simulator
    ) -> None:
        simulator.script.answer_next(None, "GET", 503)

        alice.read_log(now=timeline.now)

        account = NukiAccount.objects.get(pk=alice.account.pk)
        assert account.log_due_at is not None
        assert account.log_due_at >= timeline.now + timedelta(minutes=5)
        assert everything() == []


@pytest.mark.usefixtures("nuki_calls_us")
def test_deliveries_that_stop_are_noticed_and_made_good(
    alice: Business, simulator: Simulator, timeline: Timeline
) -> None:
    stay = a_guest_in(alice, timeline)
    before = NukiAccount.objects.get(pk=alice.account.pk).webhook_id
    simulator.script.silence_webhooks()
    timeline.pass_seconds(60)
    for _ in range(6):
        alice.opens("Flat 1", code_of(stay))
        timeline.pass_seconds(60)
    timeline.pass_seconds(600)
    assert everything() == []
    alice.read_log(now=timeline.now)
    account = NukiAccount.objects.get(pk=alice.account.pk)
    assert (len(everything()), account.webhook_missed) == (6, 6)

    simulator.script.silence_webhooks(until_told=False)
    nuki_accounts.mend_webhook(account=account, now=timeline.now)
    alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(4)

    account.refresh_from_db()
    assert account.webhook_id not in {None, before}
    assert account.webhook_missed == 0
    assert len(everything()) == 7


@pytest.mark.usefixtures("nuki_calls_us")
def test_duplicates_and_disorder_give_the_same(
    alice: Business, simulator: Simulator, timeline: Timeline
) -> None:
    stay = a_guest_in(alice, timeline)
    for code in (code_of(stay), "999999", code_of(stay)):
        alice.opens("Flat 1", code)
        timeline.pass_seconds(5)
    once = everything()
    quiet = writes(simulator)
    told = list(Delivery.objects.order_by("-pk"))

    for one in [*told, *told]:
        one.pk, one.taken_in_at, one._state.adding = None, None, True
        one.save()
    timeline.pass_seconds(60)

    assert len(once) == 3
    assert everything() == once
    assert writes(simulator) == quiet
    assert not Delivery.objects.filter(taken_in_at=None).exists()


@pytest.mark.usefixtures("nuki_calls_us")
def test_a_battery_that_runs_low_is_told_as_it_happens(
    alice: Business,
    simulator: Simulator,
    timeline: Timeline,
    rings: Rings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    lock = alice.locks["Flat 1"]
    simulator.script.weaken_battery(lock.smartlock_id)

    with django_capture_on_commit_callbacks(execute=True):
        timeline.pass_seconds(5)
    rung = [arguments for task, arguments, _ in rings.sent if task == "access.tasks.look_at_health"]
    assert rung == [{"lock_id": lock.pk}]
    health.look(lock=SmartLock.objects.get(pk=lock.pk), now=timeline.now)

    assert everything() == [(ActivityKind.BATTERY_LOW, "Flat 1", None)]
    assert SmartLock.objects.get(pk=lock.pk).battery_critical


@pytest.mark.usefixtures("nuki_calls_us")
def test_news_of_what_is_known_make_nobody_look(
    alice: Business,
    simulator: Simulator,
    timeline: Timeline,
    rings: Rings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    simulator.script.burst_of_webhooks(alice.locks["Flat 1"].smartlock_id, 50)

    with django_capture_on_commit_callbacks(execute=True):
        timeline.pass_seconds(5)

    assert Delivery.objects.count() == 50
    assert [task for task, _, _ in rings.sent if task == "access.tasks.look_at_health"] == []


@pytest.mark.usefixtures("nuki_calls_us")
def test_news_of_a_finished_sync_confirm_where_entries_keep_their_dates(
    alice: Business, simulator: Simulator, timeline: Timeline
) -> None:
    simulator.engine.switches = replace(simulator.engine.switches, sync_moves_entries_dates=False)

    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(20)

    confirmed = grant_on(stay, "Flat 1").confirmed_at
    assert confirmed is not None
    assert confirmed - stay.booked_at <= timedelta(seconds=20)


def test_without_news_the_weaker_sign_is_waited_for(
    alice: Business, simulator: Simulator, timeline: Timeline
) -> None:
    simulator.engine.switches = replace(simulator.engine.switches, sync_moves_entries_dates=False)

    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(50)
    after_fifty_seconds = grant_on(stay, "Flat 1").confirmed_at
    timeline.pass_seconds(100)

    assert after_fifty_seconds is None
    assert grant_on(stay, "Flat 1").confirmed_at is not None


def test_a_lock_that_is_back_is_looked_at_at_once(
    alice: Business, simulator: Simulator, timeline: Timeline
) -> None:
    lock = alice.locks["Flat 1"]
    simulator.take_offline(lock.smartlock_id)
    nuki_accounts.refresh(account=alice.account, now=timeline.now)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(1800)
    simulator.bring_online(lock.smartlock_id)

    health.look(lock=SmartLock.objects.get(pk=lock.pk), now=timeline.now)

    assert grant_on(stay, "Flat 1").due_at == timeline.now
    assert everything()[-1] == (ActivityKind.CAME_BACK, "Flat 1", None)
