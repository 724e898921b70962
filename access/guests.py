"""Correcting what is known of a guest, and forgetting it.

One durable transaction each. Stays stay as they are: who was where, and when, is the business's own record.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from access import app_invites, audit, guest_queries, messages, party, stays
from access.models import AppUser, AuditKind, Guest, Message, Stay
from access.party import Person
from properties.encryption import digest
from properties.models import User


class GuestIsErased(Exception):
    """The guest's personal data was erased: there is nobody left to write to."""


class GuestIsKnown(Exception):
    """Another guest of the business has this name and address already."""


class PartyWasChanged(Exception):
    """Somebody else has changed who comes along since the page was made."""


class GuestIsExpected(Exception):
    """The guest has a stay that goes on or is to come, and needs the code that goes with it."""


@transaction.atomic(durable=True)
def correct(
    *, guest: Guest, name: str, email: str, language: str, corrected_by: User | None, now: datetime
) -> None:
    """Change name, address or language. Whoever moves to another address is told there again.

    Stays that go on or are to come count as changed then, and their message is written anew, unless a door
    is still to be confirmed: with that it is written anyway.
    """
    current = Guest.objects.select_for_update().get(pk=guest.pk)
    if current.erased_at is not None:
        raise GuestIsErased
    email = email.lower()
    others = Guest.objects.filter(organization=current.organization_id, name=name, email=email)
    if email and others.exclude(pk=current.pk).exists():  # without an address two may be called the same
        raise GuestIsKnown
    has_moved = email != current.email
    current.name, current.email, current.language = name, email, language
    current.save(update_fields=["name", "email", "language"])
    if has_moved:
        _reach_anew(current, by=corrected_by, now=now)


@transaction.atomic(durable=True)
def change_party(
    *, stay: Stay, people: Sequence[Person], seen: str | None, changed_by: User | None, now: datetime
) -> None:
    """Have others come along. Where somebody new has an address, everybody is told the code there.

    `seen` is what `party.version` said when the choice was made; None does not ask for it. Raises
    PartyWasChanged, `stays.StayIsOver`, `stays.StayIsCancelled`.
    """
    current = Stay.objects.select_for_update(of=("self",)).select_related("guest").get(pk=stay.pk)
    stays.check_open(current, now)
    before = party.companions(current)
    if {Person(guest.name, guest.email) for guest in before} == set(people):
        return
    if seen is not None and seen != party.version(before):
        raise PartyWasChanged
    addresses = {guest.email for guest in party.with_address(current)}
    party.bring(current, people)
    audit.about_stay(AuditKind.GUESTS_CHANGED, current, by=changed_by, now=now)
    if not addresses.issuperset(guest.email for guest in party.with_address(current)):
        messages.say_again(current, now=now)


@transaction.atomic(durable=True)
def erase(*, guest: Guest, now: datetime) -> None:
    """Forget name and address for good. Stays, their times and what happened at the doors are kept."""
    current = Guest.objects.select_for_update().get(pk=guest.pk)
    if _open_stays(current, now).exists():
        raise GuestIsExpected
    if current.erased_at is None:
        AppUser.objects.filter(
            organization=current.organization_id, email_digest=digest(current.email)
        ).delete()
        current.name, current.email, current.erased_at = "", "", now
        current.save(update_fields=["name", "email", "erased_at"])
        Message.objects.filter(stay__in=guest_queries.stays_with(current)).update(
            sent_to="", delivered_to="", bounced_to=""
        )


def _open_stays(guest: Guest, now: datetime) -> QuerySet[Stay]:
    return guest_queries.stays_with(guest).filter(cancelled_at=None, ends_at__gt=now)


def _reach_anew(guest: Guest, *, by: User | None, now: datetime) -> None:
    """Each stay in the order of its number, as everybody locks them who holds several."""
    for stay in _open_stays(guest, now).order_by("pk").select_for_update():
        if stay.guest_id == guest.pk:
            app_invites.invite_at_new_address(stay, now=now)
        if not guest.email:
            continue
        messages.say_again(stay, now=now)
        audit.about_stay(AuditKind.ADDRESS_CORRECTED, stay, by=by, now=now)
