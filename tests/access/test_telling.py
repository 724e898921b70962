"""When guests are told: the rule, messages that wait, and the page on which hosts choose."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from access import departures, guests, messages, queries, send_times, stays, telling
from access.models import AuditEntry, AuditKind, Grant, Message, MessageKind, Stay
from nuki_gateway.simulator import TurnedClock
from properties.models import Property
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import check_page, signed_in, with_role, words
from tests.worlds import MONDAY_NOON, ZONE, Business, code_of

Outbox = list[EmailMultiAlternatives]
A_DAY = timedelta(days=1)
TEN = time(10)
THURSDAY_THREE = datetime(2026, 6, 18, 13, 0, tzinfo=UTC)  # 15:00 in Vienna


@pytest.mark.parametrize(
    ("days", "at", "now", "due_at"),
    [
        pytest.param(None, TEN, MONDAY_NOON, MONDAY_NOON, id="at once"),
        pytest.param(
            1, TEN, MONDAY_NOON, datetime(2026, 6, 17, 8, tzinfo=UTC), id="the day before, on the wall"
        ),
        pytest.param(
            0, TEN, MONDAY_NOON, datetime(2026, 6, 18, 8, tzinfo=UTC), id="on the day of the arrival"
        ),
        pytest.param(3, TEN, MONDAY_NOON, MONDAY_NOON, id="that time is past: at once"),
        pytest.param(3, time(16), MONDAY_NOON, datetime(2026, 6, 15, 14, tzinfo=UTC), id="later that day"),
        pytest.param(
            0, time(20), MONDAY_NOON, THURSDAY_THREE - timedelta(hours=2), id="never after the arrival"
        ),
        pytest.param(0, TEN, THURSDAY_THREE, THURSDAY_THREE, id="the guest is in the house"),
    ],
)
def test_guests_are_told_so_many_days_before_at_that_time(
    days: int | None, at: time, now: datetime, due_at: datetime
) -> None:
    chosen = telling.due_at(starts_at=THURSDAY_THREE, zone=ZONE, days=days, at=at, now=now)

    assert chosen == due_at


@pytest.fixture
def booked(alice: Business, timeline: Timeline) -> Stay:
    """Its code is on both doors, and its guest is told at ten on the day before the arrival."""
    tell_the_day_before()
    return book_thursday(alice, timeline)


def tell_the_day_before() -> None:
    Property.objects.update(tell_days=1, tell_time=TEN)


def book_thursday(alice: Business, timeline: Timeline) -> Stay:
    alice.flats["Flat 1"].property.refresh_from_db()
    stay = alice.book(now=timeline.now, starts_at=THURSDAY_THREE, ends_at=THURSDAY_THREE + 2 * A_DAY)
    timeline.pass_time(timedelta(hours=2))
    return stay


def test_a_guest_is_told_at_the_time_that_the_property_tells(
    alice: Business, booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    waiting, before = Message.objects.get(stay=booked), len(mailoutbox)
    at_risk = list(queries.at_risk(THURSDAY_THREE - A_DAY))
    timeline.skip_to(waiting.due_at or timeline.now)

    assert alice.codes_on("Flat 1") == [code_of(booked)]
    assert (before, waiting.due_at) == (0, datetime(2026, 6, 17, 8, tzinfo=UTC))
    assert [one.pk for one in at_risk] == [booked.pk]  # its time had passed by then
    assert [one.subject for one in mailoutbox] == ["Your code for Flat 1, House, from Thu 18 Jun"]


def test_a_stay_whose_message_waits_for_its_time_is_not_at_risk(
    booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    Property.objects.update(tell_days=0)
    send_times.choose(
        place=Property.objects.get(),
        days=0,
        at=TEN,
        remind_at=None,
        says_thanks=False,
        now=timeline.now,
    )

    assert list(queries.at_risk(THURSDAY_THREE - timedelta(hours=20))) == []
    assert Message.objects.get(stay=booked).due_at == datetime(2026, 6, 18, 8, tzinfo=UTC)
    assert mailoutbox == []


def test_a_change_before_that_time_makes_one_message_with_the_truth(
    booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stays.renew_code(stay=booked, renewed_by=None, now=timeline.now)
    timeline.pass_time(timedelta(minutes=10))
    first, second = Message.objects.filter(stay=booked).order_by("revision")
    timeline.skip_to(datetime(2026, 6, 17, 8, tzinfo=UTC))

    assert (first.due_at, first.sent_at) == (None, None)
    assert first.superseded_at is not None
    assert (second.kind, second.due_at) == (
        MessageKind.ACCESS_READY,
        datetime(2026, 6, 17, 8, tzinfo=UTC),
    )
    assert len(mailoutbox) == 1
    code = code_of(booked)
    assert f"{code[:2]} {code[2:4]} {code[4:]}" in str(mailoutbox[0].body)


def test_a_message_whose_time_has_come_waits_for_a_door_that_lost_its_code(
    booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    message = Message.objects.get(stay=booked)
    its_time = message.due_at or timeline.now
    door = Grant.objects.filter(stay=booked)[:1]
    Grant.objects.filter(pk__in=door.values("pk")).update(confirmed_at=None)

    messages.send(message, now=its_time)
    held = Message.objects.get(pk=message.pk)
    before = len(mailoutbox)
    Grant.objects.filter(stay=booked).update(confirmed_at=its_time)
    messages.send(held, now=its_time + departures.HELD_BACK)

    assert (held.due_at, held.claimed_until) == (its_time + departures.HELD_BACK, None)
    assert (before, len(mailoutbox)) == (0, 1)


def test_a_guest_who_was_told_is_told_of_a_change_at_once(
    alice: Business, booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    messages.tell_again(stay=booked, asked_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(5)
    stays.renew_code(stay=booked, renewed_by=None, now=timeline.now)
    timeline.pass_time(timedelta(minutes=10))

    assert [one.subject for one in mailoutbox] == [
        "Your code for Flat 1, House, from Thu 18 Jun",
        "Your new code for Flat 1, House",
    ]


def test_a_guest_whose_address_is_corrected_before_that_time_is_told_then_and_once(
    booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    guests.correct(
        guest=booked.guest,
        name="Ada Vogel",
        email="ada@home.example",
        language="en",
        corrected_by=None,
        now=timeline.now,
    )
    timeline.pass_time(timedelta(minutes=10))
    before = len(mailoutbox)
    timeline.skip_to(datetime(2026, 6, 17, 8, tzinfo=UTC))

    assert before == 0
    assert [one.to for one in mailoutbox] == [["Ada Vogel <ada@home.example>"]]


def test_a_message_that_waits_can_be_sent_at_once(
    alice: Business, booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    host = signed_in(alice, timeline.clock)
    page = words(host.get(f"/stays/{booked.pk}"))

    host.post(f"/stays/{booked.pk}/tell-again")
    again = host.post(f"/stays/{booked.pk}/tell-again", follow=True)
    timeline.pass_seconds(5)
    told = words(host.get(f"/stays/{booked.pk}"))

    assert "“Your code is ready” waits for its time" in page
    assert "Wed 17 Jun 2026, 10:00" in page
    assert "Send message now" in page
    assert "The message was sent a moment ago" in words(again)
    assert len(mailoutbox) == Message.objects.filter(sent_at__isnull=False).count() == 1
    assert AuditEntry.objects.filter(kind=AuditKind.TOLD_AT_ONCE, by=alice.owner).count() == 1
    assert "Message sent before its time by" in told
    assert "Send message again" in told


def test_before_its_code_is_on_the_doors_a_stay_says_when_its_guest_will_be_told(
    alice: Business, clock: TurnedClock
) -> None:
    tell_the_day_before()
    alice.flats["Flat 1"].property.refresh_from_db()
    stay = alice.book(now=clock.now(), starts_at=THURSDAY_THREE, ends_at=THURSDAY_THREE + A_DAY)

    page = words(signed_in(alice, clock).get(f"/stays/{stay.pk}"))

    assert "The guest is told the code on Wednesday, 17 June, 10:00, if it is on every door by then." in page


def test_messages_that_wait_follow_another_choice(
    alice: Business, booked: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    host = signed_in(alice, timeline.clock)
    path = f"/properties/{alice.house.pk}/send-time"

    page = host.get(path)
    later = host.post(path, {"tell_days": "0", "tell_time": "11:30"})
    waits_until = Message.objects.get(stay=booked).due_at
    shown = words(host.get(f"/properties/{alice.house.pk}"))
    host.post(path, {"tell_days": "at once", "tell_time": "11:30"})
    timeline.pass_seconds(5)

    check_page(page)
    assert (later.status_code, later.headers["Location"]) == (302, f"/properties/{alice.house.pk}")
    assert waits_until == datetime(2026, 6, 18, 9, 30, tzinfo=UTC)
    assert "on the day of arrival, 11:30" in shown
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"tell_days": "4", "tell_time": "10:00"},
        {"tell_days": "", "tell_time": "10:00"},
        {"tell_days": "-1", "tell_time": "10:00"},
        {"tell_days": "1", "tell_time": ""},
        {"tell_days": "1", "tell_time": "25:00"},
    ],
)
def test_a_time_that_cannot_be_is_said_at_its_field_and_changes_nothing(
    alice: Business, clock: TurnedClock, fields: dict[str, str]
) -> None:
    answer = signed_in(alice, clock).post(f"/properties/{alice.house.pk}/send-time", fields)

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    place = Property.objects.get(pk=alice.house.pk)
    assert (place.tell_days, place.tell_time) == (None, TEN)


def test_who_may_not_change_properties_is_offered_neither_texts_nor_another_time(
    alice: Business, clock: TurnedClock
) -> None:
    bob = with_role(alice, clock, Role.STAFF)

    page = words(bob.get(f"/properties/{alice.house.pk}"))

    assert "once the code is on every door" in page
    assert "Choose another time" not in page
    assert "Texts for guests" not in page
    assert bob.get(f"/properties/{alice.house.pk}/send-time").status_code == 403
