"""What the frame around every page shows of the organization's doors: how many things need somebody."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from access import alert_queries
from properties.models import Organization


def badge(request: HttpRequest) -> dict[str, Any]:
    """The context processor of all pages."""
    organization: Organization | None = getattr(request, "organization", None)
    return {"alerts_badge": _asked_by_the_sidebar(organization)}


def _asked_by_the_sidebar(organization: Organization | None) -> Callable[[], str]:
    """A question that only whole pages of hosts put, and so only they pay for: one query."""

    def words() -> str:
        if organization is None:
            return ""
        count = alert_queries.count_of(organization)
        return "99+" if count >= alert_queries.COUNTED else str(count or "")

    return words
