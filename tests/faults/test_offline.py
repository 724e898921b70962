"""Locks that are not reached for hours, and what becomes of writes meanwhile (F13, F14)."""

from datetime import timedelta
from typing import TypedDict

import pytest

from access import shown, stays
from access.models import Grant, Stay
from nuki_gateway.simulator import OfflineWrites
from tests.faults.judging import A_GOOD_LIFE, DOORS, SOON, Watch, live_through
from tests.worlds import Business, code_of, writes

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
TEN_MINUTES = timedelta(minutes=10)  # of reach: what an end that was moved earlier may take
TWENTY_MINUTES = timedelta(minutes=20)  # of reach: what a code may take


class Spell(TypedDict, total=False):
    """How a lock is out of reach."""

    writes: OfflineWrites
    dropped_after_seconds: float
    delivered_after_seconds: float


SPELLS = [
    pytest.param({"writes": OfflineWrites.DELIVERED_ON_RETURN}, id="F13 delivered on return"),
    pytest.param({"writes": OfflineWrites.LOST}, id="F13 dropped at once"),
    pytest.param({"writes": OfflineWrites.PENDING}, id="F13 stuck until a sync"),
    pytest.param({"dropped_after_seconds": 7200}, id="F14 dropped after two hours"),
    pytest.param({"delivered_after_seconds": 7200}, id="F14 delivered two hours after the return"),
]


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


def go_offline(alice: Business, spell: Spell) -> None:
    alice.simulator.script.take_offline(flat(alice), **spell)


def change(alice: Business, stay: Stay, timeline: Watch, **times: object) -> None:
    wanted = {"starts_at": stay.starts_at, "ends_at": stay.ends_at} | times
    stays.change(
        stay=stay,
        unit=stay.unit,
        changed_by=alice.owner,
        now=timeline.now,
        **wanted,  # type: ignore[arg-type]  # a test names what it changes
    )
    stay.refresh_from_db()


def tone_of(stay: Stay, timeline: Watch) -> str:
    stay = Stay.objects.select_related("guest", "unit__property").get(pk=stay.pk)
    grants = list(stay.grants.select_related("smart_lock", "door"))
    return shown.state_of(stay, grants, timeline.now).chip.tone


@pytest.mark.parametrize("spell", SPELLS)
def test_a_guest_gets_in_once_the_lock_is_back_and_the_host_knows_before(
    alice: Business, timeline: Watch, spell: Spell
) -> None:
    go_offline(alice, spell)
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=6))
    tone_after_six_minutes = tone_of(stay, timeline)
    timeline.pass_time(5 * HOUR)
    written = writes(alice.simulator).total()
    told_before = list(timeline.letters)

    alice.simulator.bring_online(flat(alice))
    timeline.pass_time(TWENTY_MINUTES)
    opened = alice.opens("Flat 1", code_of(stay))
    timeline.pass_time(2 * HOUR)
    life = live_through(alice, timeline, stay)

    assert tone_after_six_minutes == "act"
    assert told_before == []
    assert written <= 4
    assert opened or "delivered_after_seconds" in spell  # the place is taken until then: nothing can be done
    assert life == A_GOOD_LIFE


@pytest.mark.parametrize("spell", SPELLS)
def test_a_code_that_is_on_an_offline_lock_opens_from_arrival_to_checkout_and_no_longer(
    alice: Business, timeline: Watch, spell: Spell
) -> None:
    starts_at = timeline.now + HOUR
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + 24 * HOUR)
    timeline.pass_seconds(60)
    code = code_of(stay)
    go_offline(alice, spell)

    timeline.pass_time(starts_at - timeline.now - timedelta(seconds=1))
    before = alice.opens("Flat 1", code)
    timeline.clock.turn(seconds=1)
    at_arrival = alice.opens("Flat 1", code)
    timeline.pass_time(stay.ends_at - timeline.now - timedelta(seconds=1))
    at_the_end = alice.opens("Flat 1", code)
    timeline.clock.turn(seconds=1)
    after = alice.opens("Flat 1", code)
    timeline.pass_time(24 * HOUR)
    alice.simulator.bring_online(flat(alice))
    timeline.pass_time(2 * HOUR + TWENTY_MINUTES)

    assert (before, at_arrival, at_the_end, after) == (False, True, True, False)
    assert alice.codes_on("Flat 1") == []
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


@pytest.mark.parametrize("spell", SPELLS)
def test_a_stay_that_is_made_longer_meanwhile_opens_to_its_new_end(
    alice: Business, timeline: Watch, spell: Spell
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    old_end = stay.ends_at
    go_offline(alice, spell)

    change(alice, stay, timeline, ends_at=old_end + 24 * HOUR)
    timeline.pass_time(5 * HOUR)
    told_meanwhile = len(timeline.letters)
    alice.simulator.bring_online(flat(alice))
    timeline.pass_time(2 * HOUR + TWENTY_MINUTES)
    written = writes(alice.simulator).total()
    timeline.pass_time(old_end + HOUR - timeline.now)

    assert told_meanwhile == 1
    assert [alice.opens(door, code_of(stay)) for door in DOORS] == [True, True]
    assert [letter.shut for letter in timeline.letters] == [(), ()]
    assert writes(alice.simulator).total() == written


@pytest.mark.parametrize("spell", SPELLS)
def test_a_stay_that_is_made_shorter_meanwhile_ends_soon_after_the_lock_is_back(
    alice: Business, timeline: Watch, spell: Spell
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)
    go_offline(alice, spell)

    change(alice, stay, timeline, ends_at=timeline.now + 2 * HOUR)
    timeline.pass_time(5 * HOUR)
    alice.simulator.bring_online(flat(alice))
    timeline.pass_time(SOON if "delivered_after_seconds" not in spell else 2 * HOUR + SOON)

    assert not alice.opens("Flat 1", code)
    assert alice.codes_on("Flat 1") == []


@pytest.mark.parametrize("spell", SPELLS)
def test_a_stay_that_is_cancelled_meanwhile_leaves_no_code_behind(
    alice: Business, timeline: Watch, spell: Spell
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)
    go_offline(alice, spell)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(5 * HOUR)
    alice.simulator.bring_online(flat(alice))
    timeline.pass_time(SOON if "delivered_after_seconds" not in spell else 2 * HOUR + SOON)

    assert not alice.opens("Flat 1", code)
    assert alice.codes_on("Flat 1") == []
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


@pytest.mark.usefixtures("nuki_calls_us")
@pytest.mark.parametrize("ends", ["cancelled", "made shorter"])
def test_who_may_not_come_in_any_more_is_shut_out_soon_after_the_return_though_no_news_tell_of_it(
    alice: Business, timeline: Watch, ends: str
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code = code_of(stay)
    go_offline(alice, {"writes": OfflineWrites.LOST})
    timeline.pass_seconds(60)
    if ends == "cancelled":
        stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    else:
        change(alice, stay, timeline, ends_at=timeline.now + HOUR)
    timeline.pass_time(5 * HOUR)

    alice.simulator.script.lose_next_webhooks(7)
    alice.simulator.bring_online(flat(alice))
    timeline.pass_time(TEN_MINUTES)

    assert not alice.opens("Flat 1", code)


@pytest.mark.parametrize("hours", [5, 30])
@pytest.mark.parametrize("spell", SPELLS)
def test_a_push_that_was_cancelled_on_its_way_leaves_no_code_behind(
    *, alice: Business, timeline: Watch, spell: Spell, hours: int
) -> None:
    go_offline(alice, spell)
    stay = alice.book(now=timeline.now, ends_at=timeline.now + 96 * HOUR)
    code = code_of(stay)
    timeline.pass_time(HOUR)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(hours * HOUR)
    alice.simulator.bring_online(flat(alice))
    timeline.pass_time(3 * HOUR)

    assert not alice.opens("Flat 1", code)
    assert alice.codes_on("Flat 1") == []
    assert timeline.letters == []


def test_f13_a_lock_that_is_gone_for_three_days_is_asked_seldom(alice: Business, timeline: Watch) -> None:
    go_offline(alice, {})
    alice.book(now=timeline.now, ends_at=timeline.now + 96 * HOUR)
    timeline.pass_time(HOUR)
    calls, written = len(alice.simulator.calls), writes(alice.simulator).total()

    timeline.pass_time(71 * HOUR)

    about_the_flat = [call for call in alice.simulator.calls[calls:] if str(flat(alice)) in call.path]
    assert writes(alice.simulator).total() == written
    assert len(about_the_flat) <= 2 * 6 * 71  # how the lock is and what it lists, every ten minutes
