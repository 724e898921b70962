"""Several guests of one stay: who comes along, who is written to, and who is found again."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from access import guests, names, party, stays
from access.models import AuditEntry, AuditKind, Guest, Message, Stay, StayGuest
from access.party import Person
from tests.timeline import Timeline
from tests.worlds import MONDAY_NOON, Business, code_of

NOW = MONDAY_NOON
DAY = timedelta(days=1)
BEN = Person("Ben Ito", "ben@guests.example")
CLEO = Person("Cleo Marsh")

Outbox = list[EmailMultiAlternatives]


def companions(stay: Stay) -> list[str]:
    return [guest.name for guest in party.companions(stay)]


def change_party(
    alice: Business, stay: Stay, *people: Person, seen: str | None = None, later: int = 0
) -> None:
    guests.change_party(
        stay=stay,
        people=people,
        seen=seen,
        changed_by=alice.owner,
        now=NOW + timedelta(minutes=later),
    )


def test_one_message_goes_to_everybody_with_an_address_and_names_the_one_code(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    twin = Person("Ada's twin", "ADA@guests.example")
    stay = alice.book(now=timeline.now, companions=[BEN, CLEO, twin])

    timeline.pass_seconds(120)

    (letter,) = mailoutbox
    assert letter.recipients() == ["Ada Vogel <ada@guests.example>", "Ben Ito <ben@guests.example>"]
    assert "ben@guests.example" not in letter.message().as_string()  # nobody reads another's address
    assert Message.objects.get().sent_to == "ada@guests.example, ben@guests.example"
    assert code_of(stay)[:2] in str(letter.body)
    assert companions(stay) == ["Ben Ito", "Cleo Marsh", "Ada's twin"]


def test_whoever_came_before_is_found_again(alice: Business) -> None:
    first = alice.book(now=NOW, companions=[BEN, CLEO])
    known = Guest.objects.count()

    second = alice.book(now=NOW, starts_at=NOW + 5 * DAY, ends_at=NOW + 6 * DAY, companions=[BEN, CLEO])
    elsewhere = alice.book(
        now=NOW, unit="Flat 2", guest_name="Dora", guest_email="dora@guests.example", companions=[CLEO]
    )

    assert known == 3
    assert [one.pk for one in party.companions(second)] == [one.pk for one in party.companions(first)]
    assert party.companions(elsewhere) != party.companions(first)[1:]
    assert Guest.objects.count() == known + 2  # Dora, and another Cleo: nobody knows that she is the same


def test_whoever_books_does_not_come_along_as_well(alice: Business) -> None:
    stay = alice.book(now=NOW, companions=[Person("Ada Vogel", "Ada@guests.example"), BEN, BEN])

    assert companions(stay) == ["Ben Ito"]


def test_a_guest_who_joins_is_told_the_code_and_one_who_leaves_is_not_told_again(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now, companions=[CLEO])
    timeline.pass_seconds(120)
    code = code_of(stay)

    change_party(alice, stay, BEN, later=3)
    timeline.pass_seconds(120)
    change_party(alice, stay, CLEO, later=6)
    timeline.pass_seconds(120)

    assert [len(letter.recipients()) for letter in mailoutbox] == [1, 2]
    assert companions(stay) == ["Cleo Marsh"]
    assert code_of(stay) == code
    assert AuditEntry.objects.filter(kind=AuditKind.GUESTS_CHANGED, by=alice.owner).count() == 2


def test_the_same_guests_once_more_change_nothing(alice: Business) -> None:
    stay = alice.book(now=NOW, companions=[BEN])

    change_party(alice, stay, BEN, seen="out of date")

    assert Stay.objects.get().revision == 1
    assert AuditEntry.objects.filter(kind=AuditKind.GUESTS_CHANGED).count() == 0


def test_who_comes_is_not_changed_over_somebody_elses_change(alice: Business) -> None:
    stay = alice.book(now=NOW, companions=[BEN])
    seen = party.version(party.companions(stay))
    change_party(alice, stay, BEN, CLEO, seen=seen)

    with pytest.raises(guests.PartyWasChanged):
        change_party(alice, stay, seen=seen)

    assert companions(stay) == ["Ben Ito", "Cleo Marsh"]


def test_nobody_joins_a_stay_that_was_cancelled(alice: Business) -> None:
    stay = alice.book(now=NOW)
    stays.cancel(stay=stay, cancelled_by=None, now=NOW)

    with pytest.raises(stays.StayIsCancelled):
        change_party(alice, stay, BEN)

    assert StayGuest.objects.count() == 0


def test_a_companion_is_corrected_and_told_and_forgotten_only_after_the_stay(
    alice: Business, timeline: Timeline, mailoutbox: Outbox
) -> None:
    stay = alice.book(now=timeline.now, companions=[CLEO])
    timeline.pass_seconds(120)
    cleo = party.companions(stay)[0]

    guests.correct(
        guest=cleo,
        name="Cleo Marsh",
        email="cleo@guests.example",
        language="en",
        corrected_by=None,
        now=timeline.now,
    )
    timeline.pass_seconds(120)
    with pytest.raises(guests.GuestIsExpected):
        guests.erase(guest=cleo, now=timeline.now)
    guests.erase(guest=cleo, now=stay.ends_at)

    assert [len(letter.recipients()) for letter in mailoutbox] == [1, 2]
    assert [message.sent_to for message in Message.objects.all()] == ["", ""]
    assert companions(stay) == [""]
    assert stay.guest.name == "Ada Vogel"


@pytest.mark.parametrize(
    ("pasted", "name"),
    [
        pytest.param("  Ada \t Vogel ", "Ada Vogel", id="blanks"),
        pytest.param("Ada\r\nBcc: eve@guests.example", "Ada Bcc: eve@guests.example", id="a header"),
        pytest.param("Ada\u2028Vogel", "Ada Vogel", id="another line break"),
        pytest.param("Ada\x1b[31m", "Ada[31m", id="a terminal's colour"),
        pytest.param("\u202egoleV adA", "goleV adA", id="turned around"),
        pytest.param("👩\u200d🚀 Łódź نور", "👩\u200d🚀 Łódź نور", id="letters of many kinds"),
        pytest.param("Ada\x00", "Ada\x00", id="a null, which the form refuses"),
    ],
)
def test_a_pasted_name_becomes_one_line_of_what_is_seen(pasted: str, name: str) -> None:
    assert names.tidy(pasted) == name
