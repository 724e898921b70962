"""Reading alerts with their subjects: each function is a bounded number of queries."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from access import came_back, in_reach
from access.models import Alert, Grant
from access.models.alerts import FOR_INFORMATION
from properties.models import Organization
from properties.reach import Reach

COUNTED = 100  # alerts of the badge; more are "99+"


def open_alerts(organization: Organization, reach: Reach) -> QuerySet[Alert]:
    """What needs the host now."""
    return _with_subjects(_open(organization, reach)).order_by("pk")


def past_alerts(organization: Organization, reach: Reach, *, before: int | None) -> QuerySet[Alert]:
    """What is over, what closed last first; older ones than the one with this key."""
    over = Alert.objects.filter(in_reach.alerts(reach), organization=organization, closed_at__isnull=False)
    last = over.filter(pk=before).values_list("closed_at", flat=True).first() if before else None
    if last is not None:
        over = over.filter(Q(closed_at__lt=last) | Q(closed_at=last, pk__lt=before), closed_at__lte=last)
    return _with_subjects(over).order_by("-closed_at", "-pk")


def few_open(organization: Organization, reach: Reach) -> QuerySet[Alert, Any]:
    """The keys of those that need somebody, no more than the badge counts."""
    in_need = _open(organization, reach).exclude(kind__in=FOR_INFORMATION)
    return in_need.values("pk")[:COUNTED]


def open_within(organization: Organization, reach: Reach) -> set[int]:
    """The keys of all that are open and concern somebody with this reach."""
    return set(_open(organization, reach).values_list("pk", flat=True))


def organizations_to_write_to(now: datetime) -> list[int]:
    """Organizations with alerts that a host is to be told of by e-mail now."""
    due = Alert.objects.filter(mail_due_at__lte=now, closed_at=None)
    return sorted(set(due.values_list("organization_id", flat=True)))


def due_of(organization: Organization, now: datetime) -> QuerySet[Alert]:
    """Those alerts of one organization."""
    return Alert.objects.filter(organization=organization, mail_due_at__lte=now, closed_at=None)


def _open(organization: Organization, reach: Reach) -> QuerySet[Alert]:
    return Alert.objects.filter(in_reach.alerts(reach), organization=organization, closed_at=None)


def _with_subjects(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    with_locks = Grant.objects.select_related("smart_lock", "door", "help_request")
    return alerts.select_related(
        "stay__guest",
        "stay__unit__property",
        "smart_lock__door__property",
        "nuki_account",
        "webhook_endpoint",
    ).prefetch_related(
        Prefetch("stay__grants", with_locks),
        *came_back.with_stays(),
    )
