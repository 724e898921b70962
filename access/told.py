"""What a guest was told last, what counts now, and whether there is anything to tell. All messages ask this.

Comparing the two is all that decides: a change that was undone before it was told is no news.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from access import party
from access.models import Grant, GrantKind, Message, MessageKind, Spare, Stay
from access.models.messages import TELLS_ACCESS
from properties.encryption import digest

TELLS_CODE = TELLS_ACCESS | {MessageKind.REMINDER}
MAY_HAVE_LEFT = Q(sent_at__isnull=False) | Q(may_have_left_at__isnull=False) | Q(claimed_until__isnull=False)


@dataclass(frozen=True)
class Truth:
    """What counts for a guest: the code, from when to when, of what, and through which doors."""

    code: str = field(repr=False)
    starts_at: datetime
    ends_at: datetime
    unit: str
    doors: tuple[str, ...]
    by_app: tuple[
        tuple[str, int], ...
    ] = ()  # which of them the Nuki app opens, and by the how many-th invite


@dataclass(frozen=True)
class Told:
    """What left last, or may have. `truth` is None where it left before we kept that."""

    kind: MessageKind
    revision: int
    truth: Truth | None
    is_certain: bool  # it was taken, and did not come back from everybody
    addresses: frozenset[str]  # whom it went to, and who could not have it


def truth_of(stay: Stay, grants: Sequence[Grant]) -> Truth:
    """What counts now. The wanted grants stand in the order of the way in, fetched with their doors."""
    return Truth(
        code=next((grant.code for grant in grants if grant.code), ""),
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        unit=f"{stay.unit.name}, {stay.unit.property.name}",
        doors=tuple(grant.door.name for grant in grants if grant.door),
        by_app=tuple(
            (grant.door.name, grant.renewals + 1)
            for grant in grants
            if grant.door and grant.kind == GrantKind.APP_INVITE
        ),
    )


def backup_truth(stay: Stay, grants: Sequence[Grant], spares: Sequence[Spare]) -> Truth:
    """What a message about backup codes tells beside those: their doors, and the own code for the others."""
    own = own_code_beside(grants, spares)
    doors = [spare.handed_to for spare in spares if spare.handed_to is not None]
    return replace(truth_of(stay, doors), code=own)


def own_code_beside(grants: Sequence[Grant], spares: Sequence[Spare]) -> str:
    """The guest's own code, where it is confirmed on every door that no backup code opens."""
    opened = {spare.handed_to_id for spare in spares}
    others = [grant for grant in grants if grant.pk not in opened]
    is_there = bool(others) and all(grant.code and grant.confirmed_at is not None for grant in others)
    return others[0].code if is_there else ""


def has_a_code(stay_id: int) -> bool:
    """Whether the guest was told a code that opens some door, or may have been."""
    tells = TELLS_ACCESS | {MessageKind.BACKUP_CODE}
    return Message.objects.filter(MAY_HAVE_LEFT, stay_id=stay_id, kind__in=tells).exists()


def held(stay_id: int) -> Stay:
    """A stay with all that a message says of it, held until the commit."""
    rows = Stay.objects.select_for_update(of=("self",))
    return rows.select_related("guest", "unit__property", "organization").get(pk=stay_id)


def wanted_of(stay: Stay) -> list[Grant]:
    """The grants that a stay's message tells of, with their doors, from the street inwards."""
    wanted = Grant.objects.filter(stay=stay, closed_at=None, is_wanted=True).select_related("door")
    return list(wanted.order_by("position", "pk"))


def is_ready(stay: Stay, wanted: Sequence[Grant], now: datetime) -> bool:
    """Whether the stay goes on or is to come, and every door of it is confirmed."""
    if stay.cancelled_at is not None or stay.ends_at <= now:
        return False
    return bool(wanted) and all(grant.confirmed_at is not None for grant in wanted)


def last(stay_id: int) -> Told | None:
    """What the guest of a stay was told last; None where nothing of it can have left."""
    about_access = Message.objects.filter(stay_id=stay_id, kind__in=TELLS_ACCESS)
    message = about_access.filter(MAY_HAVE_LEFT).order_by("-pk").first()
    if message is None:
        return None
    sent_to, bounced_to = set(addresses(message.sent_to)), set(addresses(message.bounced_to))
    return Told(
        kind=MessageKind(message.kind),
        revision=message.revision,
        truth=_truth_in(message),
        is_certain=message.sent_at is not None and not (bounced_to and bounced_to >= sent_to),
        addresses=frozenset(sent_to | bounced_to),
    )


def news(told: Told | None, truth: Truth, *, revision: int, to: Iterable[str]) -> MessageKind | None:
    """What there is to tell these addresses of this revision; None where they know it all."""
    if told is None:
        return MessageKind.ACCESS_READY
    if told.truth is None:
        return None if told.is_certain and told.revision == revision else MessageKind.ACCESS_CHANGED
    if told.truth.code and truth.code and told.truth.code != truth.code:
        return MessageKind.NEW_CODE
    if _is_only_invited_again(told.truth, truth):
        return MessageKind.APP_INVITE
    if told.truth != truth:
        return MessageKind.ACCESS_CHANGED
    if not told.is_certain:
        return told.kind
    return None if told.addresses.issuperset(to) else MessageKind.ACCESS_READY


def news_for(stay: Stay, truth: Truth, known: Told | None) -> MessageKind | None:
    """The same for everybody of a stay who has an address."""
    to = [guest.email for guest in party.with_address(stay)]
    return news(known, truth, revision=stay.revision, to=to)


def columns(truth: Truth) -> dict[str, Any]:
    """What a message keeps of what it tells."""
    return {
        "told_code": truth.code,
        "told_code_digest": digest(truth.code) if truth.code else "",
        "told_from": truth.starts_at,
        "told_until": truth.ends_at,
        "told_unit": truth.unit,
        "told_doors": list(truth.doors),
        "told_by_app": [list(one) for one in truth.by_app],
    }


def addresses(text: str) -> list[str]:
    """The addresses that a message keeps in one text."""
    return [address for address in text.split(", ") if address]


def together(*texts: Iterable[str]) -> str:
    """Addresses as one text, each of them once."""
    return ", ".join(dict.fromkeys(address for several in texts for address in several))


def _is_only_invited_again(told: Truth, truth: Truth) -> bool:
    """Whether nothing is new but an app invite in the place of one that nobody used."""
    doors, before = ([name for name, _ in one.by_app] for one in (truth, told))
    return told != truth and doors == before and replace(told, by_app=truth.by_app) == truth


def _truth_in(message: Message) -> Truth | None:
    if message.told_from is None or message.told_until is None:
        return None
    return Truth(
        code=message.told_code,
        starts_at=message.told_from,
        ends_at=message.told_until,
        unit=message.told_unit,
        doors=tuple(message.told_doors or ()),
        by_app=tuple((name, number) for name, number in message.told_by_app or ()),
    )
