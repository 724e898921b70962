"""Stays that may go wrong within a day: found from rows alone, whatever ran or did not run before."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from access import queries, readiness, risks
from access.models import Grant, Message, Problem, Stay
from nuki_gateway.models import ServerState
from properties import tenancy
from properties.models import SmartLock
from tests.timeline import Timeline
from tests.worlds import Business, unsend

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATE = readiness.SLOW + timedelta(seconds=1)


def at_risk(business: Business, now: datetime) -> list[int]:
    """The stays of a business that need attention."""
    return [stay.pk for stay in queries.at_risk(now, business.organization)]


def why(business: Business, now: datetime) -> list[tuple[str, str]]:
    """Tone and sentence of each of them."""
    stays = queries.at_risk(now, business.organization)
    found = [risks.risk_of(stay, list(stay.grants.all()), now) for stay in stays]
    return [(risk.tone.value, risk.sentence) for risk in found]


def of_the_flat(**fields: object) -> Callable[[Stay], object]:
    """Change what is known of the lock of Flat 1."""
    return lambda _: SmartLock.objects.filter(name="Flat 1").update(**fields)


def on_the_flat(**fields: object) -> Callable[[Stay], object]:
    """Change what was seen of the stay's code on Flat 1."""
    return lambda stay: Grant.objects.filter(stay=stay, door__name="Flat 1").update(**fields)


def not_sent(**fields: object) -> Callable[[Stay], object]:
    """Have the stay's message not sent."""
    return lambda stay: unsend(stay, **fields)


def offline_without_the_code(stay: Stay) -> None:
    """The lock does not answer, and what is wanted there now was not seen yet."""
    SmartLock.objects.filter(name="Flat 1").update(
        server_state=ServerState.OFFLINE, offline_since=stay.booked_at + HOUR
    )
    on_the_flat(confirmed_at=None)(stay)


@pytest.mark.parametrize(
    ("becomes", "tone", "sentence"),
    [
        pytest.param(
            on_the_flat(confirmed_at=None),
            "act",
            "Ada Vogel's code is not confirmed on Flat 1 yet.",
            id="not confirmed",
        ),
        pytest.param(
            offline_without_the_code,
            "act",
            "Flat 1 does not answer since 15:00; Ada Vogel's code is not confirmed there.",
            id="offline, and something outstanding",
        ),
        pytest.param(
            of_the_flat(has_keypad=False),
            "act",
            "The lock of Flat 1 has no keypad any more, so no code opens it.",
            id="keypad gone",
        ),
        pytest.param(
            of_the_flat(keypad_battery_critical=True),
            "look",
            "The battery of the keypad at Flat 1 is nearly empty. Change it.",
            id="keypad battery",
        ),
        pytest.param(
            of_the_flat(battery_critical=True),
            "look",
            "The batteries of the lock at Flat 1 are nearly empty. Change them.",
            id="lock batteries",
        ),
        pytest.param(
            of_the_flat(gone_since=datetime.fromisoformat("2026-06-15T12:30:00Z")),
            "act",
            "The lock of Flat 1 is no longer in your Nuki account.",
            id="lock gone",
        ),
        pytest.param(
            of_the_flat(subscription_ended=True),
            "look",
            "The Smart Hosting subscription of Flat 1 has ended: its code can no longer be changed.",
            id="subscription ended, code confirmed",
        ),
        *(
            pytest.param(on_the_flat(problem=problem, confirmed_at=None), "act", sentence, id=str(problem))
            for problem, sentence in (
                (Problem.NO_ADDRESS, "Flat 1 has no keypad, and the guest no address for an app invitation."),
                (Problem.INVITE_REFUSED, "Nuki refuses to invite the guest to the app for Flat 1."),
                (Problem.OWN_APP_RIGHT, "The guest has the Nuki app at Flat 1 from somebody else."),
                (Problem.KEYPAD_REFUSES, "The lock of Flat 1 refuses keypad codes."),
                (Problem.CODE_TAKEN, "Another entry on the lock of Flat 1 has the same code."),
                (Problem.REFUSED, "Nuki refuses the change on the lock of Flat 1."),
                (Problem.LOCK_GONE, "The lock of Flat 1 is no longer in your Nuki account."),
                (Problem.SUBSCRIPTION_ENDED, "The Smart Hosting subscription of Flat 1 has ended."),
                (Problem.NO_ROOM, "The lock of Flat 1 holds 200 codes and is full."),
                (Problem.KEYPAD_GONE, "The lock of Flat 1 has no keypad any more, so no code opens it."),
            )
        ),
        pytest.param(
            lambda stay: Grant.objects.filter(stay=stay).update(closed_at=stay.booked_at, due_at=None),
            "act",
            "No door is set to open for Ada Vogel.",
            id="no door at all",
        ),
        pytest.param(
            not_sent(attempts=1),
            "look",
            "The message with the code has not been sent to Ada Vogel.",
            id="message refused",
        ),
        pytest.param(
            not_sent(),
            "look",
            "The message with the code has not been sent to Ada Vogel.",
            id="message lies there",
        ),
        pytest.param(
            lambda stay: Message.objects.filter(stay=stay).delete(),
            "look",
            "The message with the code has not been sent to Ada Vogel.",
            id="no message",
        ),
    ],
)
def test_a_stay_that_was_ready_is_listed_with_what_is_wrong_now(
    alice: Business, timeline: Timeline, becomes: Callable[[Stay], object], tone: str, sentence: str
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + 3 * DAY)
    timeline.pass_seconds(60)
    later = timeline.now + 2 * HOUR
    before = at_risk(alice, later)

    becomes(stay)

    assert before == []
    assert why(alice, later) == [(tone, sentence)]


def test_a_sentence_is_there_for_each_problem() -> None:
    assert set(risks.AT_A_DOOR) == set(Problem)


def test_an_arrival_within_a_day_is_listed_five_minutes_after_booking_though_no_worker_lives(
    alice: Business, timeline: Timeline
) -> None:
    starts_at = timeline.now + 23 * HOUR
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.is_running = False

    timeline.pass_time(readiness.SLOW - timedelta(seconds=1))
    before = at_risk(alice, timeline.now)
    timeline.pass_seconds(2)

    assert before == []
    assert at_risk(alice, timeline.now) == [stay.pk]


def test_a_far_stay_is_listed_from_a_day_before_though_no_worker_lives(
    alice: Business, timeline: Timeline
) -> None:
    starts_at = timeline.now + 10 * DAY
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + DAY)
    timeline.is_running = False

    seen = [at_risk(alice, starts_at - span) for span in (DAY + timedelta(seconds=1), DAY)]

    assert seen == [[], [stay.pk]]


def test_a_code_on_its_way_to_an_online_lock_is_given_minutes_and_to_an_offline_one_none(
    alice: Business, timeline: Timeline
) -> None:
    online = alice.book(now=timeline.now)
    SmartLock.objects.filter(name="Flat 2").update(server_state=ServerState.OFFLINE)
    offline = alice.book(now=timeline.now, unit="Flat 2", guest_name="Bela Kis")

    assert at_risk(alice, timeline.now) == [offline.pk]
    assert at_risk(alice, timeline.now + LATE) == [online.pk, offline.pk]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"ends_at": datetime.fromisoformat("2026-06-15T13:00:00Z")}, id="over"),
        pytest.param({"cancelled_at": datetime.fromisoformat("2026-06-15T12:01:00Z")}, id="cancelled"),
        pytest.param(
            {
                "starts_at": datetime.fromisoformat("2026-06-17T12:00:00Z"),
                "ends_at": datetime.fromisoformat("2026-06-19T12:00:00Z"),
            },
            id="far",
        ),
    ],
)
def test_stays_that_are_over_cancelled_or_far_need_nobody(
    alice: Business, timeline: Timeline, change: dict[str, datetime]
) -> None:
    stay = alice.book(now=timeline.now)

    Stay.objects.filter(pk=stay.pk).update(**change)

    assert at_risk(alice, timeline.now + HOUR) == []


def test_a_code_that_leaves_the_door_before_is_no_risk(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    Grant.objects.filter(stay=stay, door__name="Flat 1").update(is_wanted=False, confirmed_at=None)

    assert at_risk(alice, timeline.now + HOUR) == []


def test_each_organization_sees_its_own_and_whoever_may_sees_all(
    alice: Business, charlie: Business, timeline: Timeline
) -> None:
    ours = alice.book(now=timeline.now)
    with tenancy.within(charlie.organization):
        theirs = charlie.book(now=timeline.now)
        seen_by_charlie = at_risk(charlie, timeline.now + LATE)

    with tenancy.across_organizations(because="a check of everybody's stays"):
        everybody = [stay.pk for stay in queries.at_risk(timeline.now + LATE)]

    assert at_risk(alice, timeline.now + LATE) == [ours.pk]
    assert seen_by_charlie == [theirs.pk]
    assert everybody == [ours.pk, theirs.pk]


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_does_not_grow_with_the_stays(
    alice: Business,
    timeline: Timeline,
    count: int,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    for number in range(count):
        starts_at = timeline.now + number * HOUR
        alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50))
    now = timeline.now + timedelta(minutes=10)

    with django_assert_num_queries(4):  # type: ignore[attr-defined]
        found = why(alice, now)

    assert len(found) == count
