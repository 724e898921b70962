"""The link to a stay's page for its guests: one at a time, made when it is first needed.

Who has the link sees the code. An e-mail with it is sent at least once, with the same text each time, and the
database is to hold nothing that opens a door. So its token is neither drawn for each e-mail nor stored: the
row has a random nonce, of which `encryption.link_token` makes the token with the installation's secret, and a
digest of the token, by which a visitor's is known again.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from access import audit, live
from access.models import AuditKind, GuestLink, Message, Stay
from properties import addresses
from properties.encryption import digest, link_token
from properties.models import User

SHOWN = ("pk", "revoked_at", "first_opened_at", "last_opened_at")
NOT_OFTENER = timedelta(minutes=1)  # one line for a guest who looks at the code again and again


class StayIsClosed(Exception):
    """The stay is over or cancelled, and its page with it."""


def token(link: GuestLink) -> str:
    """What stands in the address: whoever has it is a guest of the stay."""
    return link_token(link.nonce)


def address(link: GuestLink) -> str:
    """The whole address of the page."""
    return addresses.public("access:welcome", token=token(link))


def latest(stay: Stay) -> GuestLink | None:
    """The stay's link, also one that was revoked; None where it never had any. One query."""
    return GuestLink.objects.filter(stay=stay).order_by("-pk").first()


def with_latest(stays: QuerySet[Stay]) -> QuerySet[Stay]:
    """The same stays with what `read_with` says of their links: for pages that ask enough without it."""
    newest = GuestLink.objects.filter(stay=OuterRef("pk")).order_by("-pk")
    return stays.annotate(**{f"link_{name}": Subquery(newest.values(name)[:1]) for name in SHOWN})


def read_with(stay: Stay) -> GuestLink | None:
    """The latest link of a stay that was read `with_latest`, as far as pages show it."""
    known = {name: getattr(stay, f"link_{name}") for name in SHOWN}
    return GuestLink(**known) if known["pk"] is not None else None


def by_token(shown: str) -> GuestLink | None:
    """The link of this token with its stay, in a scope over all: only it says of which business it is."""
    found = GuestLink.objects.filter(token_digest=digest(shown))
    return found.select_related("organization", "stay__guest", "stay__unit__property").first()


def is_open(link: GuestLink, now: datetime) -> bool:
    """Whether the page is there: until the stay is over, cancelled, or the link revoked."""
    return link.revoked_at is None and _lasts(link.stay, now)


def needed_for(stay: Stay, *, now: datetime) -> GuestLink | None:
    """The link to be handed to a guest, made where the stay has had none yet.

    None where the host took it away, and where the stay is over or cancelled.
    """
    if not _lasts(stay, now):
        return None
    found = latest(stay) or _first(stay, now)
    return found if found.revoked_at is None else None


@transaction.atomic(durable=True)
def renew(*, stay: Stay, instead_of: int, renewed_by: User | None, now: datetime) -> None:
    """Have another link lead to the page; the one before leads nowhere from now on.

    `instead_of` is the number of the link that it takes the place of: where another one did so already, as
    after a second click, nothing changes. Raises StayIsClosed.
    """
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    if not _lasts(current, now):
        raise StayIsClosed
    before = latest(current)
    if before is None or before.pk != instead_of:
        return
    _revoke(before, now)
    _make(current, now)
    audit.about_stay(AuditKind.LINK_RENEWED, current, by=renewed_by, now=now)


@transaction.atomic(durable=True)
def revoke(*, stay: Stay, revoked_by: User | None, now: datetime) -> None:
    """Have no link lead to the page, until a host makes another one."""
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    before = latest(current)
    if before is not None and _revoke(before, now):
        audit.about_stay(AuditKind.LINK_REVOKED, current, by=revoked_by, now=now)


@transaction.atomic(durable=True)
def note_opened(*, link: GuestLink, now: datetime) -> None:
    """Write down that somebody looks at the code on the page: when first, when last, after which message.

    It is the tap that counts: what fetches links ahead of people looks at the page, and sends no form.
    """
    rested = Q(last_opened_at=None) | Q(last_opened_at__lte=now - NOT_OFTENER)
    rows = GuestLink.objects.filter(rested, pk=link.pk)
    if _mark_latest_message(link.stay, now):
        live.tell(link.organization_id, {live.stay_topic(link.stay_id)})
    if rows.update(first_opened_at=Coalesce("first_opened_at", Value(now)), last_opened_at=now):
        audit.about_stay(AuditKind.GUEST_SAW_CODE, link.stay, by=None, now=now)


def _mark_latest_message(stay: Stay, now: datetime) -> bool:
    """Note at the message that left last that the page was opened after it; say whether that is new."""
    sent = Message.objects.filter(stay=stay, sent_at__isnull=False).order_by("-sent_at", "-pk")
    latest = Message.objects.filter(pk=Subquery(sent.values("pk")[:1]), page_opened_at=None)
    return latest.update(page_opened_at=now) == 1


@transaction.atomic(durable=True)
def _first(stay: Stay, now: datetime) -> GuestLink:
    """Two who need it at the same moment get the same one: the stay's row is held."""
    current = Stay.objects.select_for_update().get(pk=stay.pk)
    return latest(current) or _make(current, now)


def _make(stay: Stay, now: datetime) -> GuestLink:
    nonce = secrets.token_urlsafe(32)
    return GuestLink.objects.create(
        organization_id=stay.organization_id,
        stay=stay,
        nonce=nonce,
        token_digest=digest(link_token(nonce)),
        made_at=now,
    )


def _revoke(link: GuestLink, now: datetime) -> bool:
    return GuestLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now) == 1


def _lasts(stay: Stay, now: datetime) -> bool:
    return stay.cancelled_at is None and stay.ends_at > now
