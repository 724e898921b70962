"""The pages about alerts."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from access import alert_pages, alert_queries
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right

MOST_SHOWN = 100
PAGE_LENGTH = 50


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def alerts(request: OrganizationRequest) -> HttpResponse:
    """What needs the host now."""
    found = list(alert_queries.open_alerts(request.organization, request.reach)[: MOST_SHOWN + 1])
    page = alert_pages.open_alerts(
        found[:MOST_SHOWN], role=request.role, unshown=len(found) > MOST_SHOWN, now=now()
    )
    return render(request, "access/alerts.html", {"section": "alerts", "page": page})


@require_GET
@needs(Right.VIEW_STAYS)
def past_alerts(request: OrganizationRequest) -> HttpResponse:
    """What needed the host, and does no more."""
    before = request.GET.get("before", "")
    number = int(before) if before.isdecimal() else None
    over = alert_queries.past_alerts(request.organization, request.reach, before=number)
    found = list(over[: PAGE_LENGTH + 1])
    page = alert_pages.past_alerts(found, most=PAGE_LENGTH, now=now())
    return render(request, "access/past_alerts.html", {"section": "alerts", "page": page})
