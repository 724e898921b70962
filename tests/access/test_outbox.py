"""What is kept of each message, which kinds there are, and how several changes become one of them."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import ProgrammingError, transaction
from icalendar import Calendar

from access import guests, messages, queries, send_times, stays
from access.models import Message, MessageKind, Stay
from nuki_gateway.simulator import TurnedClock
from properties.encryption import digest
from properties.models import Property
from tests.timeline import Timeline
from tests.visitors import signed_in, words
from tests.worlds import Business, code_of

Outbox = list[EmailMultiAlternatives]
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
LATER = timedelta(minutes=10)
THURSDAY_THREE = datetime(2026, 6, 18, 13, 0, tzinfo=UTC)  # 15:00 in Vienna
NINE = datetime(2026, 6, 18, 7, 0, tzinfo=UTC)


@pytest.fixture
def told(alice: Business, timeline: Timeline) -> Stay:
    """A stay of Thursday whose guest was told on Monday."""
    stay = alice.book(now=timeline.now, starts_at=THURSDAY_THREE, ends_at=THURSDAY_THREE + 2 * A_DAY)
    timeline.pass_time(2 * AN_HOUR)
    return stay


def leave_later(stay: Stay, timeline: Timeline, **later: float) -> None:
    current = Stay.objects.select_related("unit").get(pk=stay.pk)
    stays.change(
        stay=current,
        unit=current.unit,
        starts_at=current.starts_at,
        ends_at=current.ends_at + timedelta(**later),
        changed_by=None,
        now=timeline.now,
    )


def kinds(stay: Stay) -> list[str]:
    """The kinds of what was sent, in that order."""
    sent = Message.objects.filter(stay=stay, sent_at__isnull=False)
    return list(sent.order_by("sent_at", "pk").values_list("kind", flat=True))


def test_what_a_message_told_is_kept_with_it(told: Stay) -> None:
    message = Message.objects.get(stay=told, kind=MessageKind.ACCESS_READY)

    code = code_of(told)
    assert (message.told_code, message.told_code_digest) == (code, digest(code))
    assert (message.told_from, message.told_until) == (told.starts_at, told.ends_at)
    assert (message.told_unit, message.told_doors) == ("Flat 1, House", ["Front door", "Flat 1"])
    assert (message.language, message.channel, message.sent_to) == ("en", "email", "ada@guests.example")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"told_code": "999999"}, id="the code"),
        pytest.param({"sent_at": None}, id="that it was sent"),
        pytest.param({"sent_to": "eve@guests.example"}, id="to whom"),
        pytest.param({"told_until": THURSDAY_THREE}, id="until when"),
    ],
)
def test_a_message_that_was_sent_is_never_changed(told: Stay, changes: dict[str, object]) -> None:
    sent = Message.objects.filter(stay=told, sent_at__isnull=False)

    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic():
        sent.update(**changes)

    assert sent.update(delivered_at=THURSDAY_THREE, sent_to="") == 1


def test_several_changes_within_minutes_make_one_message_with_the_truth(
    told: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    for _ in range(3):
        leave_later(told, timeline, hours=1)
        timeline.pass_time(timedelta(minutes=2))
    before = len(mailoutbox)
    timeline.pass_time(LATER)

    assert before == 1
    assert kinds(told) == [MessageKind.ACCESS_READY, MessageKind.ACCESS_CHANGED]
    assert "Saturday, 20 June, 18:00" in str(mailoutbox[-1].body)


def test_a_change_that_is_undone_within_minutes_makes_none(
    alice: Business, told: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    leave_later(told, timeline, hours=1)
    timeline.pass_time(timedelta(minutes=1))
    waits = words(signed_in(alice, timeline.clock).get(f"/stays/{told.pk}"))
    leave_later(told, timeline, hours=-1)
    timeline.pass_time(LATER)

    assert "“Your access has changed” leaves in a moment" in waits
    assert len(mailoutbox) == 1
    assert list(queries.at_risk(THURSDAY_THREE - AN_HOUR)) == []


def test_a_guest_who_is_about_to_arrive_is_told_of_a_change_at_once(told: Stay, timeline: Timeline) -> None:
    timeline.skip_to(THURSDAY_THREE - timedelta(minutes=50))
    leave_later(told, timeline, hours=1)
    timeline.pass_time(timedelta(minutes=2))

    assert kinds(told)[-1] == MessageKind.ACCESS_CHANGED


def test_another_code_is_a_message_of_its_own(told: Stay, timeline: Timeline, mailoutbox: Outbox) -> None:
    stays.renew_code(stay=told, renewed_by=None, now=timeline.now)
    timeline.pass_time(LATER)

    code = code_of(told)
    assert kinds(told) == [MessageKind.ACCESS_READY, MessageKind.NEW_CODE]
    assert mailoutbox[-1].subject == "Your new code for Flat 1, House"
    assert f"{code[:2]} {code[2:4]} {code[4:]}" in str(mailoutbox[-1].body)


def test_who_was_told_is_told_of_the_cancellation_and_loses_the_calendar_entry(
    told: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    leave_later(told, timeline, hours=1)
    stays.cancel(stay=told, cancelled_by=None, now=timeline.now)
    timeline.pass_time(LATER)

    last = mailoutbox[-1]
    assert kinds(told) == [MessageKind.ACCESS_READY, MessageKind.STAY_CANCELLED]
    assert last.subject == "Your stay in Flat 1, House, is cancelled"
    assert "until Saturday, 20 June, 15:00 is cancelled" in str(last.body)  # what the guest knows
    entry = Calendar.from_ical(last.attachments[0][1])
    assert entry["METHOD"] == "CANCEL"
    assert entry.walk("VEVENT")[0]["STATUS"] == "CANCELLED"


def test_who_was_told_nothing_hears_of_no_cancellation(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now)
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)
    timeline.pass_time(LATER)

    assert mailoutbox == []
    assert Message.objects.count() == 0


def test_a_cancellation_that_is_taken_back_in_time_is_not_told(told: Stay, timeline: Timeline) -> None:
    stays.cancel(stay=told, cancelled_by=None, now=timeline.now)
    timeline.pass_seconds(30)
    again = stays.book_again(stay=told, booked_by=None, now=timeline.now)
    timeline.pass_time(LATER)

    assert kinds(told) == [MessageKind.ACCESS_READY]
    assert kinds(again) == [MessageKind.ACCESS_READY]


def test_on_the_day_of_arrival_a_guest_who_was_told_long_ago_is_reminded(
    alice: Business, told: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    planned = words(signed_in(alice, timeline.clock).get(f"/stays/{told.pk}"))
    timeline.skip_to(NINE)

    assert "Reminder waits for its time" in planned
    assert kinds(told) == [MessageKind.ACCESS_READY, MessageKind.REMINDER]
    assert Message.objects.get(kind=MessageKind.REMINDER).sent_at == NINE
    assert mailoutbox[-1].subject == "Today: your code for Flat 1, House"
    assert mailoutbox[-1].attachments == []


def test_who_was_told_of_a_change_the_day_before_is_not_reminded(told: Stay, timeline: Timeline) -> None:
    timeline.skip_to(NINE - timedelta(hours=20))
    leave_later(told, timeline, hours=1)
    timeline.skip_to(THURSDAY_THREE)

    assert kinds(told) == [MessageKind.ACCESS_READY, MessageKind.ACCESS_CHANGED]


def test_nobody_is_reminded_of_what_is_about_to_change(told: Stay, timeline: Timeline) -> None:
    timeline.skip_to(NINE - timedelta(minutes=3))
    leave_later(told, timeline, hours=1)
    timeline.skip_to(THURSDAY_THREE)

    assert kinds(told) == [MessageKind.ACCESS_READY, MessageKind.ACCESS_CHANGED]


def test_what_waits_follows_the_property_s_choice_of_reminders_and_thanks(
    alice: Business, told: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    host = signed_in(alice, timeline.clock)
    fields = {"tell_days": "at once", "tell_time": "10:00"}

    host.post(f"/properties/{alice.house.pk}/send-time", fields)
    without = [one.due_at for one in Message.objects.filter(kind=MessageKind.REMINDER)]
    host.post(
        f"/properties/{alice.house.pk}/send-time", fields | {"remind_time": "11:30", "says_thanks": "on"}
    )
    page = words(host.get(f"/properties/{alice.house.pk}"))
    timeline.skip_to(told.ends_at)

    assert without == [None]
    assert "Reminded on the day of arrival, 11:30. Thanked when they leave." in page
    reminder = Message.objects.get(kind=MessageKind.REMINDER)
    assert reminder.sent_at == NINE + timedelta(hours=2, minutes=30)
    assert kinds(told)[-1] == MessageKind.THANK_YOU
    assert mailoutbox[-1].extra_headers["List-Unsubscribe"] == (
        "<mailto:alice@harbour.example?subject=Unsubscribe>"
    )
    assert "Press the six digits" not in str(mailoutbox[-1].body)


def test_who_stays_longer_is_thanked_when_they_really_leave(alice: Business, timeline: Timeline) -> None:
    send_times.choose(
        place=Property.objects.get(),
        days=None,
        at=time(10),
        remind_at=None,
        says_thanks=True,
        now=timeline.now,
    )
    stay = alice.book(now=timeline.now)
    timeline.pass_time(LATER)
    leave_later(stay, timeline, days=1)
    timeline.skip_to(stay.ends_at)
    before = kinds(stay)
    timeline.skip_to(stay.ends_at + A_DAY)

    assert before == [MessageKind.ACCESS_READY, MessageKind.ACCESS_CHANGED]
    assert kinds(stay) == [*before, MessageKind.THANK_YOU]


def test_a_message_waits_for_another_of_its_stay_that_is_on_its_way(
    told: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    first = Message.objects.filter(stay=told, kind=MessageKind.REMINDER)
    until = timeline.now + messages.CLAIM
    first.update(claimed_until=until, due_at=timeline.now)
    leave_later(told, timeline, hours=1)
    timeline.is_running = False
    stays.cancel(stay=told, cancelled_by=None, now=timeline.now)
    cancellation = Message.objects.get(stay=told, kind=MessageKind.STAY_CANCELLED)
    Message.objects.filter(pk=cancellation.pk).update(due_at=timeline.now)

    messages.send(cancellation, now=timeline.now)

    cancellation.refresh_from_db()
    assert (cancellation.due_at, cancellation.sent_at) == (until, None)
    assert len(mailoutbox) == 1


def test_a_guest_who_has_no_address_any_more_is_told_nothing(
    told: Stay, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stays.cancel(stay=told, cancelled_by=None, now=timeline.now)
    guests.erase(guest=told.guest, now=timeline.now)
    timeline.pass_time(LATER)

    assert len(mailoutbox) == 1
    assert kinds(told) == [MessageKind.ACCESS_READY]


@pytest.mark.parametrize("remind_time", ["25:00", "soon"])
def test_a_time_for_reminders_that_cannot_be_changes_nothing(
    alice: Business, clock: TurnedClock, remind_time: str
) -> None:
    fields = {"tell_days": "1", "tell_time": "10:00", "remind_time": remind_time, "says_thanks": "on"}

    answer = signed_in(alice, clock).post(f"/properties/{alice.house.pk}/send-time", fields)

    assert answer.status_code == 200
    place = Property.objects.get(pk=alice.house.pk)
    assert (place.remind_time, place.says_thanks, place.tell_days) == (time(9), False, None)
