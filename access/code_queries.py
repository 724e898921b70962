"""Reading which codes are taken on doors. They are known by their digests; no code is decrypted for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from access.codes import NOT_AGAIN_FOR, Taken
from access.models import Grant, Stay
from properties.code_styles import CodeStyle
from properties.encryption import digest
from properties.models import SmartLock


class _Digests:
    """Codes that are known by their digests only."""

    def __init__(self, digests: Iterable[str]) -> None:
        self._digests = frozenset(digests)

    def __contains__(self, code: object) -> bool:
        return digest(str(code)) in self._digests


def taken_on(lock_ids: Sequence[int], now: datetime, *, besides: Stay | None = None) -> Taken:
    """What a new code for these locks has to differ from, and the style of the business. Two queries.

    What was there for the guests of one stay, and is gone, may be left out: they may have it again.
    """
    ours = Grant.objects.filter(smart_lock__in=lock_ids).exclude(code_digest="")
    if besides is not None:
        ours = ours.exclude(stay=besides, closed_at__isnull=False)
    recent = ours.filter(Q(closed_at=None) | Q(closed_at__gt=now - NOT_AGAIN_FOR))
    grants = list(recent.values_list("code_digest", "closed_at"))
    locks = list(
        SmartLock.objects.filter(pk__in=lock_ids).values_list("foreign_codes", "organization__code_style")
    )
    foreign = {one for codes, _ in locks for one in codes}
    live = {code for code, closed_at in grants if closed_at is None} | foreign
    style = next((CodeStyle(style) for _, style in locks), CodeStyle.EASY)
    return Taken(
        known=_Digests(live | {code for code, _ in grants}),
        live=_Digests(live),
        style=style,
    )
