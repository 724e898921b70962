"""What guests are told, when, and how often."""

import email.message
import re
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from icalendar import Calendar

from access import guest_links, guests, mail, messages, stays
from access.models import AuditEntry, AuditKind, Grant, Message
from access.party import Person
from tests.timeline import Timeline
from tests.worlds import Business, code_of, write_message

Outbox = list[EmailMultiAlternatives]


def test_nobody_is_told_a_code_before_every_door_has_it(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    alice.simulator.take_offline(alice.locks["Flat 1"].smartlock_id)
    alice.book(now=timeline.now)

    timeline.pass_time(timedelta(minutes=30))

    assert alice.codes_on("Front door") != []
    assert mailoutbox == []


def test_nobody_is_told_a_code_where_the_guest_cannot_be_invited_to_a_door_without_keypad(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    booked = alice.book(now=timeline.now, unit="Cellar", guest_email="")
    others = [Person("Ben", "ben@guests.example")]
    guests.change_party(stay=booked, people=others, seen=None, changed_by=None, now=timeline.now)

    timeline.pass_time(timedelta(minutes=30))

    assert len(alice.codes_on("Front door")) == 1
    assert mailoutbox == []


def test_the_message_has_the_code_the_way_in_and_the_times_of_the_wall(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    sent = mailoutbox[0]
    text = str(sent.body)

    code = code_of(stay)
    grouped = f"{code[:2]} {code[2:4]} {code[4:]}"
    assert sent.to == ["Ada Vogel <ada@guests.example>"]
    assert sent.reply_to == ["alice@harbour.example"]
    assert grouped in text
    assert text.index("1. Front door:") < text.index("2. Flat 1:")
    assert "Monday, 15 June, 14:00" in text
    assert "Wednesday, 17 June, 14:00" in text
    assert "Europe/Vienna" in text
    html = str(sent.alternatives[0][0])
    assert grouped in html
    assert "Front door" in html
    assert not re.search(r"(?:src|url\()\s*=?\s*[\"']?https?:", html)
    link = guest_links.latest(stay)
    assert link is not None
    assert set(re.findall(r"href\s*=\s*[\"']?(https?:[^\"'\s>]+)", html)) == {guest_links.address(link)}


def test_the_calendar_entry_is_in_utc_and_without_the_code(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    attachment = mailoutbox[0].message().get_payload()[-1]  # type: ignore[index]
    assert isinstance(attachment, email.message.Message)
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    event = Calendar.from_ical(content).walk("VEVENT")[0]

    assert attachment.get_filename() == "stay.ics"
    assert event["DTSTART"].to_ical() == b"20260615T120000Z"
    assert event["DTEND"].to_ical() == b"20260617T120000Z"
    assert code_of(stay).encode() not in content


def test_a_message_is_sent_once_however_often_it_is_rung_for(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    for _ in range(3):
        timeline.send(Message.objects.get(stay=stay).pk)

    assert len(mailoutbox) == 1
    assert AuditEntry.objects.filter(kind=AuditKind.MESSAGE_SENT).count() == 1


def test_a_mail_server_that_refuses_is_asked_again_with_the_same_message_id(
    alice: Business, timeline: Timeline, mailoutbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    def refuse(self: EmailMultiAlternatives, **_: object) -> int:
        refused.append(self.extra_headers["Message-ID"])
        raise ConnectionRefusedError

    stay = alice.book(now=timeline.now)
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        timeline.pass_seconds(60)
    waiting = Message.objects.get(stay=stay)
    timeline.pass_time(timedelta(minutes=5))

    assert waiting.attempts >= 1
    assert waiting.sent_at is None
    assert [one.extra_headers["Message-ID"] for one in mailoutbox] == [refused[0]]


def test_a_message_about_a_stay_that_has_changed_meanwhile_is_not_sent(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now)
    message = write_message(stay, now=timeline.now)
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)

    messages.send(message, now=timeline.now)

    message.refresh_from_db()
    assert message.superseded_at == timeline.now
    assert mailoutbox == []


def test_a_message_that_waited_until_the_stay_was_over_is_not_sent(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now)
    message = write_message(stay, now=timeline.now)

    messages.send(message, now=stay.ends_at)

    assert mailoutbox == []


def test_a_worker_that_died_while_sending_is_followed_by_another(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(5)
    Grant.objects.filter(stay=stay).update(confirmed_at=timeline.now, due_at=None)
    message = write_message(stay, now=timeline.now, claimed_until=timeline.now + messages.CLAIM)

    messages.send(message, now=timeline.now)
    before = len(mailoutbox)
    messages.send(message, now=timeline.now + messages.CLAIM)

    assert (before, len(mailoutbox)) == (0, 1)


def test_a_guest_s_name_cannot_add_headers(alice: Business, timeline: Timeline, mailoutbox: Outbox) -> None:
    alice.book(now=timeline.now, guest_name='Ada "A", Vogel')
    timeline.pass_seconds(60)

    assert mailoutbox[0].to == ['"Ada \\"A\\", Vogel" <ada@guests.example>']


def test_the_calendar_s_uid_stays_the_same_over_changes(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    before = Calendar.from_ical(mail.calendar(stay)).walk("VEVENT")[0]
    stay.revision = 2

    after = Calendar.from_ical(mail.calendar(stay)).walk("VEVENT")[0]

    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
