"""A guest before a door that does not open: what is found, who is told, and what the host sees of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from access import alert_mail, alerts, guest_links, stays
from access.models import Alert, AlertKind, AuditEntry, AuditKind, Grant, HelpRequest, Stay
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts, tenancy, texts
from properties.models import Door, GuestsOpen, SmartLock
from properties.roles import Role
from tests.access.test_opening import work
from tests.access.test_pages_welcome import MOST_QUERIES, check_guest_page, path_of
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.visitors import Visitor, signed_in, with_role, words
from tests.worlds import CODE, Business, grant_on

FLAT = "Flat 1"
WRONG = "999999"


@pytest.fixture
def guest(clock: TurnedClock) -> Visitor:
    """Somebody with a telephone, who is signed in nowhere."""
    return Visitor(clock)


@pytest.fixture
def stay(alice: Business, timeline: Timeline) -> Stay:
    """Two nights from now on, with the code on both doors."""
    texts.note_facts(place=alice.house, wifi_name="", wifi_password="", phone="+43 1 234567")
    booked = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    return booked


def door_of(stay: Stay, clock: TurnedClock, door: str = FLAT) -> str:
    return f"{path_of(stay, clock)}/doors/{grant_on(stay, door).pk}"


def ask(guest: Visitor, path: str, **fields: str) -> Any:
    """Press the button, and follow it to the page that says what was found."""
    answer = guest.post(f"{path}/help", fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    return guest.get(path)


def take_offline(alice: Business, simulator: Simulator, timeline: Timeline) -> None:
    simulator.take_offline(alice.locks[FLAT].smartlock_id)
    nuki_accounts.refresh(account=alice.account, now=timeline.now)


def review(now: Any) -> None:
    with tenancy.across_organizations(because="a review is of everybody's alerts"):
        alerts.review(now=now)


def help_alerts() -> list[Alert]:
    return list(Alert.objects.filter(kind=AlertKind.GUEST_NEEDS_HELP, closed_at=None))


def written() -> tuple[int, int]:
    return HelpRequest.objects.count(), AuditEntry.objects.filter(kind=AuditKind.HELP_ASKED).count()


def test_a_guest_whose_door_is_well_is_told_how_to_key_the_code_in(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    offered = guest.get(path_of(stay, clock))
    path = door_of(stay, clock)
    before = guest.get(path)

    answer = ask(guest, path)

    assert "My code does not work (Flat 1)" in words(offered)
    assert "From here everything looks right." not in words(before)
    text = words(answer)
    assert "From here everything looks right. Your code is on this door, and the lock answers." in text
    assert "Press the six digits one after the other. There is no enter key to press." in text
    assert "Did none of this help? Then we write to your host at once." in text
    assert "+43 1 234567" in text
    assert CODE not in answer.content.decode()
    check_guest_page(answer)
    assert help_alerts() == []
    assert written() == (1, 1)
    assert AuditEntry.objects.get(kind=AuditKind.HELP_ASKED).answer == "in order"


def test_looking_changes_nothing(guest: Visitor, stay: Stay, clock: TurnedClock, rings: Rings) -> None:
    path = door_of(stay, clock)
    audited, rung = AuditEntry.objects.count(), len(rings.sent)

    statuses = [guest.get(one).status_code for one in (path, f"{path}/help", f"{path}/open")]

    assert statuses == [200, 405, 303]
    assert (AuditEntry.objects.count(), len(rings.sent), written()) == (audited, rung, (0, 0))


def test_asking_has_the_lock_and_its_log_read_and_the_page_says_what_came_of_it(
    guest: Visitor,
    stay: Stay,
    clock: TurnedClock,
    timeline: Timeline,
    rings: Rings,
    simulator: Simulator,
    alice: Business,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    simulator.set_keypad(alice.locks[FLAT].smartlock_id, None)
    path = door_of(stay, clock)
    clock.turn(seconds=1)
    with django_capture_on_commit_callbacks(execute=True):
        at_once = ask(guest, path)
    asked = [name for name, _, _ in rings.sent if name != "access.tasks.send_message"]
    work(rings, timeline)

    settled = guest.get(path)

    assert {"access.tasks.read_lock", "access.tasks.read_log"} <= set(asked)
    assert "We are asking the lock. What stands here may change in a moment." in words(at_once)
    assert "data-looks-again" in at_once.content.decode()
    assert "This door takes no code. Your host lets you in here." in words(settled)
    assert "data-looks-again" not in settled.content.decode()


def test_where_only_the_host_can_help_the_host_is_told_at_once_and_once(
    guest: Visitor,
    alice: Business,
    clock: TurnedClock,
    timeline: Timeline,
    rings: Rings,
    simulator: Simulator,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    take_offline(alice, simulator, timeline)
    stay = alice.book(now=timeline.now, code=CODE)
    path = door_of(stay, clock)

    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(guest, path)
        clock.turn(seconds=30)
        ask(guest, path)
    rung = [name for name, _, _ in rings.sent]
    alert_mail.write(organization=alice.organization, now=timeline.now)
    review(timeline.now)

    without_code = "Nuki does not reach the lock, and the code is not on it."
    assert "Your code is not on this door yet. We cannot reach the lock since Mon 15 Jun" in words(answer)
    assert "Your host knows that you stand here, and what we found out." in words(answer)
    assert rung.count("access.tasks.tell_host") == 1
    assert [one.kind for one in help_alerts()] == [AlertKind.GUEST_NEEDS_HELP]
    assert [str(letter.subject) for letter in mail.outbox] == [
        f"Ada Vogel · Flat 1: Ada Vogel asked for help at Flat 1. {without_code}"
    ]
    assert written() == (1, 2)


def test_a_guest_who_tried_everything_has_the_host_told_by_a_button(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    path = door_of(stay, clock)
    ask(guest, path)

    told = ask(guest, path, tell="host")
    ask(guest, path, tell="host")

    assert "Your host knows that you stand here" in words(told)
    assert "Tell my host" not in words(told)
    assert len(help_alerts()) == 1
    host = signed_in(alice, clock)
    page = words(host.get("/alerts"))
    assert "Ada Vogel asked for help at Flat 1. Nothing is known to be wrong" in page
    assert "Help the guest" in page
    assert "One thing needs you." in page


def test_the_host_sees_what_was_found_and_says_that_it_is_settled(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    ask(guest, door_of(stay, clock), tell="host")
    host = signed_in(alice, clock)
    seen = words(host.get(f"/stays/{stay.pk}"))

    settled = host.post(f"/stays/{stay.pk}/help/settle")
    after = words(host.get(f"/stays/{stay.pk}"))
    review(clock.now() + timedelta(minutes=1))

    assert settled.status_code == 302
    assert "Needs you The guest asked for help at Flat 1. Nothing is known to be wrong" in seen
    assert "Help asked for at Flat 1 on the guest's page" in seen
    assert "The guest needs no help any more" in seen
    assert "Settled The guest asked for help at Flat 1." in after
    assert "The guest needs no help any more" not in after
    assert "Help marked as settled by alice@harbour.example" in after
    assert help_alerts() == []
    line = words(host.get(f"/audit?stay={stay.pk}&who=all"))
    assert "Ada Vogel (guest's page) asked for help at Flat 1" in line


def test_the_alert_goes_by_itself_once_the_guest_has_come_in(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, timeline: Timeline
) -> None:
    ask(guest, door_of(stay, clock), tell="host")
    review(timeline.now)
    before = len(help_alerts())
    timeline.pass_seconds(20)
    assert alice.opens(FLAT, CODE)
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    review(timeline.now)

    assert (before, help_alerts()) == (1, [])
    assert "Got in The guest asked for help at Flat 1." in words(
        signed_in(alice, clock).get(f"/stays/{stay.pk}")
    )


def test_wrong_codes_pause_the_keypad_and_the_page_says_until_when(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, timeline: Timeline
) -> None:
    for _ in range(3):
        alice.opens(FLAT, WRONG)
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    answer = words(ask(guest, door_of(stay, clock)))

    assert "The keypad takes a break. A wrong code was typed several times." in answer
    assert "Wait until Mon 15 Jun, 14:03." in answer
    assert help_alerts() == []


def test_a_wrong_code_at_a_door_that_is_not_on_the_way_asks_for_the_right_door(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, timeline: Timeline
) -> None:
    alice.opens("Flat 2", CODE)
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    answer = words(ask(guest, door_of(stay, clock)))

    assert "Are you at the right door?" in answer
    assert "Go to this door: Flat 1." in answer
    assert "Flat 2" not in answer


def test_before_the_stay_the_page_says_when_the_code_works_and_nobody_is_told(
    guest: Visitor, alice: Business, timeline: Timeline, rings: Rings
) -> None:
    starts_at = timeline.now + timedelta(hours=5)
    stay = alice.book(now=timeline.now, code=CODE, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))
    timeline.pass_seconds(60)
    rung = len(rings.sent)

    answer = words(ask(guest, door_of(stay, timeline.clock), tell="host"))

    assert "It is too early. Your code works from Mon 15 Jun, 19:00." in answer
    assert "Tell my host" not in answer
    assert (help_alerts(), len(rings.sent)) == ([], rung)


def test_a_second_press_is_written_down_once(guest: Visitor, stay: Stay, clock: TurnedClock) -> None:
    path = door_of(stay, clock)

    ask(guest, path)
    ask(guest, path)

    assert written() == (1, 1)


def test_who_asks_very_often_is_asked_to_wait(guest: Visitor, stay: Stay, clock: TurnedClock) -> None:
    path, grant = door_of(stay, clock), grant_on(stay, FLAT)
    AuditEntry.objects.bulk_create(
        AuditEntry(
            organization=stay.organization, kind=AuditKind.HELP_ASKED, stay=stay, grant=grant, at=clock.now()
        )
        for _ in range(20)
    )

    answer = guest.post(f"{path}/help")

    assert answer.status_code == 429
    assert "You have asked very often. Wait some minutes, or call your host." in words(answer)
    assert written() == (0, 20)


@pytest.mark.parametrize("what", ["", "/help", "/open"])
def test_a_door_of_another_stay_is_not_there(
    guest: Visitor, alice: Business, stay: Stay, timeline: Timeline, what: str
) -> None:
    other = alice.book(now=timeline.now, unit="Flat 2", guest_name="Mina Sato")
    path = f"{path_of(stay, timeline.clock)}/doors/{grant_on(other, 'Flat 2').pk}{what}"

    answers = [guest.post(path)] if what else [guest.get(path)]
    answers.append(guest.post(f"{path_of(stay, timeline.clock)}/doors/99999999999999999999/help"))

    assert {answer.status_code for answer in answers} == {404}
    assert written() == (0, 0)


@pytest.mark.parametrize("what", ["", "/help", "/open"])
def test_with_the_stay_its_doors_end_too(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, what: str
) -> None:
    path = door_of(stay, clock)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=clock.now())

    answer = guest.post(f"{path}{what}") if what else guest.get(path)

    assert answer.status_code == 410
    assert written() == (0, 0)
    check_guest_page(answer)


def test_a_link_that_the_host_took_away_opens_and_asks_nothing(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, rings: Rings
) -> None:
    Door.objects.update(guests_open=GuestsOpen.YES)
    path = door_of(stay, clock)
    guest_links.revoke(stay=stay, revoked_by=alice.owner, now=clock.now())
    rung = len(rings.sent)

    statuses = [guest.post(f"{path}{what}").status_code for what in ("/help", "/open")]

    assert (statuses, written(), len(rings.sent)) == ([410, 410], (0, 0), rung)


def test_who_may_change_no_stay_settles_nothing(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    ask(guest, door_of(stay, clock), tell="host")
    bob = with_role(alice, clock, Role.VIEWER)

    page, refused = bob.get(f"/stays/{stay.pk}"), bob.post(f"/stays/{stay.pk}/help/settle")

    assert "The guest needs no help any more" not in words(page)
    assert refused.status_code == 403
    assert HelpRequest.objects.get().settled_at is None


def test_a_door_costs_few_queries(guest: Visitor, stay: Stay, clock: TurnedClock) -> None:
    Door.objects.update(guests_open=GuestsOpen.YES)
    path = door_of(stay, clock)
    ask(guest, path)
    with CaptureQueriesContext(connection) as made:
        guest.get(path)

    assert len(made) <= MOST_QUERIES


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"mode": 4}, "The lock is out of service at the moment.", id="maintenance"),
        pytest.param(
            {"keypad_battery_critical": True}, "The battery of the keypad is nearly empty.", id="keypad"
        ),
        pytest.param({"battery_critical": True}, "The batteries of the lock are nearly empty.", id="lock"),
    ],
)
def test_what_is_wrong_with_the_lock_is_said(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, fields: dict[str, object], said: str
) -> None:
    SmartLock.objects.filter(pk=alice.locks[FLAT].pk).update(**fields)

    assert said in words(ask(guest, door_of(stay, clock)))
    assert len(help_alerts()) == 1


def test_a_code_that_is_under_way_is_said_to_be(guest: Visitor, stay: Stay, clock: TurnedClock) -> None:
    Grant.objects.filter(pk=grant_on(stay, FLAT).pk).update(confirmed_at=None)

    assert "Your code is not on this door yet. It is on its way." in words(ask(guest, door_of(stay, clock)))
