"""What the frame around every page shows: what needs somebody, what is to be set up, and a standstill."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Subquery
from django.http import HttpRequest
from django.urls import reverse

from access import alert_queries, start_queries
from properties import clock, heartbeat
from properties.models import Organization
from properties.reach import Reach
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class _Facts:
    """What one query knows of a business."""

    open_alerts: int = 0
    has_stay: bool = True
    stands_still_since: datetime | None = None


def badge(request: HttpRequest) -> dict[str, Any]:
    """The context processor of all pages."""
    role: Role | None = getattr(request, "role", None)
    asked = _asked_by_the_sidebar(getattr(request, "organization", None), getattr(request, "reach", None))
    return {
        "alerts_badge": lambda: _count(asked()),
        "getting_started_url": lambda: _until_the_first_stay(asked(), role),
        "stands_still_since": lambda: asked().stands_still_since,
    }


def _asked_by_the_sidebar(organization: Organization | None, reach: Reach | None) -> Callable[[], _Facts]:
    """A question that only whole pages of hosts put, and so only they pay for: one query."""

    @cache
    def facts() -> _Facts:
        if organization is None or reach is None:
            return _Facts()
        found = Organization.objects.values_list(
            ArraySubquery(alert_queries.few_open(organization, reach)),
            Exists(start_queries.stays_of_guests(organization)),
            Subquery(heartbeat.stopped(clock.now())),
        ).get(pk=organization.pk)
        return _Facts(open_alerts=len(found[0]), has_stay=found[1], stands_still_since=found[2])

    return facts


def _count(facts: _Facts) -> str:
    """How many things need somebody, as far as the badge counts."""
    return "99+" if facts.open_alerts >= alert_queries.COUNTED else str(facts.open_alerts or "")


def _until_the_first_stay(facts: _Facts, role: Role | None) -> str:
    """Where setting up goes on, for those who may."""
    if facts.has_stay or role is None or not may(role, Right.CHANGE_PROPERTIES):
        return ""
    return reverse("access:start")
