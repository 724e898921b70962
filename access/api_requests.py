"""Changes that are asked for under an `Idempotency-Key`: carried out once, and answered as often as asked.

Who carries one out claims its row. The change itself marks the row as done, in its own transaction
(`access.audit`); the answer is kept after that. So a process that dies in between leaves the truth behind.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from access.models import ApiRequest
from properties.models import Organization

KEPT = timedelta(hours=24)
CLAIM = timedelta(seconds=60)  # one process's hold on a request; no answer takes as long


class KeyIsReused(Exception):
    """Another request was made under this key before."""


class IsInProgress(Exception):
    """The same request is being carried out by somebody else."""


def claim(*, organization: Organization, key: str, fingerprint: str, now: datetime) -> ApiRequest:
    """The request under this key, to be carried out by the caller where it was neither answered nor done.

    Raises KeyIsReused, IsInProgress.
    """
    request, is_new = ApiRequest.objects.get_or_create(
        organization=organization,
        key=key,
        defaults={"fingerprint": fingerprint, "asked_at": now, "claimed_until": now + CLAIM},
    )
    if is_new:
        return request
    if request.asked_at <= now - KEPT:
        return _begin_anew(request, fingerprint, now)
    if request.fingerprint != fingerprint:
        raise KeyIsReused
    if request.status is None:
        _take_over(request, now)
    return request


def answered(request: ApiRequest, *, status: int, etag: str, answer: str) -> None:
    """Keep what was answered."""
    ApiRequest.objects.filter(pk=request.pk).update(status=status, etag=etag, answer=answer)


def give_up(request: ApiRequest) -> None:
    """Forget a request that was refused, as it changed nothing: the same may be asked for again."""
    ApiRequest.objects.filter(pk=request.pk, done_at=None).delete()


def forget(*, now: datetime, most: int) -> int:
    """Delete requests that were made long ago; say how many."""
    old = ApiRequest.objects.filter(asked_at__lt=now - KEPT).order_by("asked_at")
    return ApiRequest.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:most])).delete()[0]


def _take_over(request: ApiRequest, now: datetime) -> None:
    """Claim by update, then count: what its process has left may be taken up by one other."""
    left = ApiRequest.objects.filter(pk=request.pk, claimed_until__lte=now, status=None)
    if left.update(claimed_until=now + CLAIM) != 1:
        raise IsInProgress


def _begin_anew(request: ApiRequest, fingerprint: str, now: datetime) -> ApiRequest:
    """What is this old counts as forgotten, though the tick has not come by yet."""
    old = ApiRequest.objects.filter(pk=request.pk, asked_at=request.asked_at)
    free = old.filter(Q(claimed_until__lte=now) | Q(status__isnull=False))
    if not free.update(
        fingerprint=fingerprint,
        asked_at=now,
        claimed_until=now + CLAIM,
        done_at=None,
        stay=None,
        status=None,
        etag="",
        answer="",
    ):
        raise IsInProgress
    return ApiRequest.objects.get(pk=request.pk)
