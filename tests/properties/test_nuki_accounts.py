"""Connecting Nuki accounts, and keeping the list of their smart locks, against the simulator."""

from datetime import timedelta

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from nuki_gateway import errors
from nuki_gateway import models as nuki
from nuki_gateway.simulator import Account, Lock, Simulator, TurnedClock
from properties import nuki_accounts, organizations, tenancy
from properties.models import NukiAccount, Organization, SmartLock
from tests.conftest import Rings
from tests.worlds import Business

TOKEN = "bobs-token"


@pytest.fixture
def at_nuki(simulator: Simulator) -> Account:
    return simulator.add_account(name="Bob", token=TOKEN)


@pytest.fixture
def lock(simulator: Simulator, at_nuki: Account) -> Lock:
    return simulator.add_lock(at_nuki, name="Lodge", device_type=5, keypad="keypad2", battery=15)


def rows() -> list[tuple[int, str]]:
    return sorted(NukiAccount.objects.values_list("pk", "name"))


def seen_as(*, lock: SmartLock, name: str, server_state: int) -> nuki.SmartLock:
    return nuki.SmartLock(
        smartlock_id=lock.smartlock_id,
        device_type=4,
        name=name,
        keypad_paired=True,
        time_zone=None,
        server_state=server_state,
        battery_charge=None,
        battery_critical=False,
        keypad_battery_critical=False,
        updated_at=None,
        operation_runs=False,
    )


def test_connecting_imports_the_locks_and_keeps_the_token_encrypted(
    alice: Business, lock: Lock, clock: TurnedClock
) -> None:
    account = nuki_accounts.connect(
        organization=alice.organization, name="Second", token=TOKEN, now=clock.now()
    )

    (imported,) = SmartLock.objects.filter(nuki_account=account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM properties_nukiaccount WHERE id = %s", [account.pk])
        (stored,) = cursor.fetchone()
    assert (imported.smartlock_id, imported.name, imported.device_type) == (lock.smartlock_id, "Lodge", 5)
    assert (imported.has_keypad, imported.time_zone, imported.server_state) == (True, "Europe/Berlin", 0)
    assert (imported.battery_charge, imported.battery_critical) == (15, True)
    assert (imported.listed_at, imported.offline_since, imported.gone_since) == (clock.now(), None, None)
    assert imported.organization_id == alice.organization.pk
    assert account.connected_at == clock.now()
    assert NukiAccount.objects.get(pk=account.pk).token == TOKEN
    assert TOKEN not in stored


def test_the_client_of_an_account_calls_in_its_name(alice: Business, lock: Lock, clock: TurnedClock) -> None:
    account = nuki_accounts.connect(
        organization=alice.organization, name="Second", token=TOKEN, now=clock.now()
    )

    listed = nuki_accounts.client_for(account).smart_locks()

    assert [one.smartlock_id for one in listed] == [lock.smartlock_id]


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        pytest.param(401, nuki_accounts.TokenRefused, id="a wrong token"),
        pytest.param(403, nuki_accounts.TokenRefused, id="a token that may not read locks"),
        pytest.param(429, nuki_accounts.NukiDoesNotAnswer, id="too many calls"),
        pytest.param(500, nuki_accounts.NukiDoesNotAnswer, id="a fault of the service"),
        pytest.param(503, nuki_accounts.NukiDoesNotAnswer, id="the service is down"),
    ],
)
def test_a_token_that_cannot_be_checked_is_not_kept(
    *,
    alice: Business,
    simulator: Simulator,
    lock: Lock,
    clock: TurnedClock,
    status: int,
    refusal: type[Exception],
) -> None:
    before, calls = rows(), len(simulator.calls)
    simulator.script.answer_next(None, "GET", status)

    with pytest.raises(refusal) as caught:
        nuki_accounts.connect(organization=alice.organization, name="Second", token=TOKEN, now=clock.now())

    assert rows() == before
    assert not SmartLock.objects.filter(smartlock_id=lock.smartlock_id).exists()
    assert [(call.method, call.status) for call in simulator.calls[calls:]] == [("GET", status)]
    assert TOKEN not in str(caught.value)


def test_a_token_that_nuki_does_not_know_is_refused(alice: Business, clock: TurnedClock) -> None:
    before = rows()

    with pytest.raises(nuki_accounts.TokenRefused):
        nuki_accounts.connect(organization=alice.organization, name="Second", token="wrong", now=clock.now())

    assert rows() == before


def test_nothing_is_kept_when_nobody_answers(alice: Business, clock: TurnedClock, settings: Settings) -> None:
    before = rows()
    settings.NUKI_API_URL = "http://127.0.0.1:1"

    with pytest.raises(nuki_accounts.NukiDoesNotAnswer):
        nuki_accounts.connect(organization=alice.organization, name="Second", token=TOKEN, now=clock.now())

    assert rows() == before


def test_a_second_account_of_the_same_name_is_refused_without_asking_nuki(
    alice: Business, simulator: Simulator, lock: Lock, clock: TurnedClock
) -> None:
    before, calls = rows(), len(simulator.calls)

    with pytest.raises(nuki_accounts.NameTaken):
        nuki_accounts.connect(organization=alice.organization, name="Nuki", token=TOKEN, now=clock.now())

    assert rows() == before
    assert len(simulator.calls) == calls
    assert not SmartLock.objects.filter(smartlock_id=lock.smartlock_id).exists()


def test_two_organizations_may_use_the_same_name(alice: Business, charlie: Business) -> None:
    assert alice.account.name == charlie.account.name == "Nuki"
    assert alice.account.pk != charlie.account.pk


@pytest.mark.usefixtures("lock")
def test_nuki_is_told_where_to_call_and_the_secret_is_kept(
    alice: Business, simulator: Simulator, clock: TurnedClock, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://keys.example"

    account = nuki_accounts.connect(
        organization=alice.organization, name="Second", token=TOKEN, now=clock.now()
    )

    kept = NukiAccount.objects.get(pk=account.pk)
    (registered,) = simulator.world.webhooks.values()
    assert registered.url == f"https://keys.example/webhooks/nuki/{account.pk}"
    assert (kept.webhook_id, kept.webhook_secret) == (registered.id, registered.secret)
    assert len(kept.webhook_secret) == 40


@pytest.mark.usefixtures("lock")
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_an_account_without_a_webhook_is_connected_all_the_same(
    *,
    alice: Business,
    simulator: Simulator,
    clock: TurnedClock,
    settings: Settings,
    status: int,
) -> None:
    settings.PUBLIC_URL = "https://keys.example"
    simulator.script.answer_next(None, "PUT", status)

    account = nuki_accounts.connect(
        organization=alice.organization, name="Second", token=TOKEN, now=clock.now()
    )

    kept = NukiAccount.objects.get(pk=account.pk)
    assert (kept.webhook_id, kept.webhook_secret, kept.failures, kept.broken_since) == (None, "", 0, None)
    assert SmartLock.objects.filter(nuki_account=account).count() == 1
    assert simulator.world.webhooks == {}


def test_refreshing_marks_what_is_gone_and_what_came_back(
    alice: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    flat = alice.locks["Flat 1"]
    taken_away = simulator.world.locks.pop(flat.smartlock_id)
    clock.turn(seconds=60)
    gone_at = clock.now()
    nuki_accounts.refresh(account=alice.account, now=gone_at)
    clock.turn(seconds=60)
    nuki_accounts.refresh(account=alice.account, now=clock.now())
    while_away = SmartLock.objects.get(pk=flat.pk)
    simulator.world.locks[flat.smartlock_id] = taken_away

    nuki_accounts.refresh(account=alice.account, now=clock.now())

    back = SmartLock.objects.get(pk=flat.pk)
    assert while_away.gone_since == gone_at
    assert (back.gone_since, back.listed_at) == (None, clock.now())
    assert SmartLock.objects.filter(nuki_account=alice.account, gone_since=None).count() == 4
    assert [lock.smartlock_id for lock in SmartLock.objects.filter(name="Flat 1")] == [flat.smartlock_id]


def test_refreshing_imports_what_is_new_and_renames_what_was_renamed(
    alice: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    owner = next(one for one in simulator.world.accounts if one.token == "alice-token")
    garage = simulator.add_lock(owner, name="Garage", keypad="keypad")
    simulator.world.locks[alice.locks["Cellar"].smartlock_id].name = "Wine cellar"

    nuki_accounts.refresh(account=alice.account, now=clock.now())

    names = (
        SmartLock.objects.filter(nuki_account=alice.account).order_by("name").values_list("name", flat=True)
    )
    assert list(names) == ["Flat 1", "Flat 2", "Front door", "Garage", "Wine cellar"]
    assert SmartLock.objects.get(name="Garage").smartlock_id == garage.smartlock_id
    assert SmartLock.objects.get(name="Wine cellar").pk == alice.locks["Cellar"].pk


def test_refreshing_keeps_since_when_a_lock_is_offline_until_it_is_back(
    alice: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    flat = alice.locks["Flat 1"]
    simulator.take_offline(flat.smartlock_id)
    clock.turn(seconds=60)
    first_seen = clock.now()
    nuki_accounts.refresh(account=alice.account, now=first_seen)
    clock.turn(seconds=60)
    nuki_accounts.refresh(account=alice.account, now=clock.now())
    away = SmartLock.objects.get(pk=flat.pk)
    simulator.bring_online(flat.smartlock_id)
    clock.turn(seconds=60)

    nuki_accounts.refresh(account=alice.account, now=clock.now())

    back = SmartLock.objects.get(pk=flat.pk)
    assert (away.offline_since, away.is_online, away.server_state) == (first_seen, False, 4)
    assert (back.offline_since, back.is_online, back.server_state) == (None, True, 0)


def test_refreshing_ends_a_pause_and_leaves_other_accounts_alone(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    broken = {"broken_since": clock.now(), "paused_until": clock.now(), "failures": 3}
    with tenancy.across_organizations(because="both are broken in this test"):
        NukiAccount.objects.update(**broken)
        SmartLock.objects.filter(nuki_account=charlie.account).update(name="As it was")

    nuki_accounts.refresh(account=alice.account, now=clock.now())

    with tenancy.across_organizations(because="both are looked at"):
        ours, theirs = (NukiAccount.objects.get(pk=one.account.pk) for one in (alice, charlie))
        their_locks = SmartLock.objects.filter(nuki_account=charlie.account, name="As it was").count()
    assert (ours.broken_since, ours.paused_until, ours.failures) == (None, None, 0)
    assert (theirs.broken_since, theirs.paused_until, theirs.failures) == tuple(broken.values())
    assert their_locks == 4


def test_a_refresh_that_fails_changes_nothing(
    alice: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    before = list(SmartLock.objects.order_by("pk").values())
    simulator.script.answer_next(None, "GET", 503)
    clock.turn(seconds=60)

    with pytest.raises(errors.NukiUnavailable):
        nuki_accounts.refresh(account=alice.account, now=clock.now())

    assert list(SmartLock.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("failures", "failure", "seconds"),
    [
        pytest.param(0, errors.NukiUnavailable("GET", 503), 30, id="the first time"),
        pytest.param(1, errors.NukiUnavailable("GET", 503), 60, id="the second time"),
        pytest.param(3, errors.NukiUnavailable("GET"), 240, id="the fourth time"),
        pytest.param(4, errors.NukiUnavailable("GET"), 480, id="the fifth time"),
        pytest.param(5, errors.NukiUnavailable("GET"), 900, id="the sixth time: the longest pause"),
        pytest.param(1000, errors.NukiUnavailable("GET"), 900, id="the thousandth time"),
        pytest.param(0, errors.NukiThrottled("GET", 429, 7), 7, id="throttled, and told for how long"),
        pytest.param(0, errors.NukiThrottled("GET", 429, 0), 0, id="throttled, and told to come at once"),
        pytest.param(0, errors.NukiThrottled("GET", 429, 3600), 3600, id="throttled for an hour"),
        pytest.param(0, errors.NukiThrottled("GET", 429, 999_999_999), 86_400, id="throttled for ever"),
        pytest.param(0, errors.NukiThrottled("GET", 429), 30, id="throttled, and not told for how long"),
        pytest.param(0, errors.NukiUnauthorized("GET", 401), 900, id="the token has ended"),
    ],
)
def test_a_failing_account_is_left_alone_for(
    *, alice: Business, clock: TurnedClock, failures: int, failure: errors.NukiError, seconds: int
) -> None:
    alice.account.failures = failures

    nuki_accounts.pause(account=alice.account, failure=failure, now=clock.now())

    paused = NukiAccount.objects.get(pk=alice.account.pk)
    is_broken = isinstance(failure, errors.NukiUnauthorized)
    assert paused.paused_until == clock.now() + timedelta(seconds=seconds)
    assert paused.failures == failures + 1
    assert paused.broken_since == (clock.now() if is_broken else None)


def test_an_account_is_broken_since_the_first_refusal_whatever_comes_after(
    alice: Business, clock: TurnedClock
) -> None:
    first = clock.now()
    nuki_accounts.pause(account=alice.account, failure=errors.NukiUnauthorized("GET", 401), now=first)
    clock.turn(seconds=900)

    for failure in (errors.NukiUnauthorized("GET", 401), errors.NukiUnavailable("GET", 503)):
        account = NukiAccount.objects.get(pk=alice.account.pk)
        nuki_accounts.pause(account=account, failure=failure, now=clock.now())

    assert NukiAccount.objects.get(pk=alice.account.pk).broken_since == first


def test_another_token_mends_a_broken_account(
    alice: Business, simulator: Simulator, clock: TurnedClock
) -> None:
    owner = next(one for one in simulator.world.accounts if one.token == "alice-token")
    owner.token = "alices-new-token"
    nuki_accounts.pause(account=alice.account, failure=errors.NukiUnauthorized("GET", 401), now=clock.now())

    nuki_accounts.replace_token(account=alice.account, token="alices-new-token", now=clock.now())

    kept = NukiAccount.objects.get(pk=alice.account.pk)
    assert (kept.token, alice.account.token) == ("alices-new-token", "alices-new-token")
    assert (kept.broken_since, kept.paused_until, kept.failures) == (None, None, 0)
    assert SmartLock.objects.filter(nuki_account=kept, gone_since=None).count() == 4


def test_another_token_brings_the_webhook_that_was_refused_before(
    alice: Business, simulator: Simulator, clock: TurnedClock, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://keys.example"
    for _ in range(2):
        nuki_accounts.replace_token(account=alice.account, token="alice-token", now=clock.now())
        alice.account.refresh_from_db()

    (registered,) = simulator.world.webhooks.values()
    assert (alice.account.webhook_id, alice.account.webhook_secret) == (registered.id, registered.secret)


def test_a_wrong_token_does_not_take_the_place_of_the_one_that_is_there(
    alice: Business, clock: TurnedClock
) -> None:
    before = NukiAccount.objects.filter(pk=alice.account.pk).values().get()

    with pytest.raises(nuki_accounts.TokenRefused):
        nuki_accounts.replace_token(account=alice.account, token="wrong", now=clock.now())

    assert NukiAccount.objects.filter(pk=alice.account.pk).values().get() == before


def test_what_is_said_of_one_lock_is_kept_and_others_stay(alice: Business, clock: TurnedClock) -> None:
    flat, cellar = alice.locks["Flat 1"], alice.locks["Cellar"]
    clock.turn(seconds=60)

    nuki_accounts.record_lock(
        lock=flat, seen=seen_as(lock=flat, name="N" * 150, server_state=4), now=clock.now()
    )

    kept, other = SmartLock.objects.get(pk=flat.pk), SmartLock.objects.get(pk=cellar.pk)
    assert (kept.name, kept.time_zone, kept.battery_charge) == ("N" * 100, "", None)
    assert (kept.server_state, kept.offline_since, kept.listed_at) == (4, clock.now(), clock.now())
    assert (other.name, other.listed_at, other.offline_since) == ("Cellar", cellar.listed_at, None)


def test_no_token_stands_in_a_log_and_nobody_is_rung_for(
    alice: Business, clock: TurnedClock, caplog: pytest.LogCaptureFixture, rings: Rings
) -> None:
    caplog.set_level("DEBUG")

    with pytest.raises(nuki_accounts.TokenRefused):
        nuki_accounts.connect(organization=alice.organization, name="Second", token="s3cret", now=clock.now())
    with pytest.raises(nuki_accounts.TokenRefused):
        nuki_accounts.replace_token(account=alice.account, token="s3cret", now=clock.now())

    assert "s3cret" not in caplog.text
    assert rings.sent == []


@pytest.mark.django_db
def test_an_account_without_locks_is_connected_too(at_nuki: Account, clock: TurnedClock) -> None:
    bobs: Organization = organizations.found(name="Bob's", owner_email="bob@bobs.example")

    with tenancy.within(bobs):
        account = nuki_accounts.connect(organization=bobs, name="Nuki", token=at_nuki.token, now=clock.now())

        assert SmartLock.objects.filter(nuki_account=account).count() == 0
