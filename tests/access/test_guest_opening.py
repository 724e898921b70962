"""Guests open their doors from their page: where the host allows it, and as the lock says, not as we hope."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks

from access import alert_mail, alerts, lock_actions
from access.models import Activity, Alert, AlertKind, AuditEntry, AuditKind, Stay
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts, tenancy
from properties.models import Door, GuestsOpen, NukiAccount, SmartLock
from tests.access.test_opening import actions, work
from tests.access.test_pages_door_help import FLAT, door_of
from tests.access.test_pages_welcome import check_guest_page, path_of
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.visitors import Visitor, signed_in, words
from tests.worlds import CODE, Business, grant_on

MINUTE = timedelta(minutes=1)


@pytest.fixture
def guest(clock: TurnedClock) -> Visitor:
    """Somebody with a telephone, who is signed in nowhere."""
    return Visitor(clock)


@pytest.fixture
def stay(alice: Business, timeline: Timeline, rings: Rings) -> Stay:
    """Two nights from now on, in a flat whose door its guests may open from their page."""
    Door.objects.filter(name=FLAT).update(guests_open=GuestsOpen.YES)
    booked = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    rings.sent.clear()
    return booked


@pytest.fixture
def press(
    guest: Visitor,
    stay: Stay,
    clock: TurnedClock,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Any:
    """Press the button to its end."""

    def pressed() -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return guest.post(f"{door_of(stay, clock)}/open")

    return pressed


def opened_by(simulator: Simulator) -> list[str]:
    """What locks were asked to do, beside being read."""
    return [action for action in actions(simulator) if action != "sync"]


def asked() -> int:
    return AuditEntry.objects.filter(kind=AuditKind.OPENING_ASKED).count()


def test_a_guest_opens_the_door_and_the_page_says_so_once_the_lock_does(
    guest: Visitor,
    alice: Business,
    stay: Stay,
    press: Any,
    clock: TurnedClock,
    timeline: Timeline,
    rings: Rings,
    simulator: Simulator,
) -> None:
    path = door_of(stay, clock)
    offered = words(guest.get(path_of(stay, clock)))
    answer = press()
    opening = guest.get(path)
    work(rings, timeline)
    opened = guest.get(path)

    assert offered.count("Open the door") == 1
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert "Opening… We wait until the lock says that it is open." in words(opening)
    assert "data-looks-again" in opening.content.decode()
    assert "The door is open. The lock says so. Push the door." in words(opened)
    assert "data-looks-again" not in opened.content.decode()
    assert opened_by(simulator) == ["action"]
    assert Activity.objects.get(smart_lock=alice.locks[FLAT]).grant == grant_on(stay, FLAT)
    check_guest_page(opening)
    host = signed_in(alice, clock)
    assert "Ada Vogel opened Flat 1 from the guest's page" in words(host.get(f"/stays/{stay.pk}"))
    lock_page = words(host.get(f"/locks/{alice.locks[FLAT].pk}"))
    assert "Ada Vogel (guest's page) asked the lock to open" in lock_page
    assert Alert.objects.count() == 0


def test_without_scripts_it_is_said_twice(
    guest: Visitor, stay: Stay, clock: TurnedClock, rings: Rings
) -> None:
    answer = guest.get(f"{door_of(stay, clock)}/open")

    assert answer.status_code == 200
    assert "Open Flat 1 now?" in words(answer)
    assert "Stand before the door first" in words(answer)
    check_guest_page(answer)
    assert (asked(), rings.sent) == (0, [])


def test_a_double_press_opens_once(
    press: Any, timeline: Timeline, rings: Rings, simulator: Simulator
) -> None:
    answers = [press(), press()]

    assert [answer.status_code for answer in answers] == [303, 303]
    work(rings, timeline)
    assert opened_by(simulator) == ["action"]
    assert asked() == 1


def test_where_somebody_else_opened_it_a_moment_ago_that_is_said(
    alice: Business, press: Any, clock: TurnedClock
) -> None:
    lock_actions.ask_to_open(lock=alice.locks[FLAT], asked_by=alice.owner, now=clock.now())

    answer = press()

    assert answer.status_code == 409
    assert "Somebody had this door opened a moment ago." in words(answer)
    assert asked() == 1


def test_what_a_host_opened_is_not_given_to_the_guest(
    alice: Business, stay: Stay, press: Any, timeline: Timeline, rings: Rings
) -> None:
    press()
    work(rings, timeline)
    timeline.clock.turn(seconds=30)
    entry = lock_actions.ask_to_open(lock=alice.locks[FLAT], asked_by=alice.owner, now=timeline.now)
    rings.sent.append(("access.tasks.open_lock", {"entry_id": entry.pk}, None))
    work(rings, timeline)

    found = Activity.objects.filter(smart_lock=alice.locks[FLAT]).order_by("happened_at")

    assert [one.grant for one in found] == [grant_on(stay, FLAT), None]


def test_six_times_in_an_hour_are_enough(guest: Visitor, stay: Stay, press: Any, clock: TurnedClock) -> None:
    statuses = []
    for _ in range(7):
        statuses.append(press().status_code)
        clock.turn(seconds=20)
    refused = press()
    clock.turn(seconds=3600)
    later = press()

    assert statuses == [303] * 6 + [429]
    assert "This door was opened from here very often. Use your code, or call your host." in words(refused)
    assert later.status_code == 303
    assert asked() == 7
    assert guest.get(door_of(stay, clock)).status_code == 200


@pytest.mark.parametrize(
    ("row", "fields", "said"),
    [
        pytest.param(
            Door, {"guests_open": "no"}, "This door cannot be opened from here now.", id="not allowed"
        ),
        pytest.param(SmartLock, {"server_state": 4}, "We cannot reach the lock at the moment", id="offline"),
        pytest.param(SmartLock, {"mode": 4}, "The lock is out of service", id="maintenance"),
        pytest.param(SmartLock, {"gone_since": "now"}, "We cannot reach the lock at the moment", id="gone"),
        pytest.param(
            NukiAccount, {"broken_since": "now"}, "We cannot reach the lock at the moment", id="account"
        ),
    ],
)
def test_what_cannot_be_opened_is_refused_at_once_and_the_lock_hears_nothing(
    guest: Visitor,
    stay: Stay,
    press: Any,
    clock: TurnedClock,
    rings: Rings,
    simulator: Simulator,
    row: Any,
    fields: dict[str, Any],
    said: str,
) -> None:
    row.objects.update(**{name: clock.now() if value == "now" else value for name, value in fields.items()})

    answer = press()

    assert answer.status_code == 409
    assert said in words(answer)
    assert (asked(), rings.sent, opened_by(simulator)) == (0, [], [])
    assert "Open the door" not in words(guest.get(door_of(stay, clock)))
    assert guest.get(f"{door_of(stay, clock)}/open").status_code == 303


def test_a_door_opens_only_within_the_stay(
    guest: Visitor, alice: Business, timeline: Timeline, rings: Rings
) -> None:
    Door.objects.update(guests_open=GuestsOpen.YES)
    starts_at = timeline.now + timedelta(hours=5)
    stay = alice.book(now=timeline.now, code=CODE, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))
    timeline.pass_seconds(60)
    rings.sent.clear()
    path = path_of(stay, timeline.clock)

    early = guest.post(f"{door_of(stay, timeline.clock)}/open")

    assert early.status_code == 409
    assert "Open the door" not in words(guest.get(path))
    assert (asked(), rings.sent) == (0, [])


def test_a_lock_of_which_nobody_knew_that_it_is_out_of_reach_is_said_not_to_have_answered(
    guest: Visitor,
    alice: Business,
    stay: Stay,
    press: Any,
    clock: TurnedClock,
    timeline: Timeline,
    rings: Rings,
    simulator: Simulator,
) -> None:
    simulator.take_offline(alice.locks[FLAT].smartlock_id)

    press()
    work(rings, timeline)

    answer = words(guest.get(door_of(stay, clock)))
    assert "The lock did not answer. Use your code, or try once more." in answer
    assert not Activity.objects.filter(smart_lock=alice.locks[FLAT]).exists()


def test_what_the_log_never_shows_is_never_said_to_be_open(
    guest: Visitor,
    alice: Business,
    stay: Stay,
    press: Any,
    timeline: Timeline,
    rings: Rings,
    simulator: Simulator,
) -> None:
    simulator.script.lose_next_log_entry(alice.locks[FLAT].smartlock_id)

    press()
    work(rings, timeline)
    waiting = words(guest.get(door_of(stay, timeline.clock)))
    timeline.clock.turn(seconds=100)

    assert "Opening… We wait until the lock says that it is open." in waiting
    assert "The lock did not answer." in words(guest.get(door_of(stay, timeline.clock)))


def test_the_host_who_wants_to_know_gets_one_e_mail_and_nothing_to_do(
    alice: Business, stay: Stay, press: Any, timeline: Timeline, rings: Rings
) -> None:
    Door.objects.filter(name=FLAT).update(guests_open=GuestsOpen.TELL_HOST)
    mail.outbox.clear()
    press()
    work(rings, timeline)
    alert_mail.write(organization=alice.organization, now=timeline.now)
    timeline.clock.turn(seconds=30)
    press()
    work(rings, timeline)
    alert_mail.write(organization=alice.organization, now=timeline.now)
    page = words(signed_in(alice, timeline.clock).get("/alerts"))
    with tenancy.across_organizations(because="a review is of everybody's alerts"):
        alerts.review(now=timeline.now)
        kept = Alert.objects.filter(closed_at=None).count()
        alerts.review(now=timeline.now + 31 * MINUTE)

    told = "Ada Vogel opened Flat 1 from the guest's page."
    assert [str(letter.subject) for letter in mail.outbox] == [f"Ada Vogel · Flat 1: {told}"]
    assert "Nothing needs you." in page
    assert told in page
    assert kept == 1
    assert Alert.objects.get().kind == AlertKind.GUEST_OPENED_DOOR
    assert Alert.objects.get().closed_at is not None
    assert stay.alerts.count() == 1


def test_the_host_chooses_it_for_each_door_and_that_is_written_down(
    alice: Business, clock: TurnedClock
) -> None:
    host, door = signed_in(alice, clock), alice.doors[FLAT]
    fields = {"name": FLAT, "smart_lock": alice.locks[FLAT].pk, "guests_open": "tell host"}
    asks = words(host.get(f"/doors/{door.pk}"))

    for _ in range(2):
        host.post(f"/doors/{door.pk}", fields)

    door.refresh_from_db()
    assert "Guests open it from their page" in asks
    assert door.guests_open == GuestsOpen.TELL_HOST
    entry = AuditEntry.objects.get(kind=AuditKind.GUESTS_OPEN_CHANGED)
    assert (entry.by, entry.smart_lock, entry.answer) == (alice.owner, alice.locks[FLAT], "tell host")
    page = words(host.get(f"/locks/{alice.locks[FLAT].pk}"))
    assert "alice@harbour.example chose whether guests open the door from their page" in page


def test_a_choice_that_there_is_not_is_refused(alice: Business, clock: TurnedClock) -> None:
    host, door = signed_in(alice, clock), alice.doors[FLAT]
    fields = {"name": FLAT, "smart_lock": alice.locks[FLAT].pk, "guests_open": "always"}

    answer = host.post(f"/doors/{door.pk}", fields)

    door.refresh_from_db()
    assert answer.status_code == 200
    assert "always" in words(answer)
    assert door.guests_open == GuestsOpen.NO


def test_the_mode_of_a_lock_is_read_with_its_health(alice: Business, timeline: Timeline) -> None:
    nuki_accounts.refresh(account=alice.account, now=timeline.now)

    assert SmartLock.objects.get(pk=alice.locks[FLAT].pk).mode == 2
