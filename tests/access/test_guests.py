"""Correcting what is known of a guest, and forgetting it: the operations."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from access import codes, guests, stays
from access.models import AuditEntry, AuditKind, Guest, Message, Stay
from tests.timeline import Timeline
from tests.worlds import Business, code_of, writes


def correct(alice: Business, timeline: Timeline, guest: Guest, **changes: Any) -> None:
    known = {"name": guest.name, "email": guest.email, "language": guest.language}
    guests.correct(guest=guest, corrected_by=alice.owner, now=timeline.now, **known | changes)


def test_a_corrected_address_is_told_the_same_code_once(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    written, code = writes(alice.simulator), code_of(stay)

    correct(alice, timeline, stay.guest, email="Ada.Vogel@guests.example")
    timeline.pass_seconds(120)
    correct(alice, timeline, Guest.objects.get(), name="Ada Vogel-Maier")
    timeline.pass_seconds(120)

    assert [letter.recipients()[0] for letter in mail.outbox] == [
        "Ada Vogel <ada@guests.example>",
        "Ada Vogel <ada.vogel@guests.example>",
    ]
    assert all(codes.grouped(code) in str(letter.body) for letter in mail.outbox)
    assert [message.sent_to for message in Message.objects.order_by("pk")] == [
        "ada@guests.example",
        "ada.vogel@guests.example",
    ]
    assert AuditEntry.objects.filter(kind=AuditKind.ADDRESS_CORRECTED, by=alice.owner).count() == 1
    assert writes(alice.simulator) == written


def test_an_address_that_is_corrected_before_the_code_is_there_is_told_once(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)

    correct(alice, timeline, stay.guest, email="ada.vogel@guests.example")
    timeline.pass_seconds(120)

    assert [letter.recipients()[0] for letter in mail.outbox] == ["Ada Vogel <ada.vogel@guests.example>"]


def test_a_guest_does_not_become_another_one(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    Guest.objects.create(organization=alice.organization, name="Eve", email="eve@guests.example")

    with pytest.raises(guests.GuestIsKnown):
        correct(alice, timeline, stay.guest, name="Eve", email="EVE@guests.example")

    assert Guest.objects.get(pk=stay.guest_id).name == "Ada Vogel"
    assert Stay.objects.get().revision == 1


def test_what_is_erased_is_gone_from_the_guest_and_from_messages_and_the_stay_is_kept(
    alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    timeline.pass_time(stay.ends_at - timeline.now + timedelta(hours=1))

    guests.erase(guest=stay.guest, now=timeline.now)
    guests.erase(guest=stay.guest, now=timeline.now + timedelta(hours=1))

    guest = Guest.objects.get()
    assert (guest.name, guest.email, guest.erased_at) == ("", "", timeline.now)
    assert [message.sent_to for message in Message.objects.all()] == [""]
    assert Stay.objects.get().guest == guest
    with pytest.raises(guests.GuestIsErased):
        correct(alice, timeline, guest, name="Ada")


def test_a_guest_who_is_expected_is_not_forgotten(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)

    with pytest.raises(guests.GuestIsExpected):
        guests.erase(guest=stay.guest, now=timeline.now)

    assert Guest.objects.get().name == "Ada Vogel"
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    guests.erase(guest=stay.guest, now=timeline.now)
    assert Guest.objects.get().name == ""
