"""What is written on a lock before its list is read, and what waits for the list."""

from datetime import timedelta

import pytest

from access import stays
from access.models import Grant
from nuki_gateway.simulator import Simulator
from properties.encryption import digest
from properties.models import SmartLock
from tests.timeline import Timeline
from tests.worlds import Business, grant_on

pytestmark = pytest.mark.django_db


def methods_since(simulator: Simulator, before: int) -> list[str]:
    """What the service was asked about codes after so many calls, by method, in order."""
    return [call.method for call in simulator.calls[before:] if "/auth" in call.path]


def test_a_new_code_is_sent_before_any_list_once_the_account_was_swept(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    timeline.sweep(alice.account.pk)
    before = len(simulator.calls)
    stay = alice.book(now=timeline.now)

    timeline.look_at(grant_on(stay, "Front door").smart_lock_id)

    assert methods_since(simulator, before) == ["PUT"]


def test_without_a_sweep_the_list_comes_first(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    before = len(simulator.calls)
    stay = alice.book(now=timeline.now)

    timeline.look_at(grant_on(stay, "Front door").smart_lock_id)

    assert methods_since(simulator, before) == ["GET", "PUT"]


@pytest.mark.parametrize(
    "known",
    [
        pytest.param("the code is somebody's", id="somebody has this code"),
        pytest.param("the lock is nearly full", id="hardly any room"),
    ],
)
def test_a_new_code_that_may_not_fit_waits_for_the_list(
    alice: Business, timeline: Timeline, simulator: Simulator, known: str
) -> None:
    timeline.sweep(alice.account.pk)
    stay = alice.book(now=timeline.now)
    grant = grant_on(stay, "Front door")
    foreign = {
        "the code is somebody's": [grant.code_digest],
        "the lock is nearly full": [digest(str(number)) for number in range(190)],
    }[known]
    SmartLock.objects.filter(pk=grant.smart_lock_id).update(foreign_codes=foreign)
    before = len(simulator.calls)

    timeline.look_at(grant.smart_lock_id)

    assert methods_since(simulator, before) == ["GET", "PUT"]


def test_a_code_that_is_over_is_removed_by_its_id_and_then_looked_for(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=5))
    grant = grant_on(stay, "Front door")
    timeline.clock.turn(seconds=(grant.allowed_until - timeline.now).total_seconds() + 1)
    before = len(simulator.calls)

    timeline.look_at(grant.smart_lock_id)
    at_once = methods_since(simulator, before)
    timeline.pass_time(timedelta(minutes=2))

    assert at_once == ["DELETE"]
    assert alice.codes_on("Front door") == []
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


def test_a_removal_of_what_the_host_took_away_himself_ends_by_the_list(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=5))
    grant = grant_on(stay, "Front door")
    simulator.in_the_app(alice.locks["Front door"].smartlock_id).delete(grant.label)
    timeline.clock.turn(seconds=(grant.allowed_until - timeline.now).total_seconds() + 1)

    timeline.pass_time(timedelta(minutes=5))

    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


def test_a_cancelled_code_is_looked_at_before_it_is_removed(
    alice: Business, timeline: Timeline, simulator: Simulator
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=5))
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    before = len(simulator.calls)

    timeline.look_at(grant_on(stay, "Front door").smart_lock_id)

    assert methods_since(simulator, before) == ["GET", "DELETE"]
