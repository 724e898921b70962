"""Who comes along: the guests of a stay beside the one it was booked for, and where its messages go.

Writing is in a transaction of the caller, who holds the stay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from access.models import Guest, Stay, StayGuest
from properties.models import Organization

MOST_COMPANIONS = 11  # beside the guest who booked: a dozen in one unit


@dataclass(frozen=True)
class Person:
    """Who is to come, as a host names them; of companions an address is not always known."""

    name: str
    email: str = ""


def companions(stay: Stay) -> list[Guest]:
    """Who comes along, in the order in which they were named."""
    return list(Guest.objects.filter(companies__stay=stay).order_by("companies__pk"))


def version(guests: Iterable[Guest]) -> str:
    """Which people these are, in one word: what a form was made from."""
    return ".".join(str(pk) for pk in sorted(guest.pk for guest in guests)) or "-"


def with_address(stay: Stay) -> list[Guest]:
    """Who is written to: everybody of the stay who has an address, each address once."""
    everybody = [stay.guest, *companions(stay)]
    by_address = {guest.email: guest for guest in reversed(everybody) if guest.email}
    return [guest for guest in everybody if by_address.get(guest.email) == guest]


def booking_guest(organization: Organization, person: Person, language: str) -> Guest:
    """The guest of that name and address, if known; of two who were booked at one moment the first."""
    ours = Guest.objects.filter(organization=organization, email=person.email.lower(), name=person.name)
    return ours.order_by("pk").first() or Guest.objects.create(
        organization=organization, name=person.name, email=person.email.lower(), language=language
    )


def bring(stay: Stay, people: Iterable[Person]) -> None:
    """Have exactly these people come along; whoever booked is there anyway."""
    chosen = dict.fromkeys(Person(one.name, one.email.lower()) for one in people)
    known = _known(stay, list(chosen))
    missing = [
        Guest(
            organization_id=stay.organization_id,
            name=one.name,
            email=one.email,
            language=stay.guest.language,
        )
        for one in chosen
        if one not in known
    ]
    Guest.objects.bulk_create(missing)
    known |= {Person(guest.name, guest.email): guest for guest in missing}
    guests = [known[one] for one in chosen if known[one].pk != stay.guest_id]
    there = StayGuest.objects.filter(stay=stay)
    there.exclude(guest__in=guests).delete()
    already = set(there.values_list("guest_id", flat=True))
    StayGuest.objects.bulk_create(
        StayGuest(organization_id=stay.organization_id, stay=stay, guest=guest)
        for guest in guests
        if guest.pk not in already
    )


def _known(stay: Stay, people: Sequence[Person]) -> dict[Person, Guest]:
    """Those whom we know: by name and address, or by name as one who came with the same guest before."""
    ours = Guest.objects.filter(organization=stay.organization_id, erased_at=None).order_by("-pk")
    addressed = ours.filter(
        email__in=[one.email for one in people if one.email], name__in=[one.name for one in people]
    )
    unaddressed = ours.filter(
        email="",
        name__in=[one.name for one in people if not one.email],
        companies__stay__guest=stay.guest_id,
    )
    return {Person(guest.name, guest.email): guest for guest in [*addressed, *unaddressed]}
