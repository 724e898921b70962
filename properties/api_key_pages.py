"""The values behind the pages about API keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from properties.api_scopes import Scope
from properties.models import ApiKey


@dataclass(frozen=True)
class KeyRow:
    """One key in the list."""

    name: str
    prefix: str
    scopes: str
    limited_to: str  # empty where it sees all
    made_by: str
    made_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    is_over: bool
    tone: str
    word: str
    revoke_url: str


@dataclass(frozen=True)
class KeyList:
    """The keys of a business that were not revoked."""

    rows: list[KeyRow]
    zone: str
    make_url: str
    docs_url: str
    try_url: str


SCOPES: dict[str, Promise] = {
    Scope.READ: later("read"),
    Scope.STAYS: later("change stays"),
    Scope.LOCKS: later("have locks read"),
    Scope.UNLOCK: later("open doors"),
    Scope.CODES: later("see codes"),
    Scope.ADMIN: later("manage team and keys"),
}


def key_list(
    keys: Sequence[ApiKey], *, names: Mapping[int, str], zone: str, docs_url: str, now: datetime
) -> KeyList:
    """The list, from rows read before; with the names of the business's properties by their keys."""
    rows = [_row(key, names, now) for key in keys]
    return KeyList(
        rows, zone, reverse("properties:make_api_key"), docs_url, try_url=reverse("properties:try_api")
    )


def revoke_consequences(key: ApiKey) -> list[str]:
    """What revoking does, said before it is done."""
    used = _("Nothing has used it yet.") if key.last_used_at is None else _("The key is in use.")
    return [
        _("A program that uses this key is refused from its next request on."),
        used,
        _("A revoked key does not come back. Give the program another one first."),
    ]


def _row(key: ApiKey, names: Mapping[int, str], now: datetime) -> KeyRow:
    tone, word = _state(key, now)
    return KeyRow(
        name=key.name,
        prefix=key.prefix,
        scopes=", ".join(str(SCOPES[scope]) for scope in key.scopes),
        limited_to=", ".join(names.get(one, _("a former property")) for one in key.property_ids or ()),
        made_by=key.made_by.get_full_name(),
        made_at=key.made_at,
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
        is_over=_is_over(key, now),
        tone=tone,
        word=word,
        revoke_url=reverse("properties:revoke_api_key", kwargs={"key_id": key.pk}),
    )


def _state(key: ApiKey, now: datetime) -> tuple[str, str]:
    """Tone and word for whether a key works."""
    if _is_over(key, now):
        return "past", _("Expired")
    if key.last_used_at is None:
        return "planned", _("Not used yet")
    return "ready", _("In use")


def _is_over(key: ApiKey, now: datetime) -> bool:
    return key.expires_at is not None and key.expires_at <= now
