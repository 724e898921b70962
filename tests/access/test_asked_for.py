"""What a host asks for a stay beside changing it: the message again, another code."""

from datetime import timedelta

import pytest
from django.core import mail

from access import codes, messages, stays
from access.models import AuditEntry, AuditKind, Message, MessageKind
from nuki_gateway.simulator import TurnedClock
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import check_page, signed_in, with_role, words
from tests.worlds import Business, code_of, writes

MINUTES = timedelta(minutes=2)


def test_a_message_is_sent_again_as_it_was(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_time(MINUTES)
    written = writes(alice.simulator)

    messages.tell_again(stay=stay, asked_by=alice.owner, now=timeline.now)
    with pytest.raises(messages.WasJustSent):
        messages.tell_again(stay=stay, asked_by=alice.owner, now=timeline.now)
    timeline.pass_time(MINUTES)

    first, second = mail.outbox
    assert (first.subject, first.body, first.to) == (second.subject, second.body, second.to)
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    assert [message.kind for message in Message.objects.all()] == [MessageKind.ACCESS_READY] * 2
    assert AuditEntry.objects.filter(kind=AuditKind.TOLD_AGAIN, by=alice.owner).count() == 1
    assert writes(alice.simulator) == written


def test_nobody_is_told_a_code_again_that_is_not_on_every_door(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)

    with pytest.raises(messages.DoorsAreNotReady):
        messages.tell_again(stay=stay, asked_by=alice.owner, now=timeline.now)

    assert Message.objects.count() == 0
    assert AuditEntry.objects.filter(kind=AuditKind.TOLD_AGAIN).count() == 0


def test_a_new_code_opens_every_door_and_the_old_one_none_and_the_guest_is_told_once(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_time(MINUTES)
    old = code_of(stay)

    stays.renew_code(stay=stay, renewed_by=alice.owner, now=timeline.now)
    timeline.pass_time(MINUTES)

    new = code_of(stay)
    assert new != old
    assert [alice.opens(door, new) for door in ("Front door", "Flat 1")] == [True, True]
    assert [alice.opens(door, old) for door in ("Front door", "Flat 1")] == [False, False]
    assert [len(alice.codes_on(door)) for door in ("Front door", "Flat 1")] == [1, 1]
    told = [str(letter.body) for letter in mail.outbox]
    assert [codes.grouped(old) in told[0], codes.grouped(new) in told[1], len(told)] == [True, True, 2]
    assert AuditEntry.objects.filter(kind=AuditKind.CODE_RENEWED, by=alice.owner).count() == 1


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_stay_that_is_settled_gets_no_new_code(
    alice: Business, timeline: Timeline, *, is_cancelled: bool
) -> None:
    stay = alice.book(now=timeline.now)
    if is_cancelled:
        stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    later = timeline.now if is_cancelled else stay.ends_at

    with pytest.raises((stays.StayIsOver, stays.StayIsCancelled)):
        stays.renew_code(stay=stay, renewed_by=alice.owner, now=later)

    assert AuditEntry.objects.filter(kind=AuditKind.CODE_RENEWED).count() == 0


def test_the_page_offers_both_once_they_make_sense_and_does_what_it_says(
    alice: Business, timeline: Timeline, clock: TurnedClock
) -> None:
    host = signed_in(alice, clock)
    stay = alice.book(now=timeline.now)
    at_first = words(host.get(f"/stays/{stay.pk}"))
    timeline.pass_time(MINUTES)
    old = code_of(stay)
    page = words(host.get(f"/stays/{stay.pk}"))

    host.post(f"/stays/{stay.pk}/tell-again")
    host.post(f"/stays/{stay.pk}/tell-again")
    notice = words(host.get(f"/stays/{stay.pk}"))
    asked = words(host.get(f"/stays/{stay.pk}/renew-code"))
    answer = host.post(f"/stays/{stay.pk}/renew-code")

    assert "Send message again" not in at_first
    assert "Send message again" in page
    assert "The message was sent a moment ago, or is being sent now." in notice
    assert "The code of today stops opening Front door, Flat 1, one door after the other." in asked
    assert answer.headers["Location"] == f"/stays/{stay.pk}"
    assert code_of(stay) != old
    assert Message.objects.count() == 2


def test_a_viewer_is_offered_neither(alice: Business, timeline: Timeline, clock: TurnedClock) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_time(MINUTES)

    page = words(with_role(alice, clock, Role.VIEWER).get(f"/stays/{stay.pk}"))

    assert "Send message again" not in page
    assert "New code" not in page


def test_a_sheet_for_the_guest_shows_the_code_and_it_is_written_down_who_asked(
    alice: Business, timeline: Timeline, clock: TurnedClock
) -> None:
    host = signed_in(alice, clock)
    stay = alice.book(now=timeline.now, code="384174")
    unready = words(host.post(f"/stays/{stay.pk}/sheet"))
    timeline.pass_time(MINUTES)

    page = host.post(f"/stays/{stay.pk}/sheet")

    check_page(page)
    for part in ("Welcome, Ada Vogel", codes.grouped("384174"), "Front door Flat 1", "alice@harbour.example"):
        assert part in words(page)
    assert "not confirmed" in unready
    assert "not confirmed" not in words(page)
    assert host.get(f"/stays/{stay.pk}/sheet").status_code == 405
    revealed = AuditEntry.objects.filter(kind=AuditKind.CODE_REVEALED, by=alice.owner)
    assert revealed.count() == 2
