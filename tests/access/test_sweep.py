"""Sweeps: one list of all codes of an account is compared with our rows; only what differs is looked at."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import codes, installation, queries, sweep
from access.models import AuditEntry, AuditKind, Grant
from nuki_gateway import errors
from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.app import NukiApp
from properties import nuki_accounts
from properties.encryption import digest
from properties.models import NukiAccount, SmartLock
from tests.conftest import Rings
from tests.statements import asked
from tests.timeline import Timeline
from tests.worlds import Business, code_of, grant_on, writes

FLAT = "Flat 1"
FOREIGN_CODE = "591826"
ANOTHER_INSTALLATION = f"{codes.PREFIX}-zzzz-abcdefghjk"


def app_at(business: Business, door: str = FLAT) -> NukiApp:
    return business.simulator.in_the_app(business.locks[door].smartlock_id)


def a_label_of_ours() -> str:
    return codes.label(installation.token())


def hear(business: Business, timeline: Timeline, door: str = FLAT) -> None:
    """Let the cloud learn what is on a lock, while nobody works."""
    nuki_accounts.client_for(business.account).sync(business.locks[door].smartlock_id)
    timeline.is_running = False
    timeline.pass_seconds(60)
    timeline.is_running = True


def sweep_now(business: Business, timeline: Timeline) -> list[str]:
    """Sweep, and say at which doors something is due then."""
    timeline.sweep(business.account.pk)
    due = queries.due_locks(timeline.now, most=10)
    return sorted(door for door, lock in business.locks.items() if lock.pk in due)


def stay_that_is_ready(business: Business, timeline: Timeline) -> None:
    business.book(now=timeline.now, ends_at=timeline.now + timedelta(days=4))
    timeline.pass_seconds(120)


def grant_on_flat() -> Grant:
    return Grant.objects.get(door__name=FLAT)


def made_calls(simulator: Simulator, path: str) -> int:
    return sum(call.method == "GET" and call.path.partition("?")[0] == path for call in simulator.calls)


def test_where_all_is_as_recorded_nothing_is_due_and_nothing_is_written(
    alice: Business, timeline: Timeline, rings: Rings
) -> None:
    stay_that_is_ready(alice, timeline)
    before, calls = writes(alice.simulator), len(alice.simulator.calls)
    rings.sent.clear()

    due = sweep_now(alice, timeline)

    made = [(call.method, call.path.partition("?")[0]) for call in alice.simulator.calls[calls:]]
    assert due == []
    assert rings.sent == []
    assert writes(alice.simulator) == before
    assert [one for one in made if "decentralWebhook" not in one[1]] == [
        ("GET", "/smartlock"),
        ("GET", "/smartlock/auth"),
    ]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda app, label: app.delete(label), id="missing"),
        pytest.param(lambda app, label: app.edit(label, allowed_until=None), id="another window"),
        pytest.param(lambda app, label: app.edit(label, code=FOREIGN_CODE), id="another code"),
        pytest.param(lambda app, label: app.rename(label, "Guest of 3"), id="renamed"),
        pytest.param(lambda app, label: app.disable(label), id="disabled"),
        pytest.param(lambda app, label: app.add_code(label, FOREIGN_CODE), id="doubled"),
        pytest.param(lambda app, _: app.add_code(a_label_of_ours(), FOREIGN_CODE), id="a stray"),
    ],
)
def test_only_the_lock_on_which_something_is_not_as_recorded_becomes_due_and_is_put_right(
    alice: Business, timeline: Timeline, edit: Callable[[NukiApp, str], object]
) -> None:
    stay_that_is_ready(alice, timeline)
    grant = grant_on_flat()
    edit(app_at(alice), grant.label)
    hear(alice, timeline)

    due = sweep_now(alice, timeline)
    timeline.pass_seconds(120)

    assert due == [FLAT]
    assert alice.codes_on(FLAT) == [grant.code]
    assert sweep_now(alice, timeline) == []


def test_workers_are_rung_for_the_lock_that_became_due_and_for_no_other(
    alice: Business,
    timeline: Timeline,
    rings: Rings,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    stay_that_is_ready(alice, timeline)
    app_at(alice).delete(grant_on_flat().label)
    hear(alice, timeline)
    rings.sent.clear()

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        timeline.sweep(alice.account.pk)

    rung = [(name, arguments) for name, arguments, _ in rings.sent]
    assert rung == [("access.tasks.reconcile_lock", {"lock_id": alice.locks[FLAT].pk})]


def test_a_stray_on_a_lock_where_no_grant_is_goes_and_the_lock_is_left_alone_again(
    alice: Business, timeline: Timeline
) -> None:
    app_at(alice).add_code(a_label_of_ours(), FOREIGN_CODE)
    hear(alice, timeline)

    due = sweep_now(alice, timeline)
    timeline.pass_seconds(180)

    lock = SmartLock.objects.get(pk=alice.locks[FLAT].pk)
    assert due == [FLAT]
    assert alice.codes_on(FLAT) == []
    assert (lock.look_due_at, lock.stray_looks) == (None, 0)
    assert writes(alice.simulator) == {"DELETE": 1}
    assert timeline.looked_at == [lock.pk, lock.pk]  # the second one saw it gone


def test_a_stray_that_stays_listed_is_read_anew_after_a_sync_and_asked_for_twice(
    alice: Business, timeline: Timeline
) -> None:
    timeline.sweeps_every = timedelta(0)
    app_at(alice).add_code(a_label_of_ours(), FOREIGN_CODE)
    hear(alice, timeline)
    alice.simulator.script.ghost_next_delete(alice.locks[FLAT].smartlock_id)

    sweep_now(alice, timeline)
    timeline.pass_time(timedelta(hours=2))

    assert alice.codes_on(FLAT) == []
    assert writes(alice.simulator) == {"DELETE": 2}
    assert SmartLock.objects.get(pk=alice.locks[FLAT].pk).look_due_at is None


def test_a_stray_that_never_goes_is_left_alone_for_longer_each_time(
    alice: Business, timeline: Timeline
) -> None:
    number = alice.locks[FLAT].smartlock_id
    app_at(alice).add_code(a_label_of_ours(), FOREIGN_CODE)
    hear(alice, timeline)
    for _ in range(50):
        alice.simulator.script.ignore_next_delete(number)

    sweep_now(alice, timeline)
    timeline.pass_time(timedelta(hours=12))

    assert alice.codes_on(FLAT) == [FOREIGN_CODE]
    assert writes(alice.simulator)["DELETE"] == 10  # after 1, 2, 4 … 512 minutes
    timeline.sweep(alice.account.pk)
    assert writes(alice.simulator)["DELETE"] == 10


def test_what_others_put_on_locks_is_remembered_and_never_named_in_a_write(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    before = writes(alice.simulator)
    app_at(alice).add_code(ANOTHER_INSTALLATION, FOREIGN_CODE)
    app_at(alice, "Flat 2").add_code("Plumber", "673829")
    hear(alice, timeline)
    hear(alice, timeline, "Flat 2")

    due = sweep_now(alice, timeline)
    timeline.pass_time(timedelta(hours=1))

    foreign = {
        door: lock.foreign_codes
        for door in (FLAT, "Flat 2")
        for lock in SmartLock.objects.filter(door__name=door)
    }
    assert due == []
    assert foreign == {FLAT: [digest(FOREIGN_CODE)], "Flat 2": [digest("673829")]}
    assert writes(alice.simulator) == before
    timeline.skip_to(stay.ends_at)
    assert alice.codes_on(FLAT) == [FOREIGN_CODE]
    assert writes(alice.simulator)["DELETE"] == before["DELETE"] + 2


def test_a_code_of_ours_that_the_host_renamed_is_found_by_its_id_and_corrected(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    grant = grant_on(stay, FLAT)
    app_at(alice).rename(grant.label, "Guest of 3")
    hear(alice, timeline)

    sweep_now(alice, timeline)
    timeline.pass_seconds(120)

    number = alice.locks[FLAT].smartlock_id
    assert [(one.name, one.code) for one in alice.simulator.codes_on(number)] == [(grant.label, grant.code)]
    assert writes(alice.simulator) == {"PUT": 2, "POST": 1}
    assert AuditEntry.objects.filter(kind=AuditKind.DRIFTED, grant=grant).count() == 1


def test_a_code_that_shows_at_last_is_looked_at_though_its_next_look_is_far(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.look_at(alice.locks[FLAT].pk)
    timeline.is_running = False
    timeline.pass_seconds(60)
    Grant.objects.filter(stay=stay).update(due_at=timeline.now + timedelta(hours=5))

    due = sweep_now(alice, timeline)

    assert due == [FLAT]


def test_a_grant_that_waits_for_a_person_is_left_to_its_own_looks(
    alice: Business, timeline: Timeline
) -> None:
    stay_that_is_ready(alice, timeline)
    grant = grant_on_flat()
    app_at(alice).delete(grant.label)
    hear(alice, timeline)
    Grant.objects.filter(pk=grant.pk).update(problem="refused")

    assert sweep_now(alice, timeline) == []


def test_a_sweep_takes_the_same_queries_however_many_grants_there_are(
    alice: Business, timeline: Timeline
) -> None:
    def count() -> int:
        listed = nuki_accounts.client_for(alice.account).authorizations()
        with CaptureQueriesContext(connection) as made:
            locks = queries.locks_to_compare(alice.account)
            grants = queries.grants_to_compare(alice.account)
            sweep.compare(locks, listed, grants, now=timeline.now)
        return len(asked(made))

    stay_that_is_ready(alice, timeline)
    with_one = count()
    for nights in range(5, 10):
        start = timeline.now + timedelta(days=nights)
        alice.book(now=timeline.now, unit="Flat 2", starts_at=start, ends_at=start + timedelta(hours=20))
    Grant.objects.update(asked_at=timeline.now)

    assert (with_one, count()) == (2, 2)


def test_a_list_of_many_locks_is_read_page_by_page(
    alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "LOCKS_IN_ONE_ANSWER", 3)
    stay_that_is_ready(alice, timeline)
    app_at(alice).delete(grant_on_flat().label)
    hear(alice, timeline)

    due = sweep_now(alice, timeline)

    assert due == [FLAT]
    assert made_calls(alice.simulator, "/smartlock/auth/paged") >= 1
    assert made_calls(alice.simulator, "/smartlock/auth") == 0


class TestWithoutAList:
    """An account whose codes cannot be listed at once: its locks are read one by one again."""

    def test_where_it_is_refused_each_lock_is_looked_at_within_six_hours(
        self, alice: Business, timeline: Timeline, simulator: Simulator
    ) -> None:
        stay_that_is_ready(alice, timeline)
        (at_nuki,) = simulator.world.accounts
        asleep = due_ats()
        simulator.script.lose_scope(at_nuki, "smartlock.auth")

        timeline.sweep(alice.account.pk)

        six_hours = timeline.now + timedelta(hours=6)
        assert {at > timeline.now + timedelta(days=3) for at in asleep} == {True}
        assert {six_hours <= at <= six_hours + timedelta(hours=1, minutes=12) for at in due_ats()} == {True}
        assert NukiAccount.objects.get(pk=alice.account.pk).paused_until is None

    @pytest.mark.parametrize(
        ("hours", "wakes"), [pytest.param(5, False, id="for hours"), pytest.param(7, True, id="for long")]
    )
    def test_where_the_service_fails_that_is_done_only_if_it_lasts(
        self, alice: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch, *, hours: int, wakes: bool
    ) -> None:
        stay_that_is_ready(alice, timeline)
        asleep = due_ats()
        NukiAccount.objects.update(swept_at=timeline.now - timedelta(hours=hours))
        monkeypatch.setattr(sweep, "_list", fail)

        timeline.sweep(alice.account.pk)

        assert (due_ats() != asleep) is wakes


def fail(*_: object) -> None:
    raise errors.NukiUnavailable("GET /smartlock/auth", 503)


def due_ats() -> list[datetime]:
    return [at for at in Grant.objects.order_by("pk").values_list("due_at", flat=True) if at is not None]


def test_of_a_lock_without_a_subscription_nothing_is_concluded(alice: Business, timeline: Timeline) -> None:
    stay_that_is_ready(alice, timeline)
    alice.simulator.script.end_subscription(alice.locks[FLAT].smartlock_id)

    assert sweep_now(alice, timeline) == []


def test_a_lock_that_left_the_account_is_asked_and_one_that_came_back_too(
    alice: Business, timeline: Timeline
) -> None:
    stay_that_is_ready(alice, timeline)
    lock = alice.simulator.engine.lock(alice.locks[FLAT].smartlock_id)
    owner = lock.account_id
    alice.simulator.script.leave_account(lock)

    due = sweep_now(alice, timeline)
    timeline.pass_seconds(60)
    problem = grant_on_flat().problem
    lock.account_id = owner
    timeline.sweep(alice.account.pk)
    timeline.pass_time(timedelta(minutes=15))

    assert (due, problem) == ([FLAT], "lock gone")
    assert grant_on_flat().problem == ""
    assert SmartLock.objects.get(pk=alice.locks[FLAT].pk).gone_since is None


class TestHowOften:
    """At most 96 sweeps a day, a twelfth of them where Nuki tells of changes."""

    def test_one_ring_is_on_its_way_for_an_account(self, alice: Business, timeline: Timeline) -> None:
        claims = [sweep.claim(alice.account.pk, now=timeline.now) for _ in range(3)]

        assert claims == [True, False, False]
        assert account().sweep_due_at == timeline.now + timedelta(minutes=15)

    @pytest.mark.parametrize(
        ("webhook", "heard", "missed", "minutes"),
        [
            pytest.param(None, None, 0, 15, id="no webhook"),
            pytest.param(7, timedelta(hours=23), 0, 180, id="webhooks work"),
            pytest.param(7, timedelta(hours=25), 0, 15, id="nothing was heard for a day"),
            pytest.param(7, timedelta(hours=1), 3, 15, id="webhooks leave things out"),
        ],
    )
    def test_it_is_swept_again_after(
        self,
        alice: Business,
        timeline: Timeline,
        *,
        webhook: int | None,
        heard: timedelta | None,
        missed: int,
        minutes: int,
    ) -> None:
        heard_at = None if heard is None else timeline.now - heard
        NukiAccount.objects.update(webhook_id=webhook, webhook_heard_at=heard_at, webhook_missed=missed)
        timeline.sweeps_every = timedelta(0)

        sweep._compare(alice.account, timeline.now)

        due_at = account().sweep_due_at
        assert due_at is not None
        assert timedelta(minutes=minutes) <= due_at - timeline.now <= timedelta(minutes=minutes * 1.2)

    @pytest.mark.slow
    def test_a_day_costs_no_more_than_96_scans_of_each_kind(
        self, alice: Business, timeline: Timeline
    ) -> None:
        timeline.sweeps_every = timedelta(0)
        stay_that_is_ready(alice, timeline)
        before = [made_calls(alice.simulator, path) for path in ("/smartlock", "/smartlock/auth")]
        looked = len(timeline.looked_at)

        timeline.pass_time(timedelta(days=1))

        after = [made_calls(alice.simulator, path) for path in ("/smartlock", "/smartlock/auth")]
        assert all(72 <= late - early <= 96 for early, late in zip(before, after, strict=True))
        assert len(timeline.looked_at) == looked

    def test_an_account_whose_token_is_refused_is_tried_after_a_quarter_of_an_hour(
        self, alice: Business, timeline: Timeline, simulator: Simulator
    ) -> None:
        NukiAccount.objects.update(sweep_due_at=timeline.now + timedelta(minutes=50))
        simulator.script.answer_next(None, "GET", 401)
        stay_that_is_ready(alice, timeline)
        broken = account()

        timeline.pass_time(timedelta(minutes=16))

        assert (broken.broken_since is None, account().broken_since) == (False, None)


def account() -> NukiAccount:
    return NukiAccount.objects.get()


def test_a_confirmed_code_is_not_looked_at_until_its_end(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    looked, code = len(timeline.looked_at), code_of(stay)

    timeline.pass_time(timedelta(days=1, hours=20))

    assert len(timeline.looked_at) == looked
    assert alice.codes_on(FLAT) == [code]
    timeline.skip_to(stay.ends_at)
    assert alice.codes_on(FLAT) == []
