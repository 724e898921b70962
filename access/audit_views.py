"""The page of what was done: who did what, and when."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from access import audit_pages, audit_queries, capacity_pages
from access.audit_forms import AuditFilterForm
from access.audit_queries import Doers, Subject, Wanted
from properties import team_queries
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right

PAGE_LENGTH = 50


@never_cache
@require_GET
@needs(Right.VIEW_AUDIT)
def audit(request: OrganizationRequest) -> HttpResponse:
    """What was done in the business, or that of it which is asked for."""
    ours = request.organization
    form = AuditFilterForm(request.GET, people=audit_queries.people_of(ours))
    asked, zone = form.asked(), team_queries.zone_of(ours)
    wanted = _wanted(request, asked, zone)
    before = request.GET.get("before", "")
    found = audit_queries.latest(ours, wanted, before=before, most=PAGE_LENGTH + 1)
    said = {name: str(value) for name, value in asked.items()}
    page = audit_pages.audit_page(found, wanted, said, most=PAGE_LENGTH, zone=zone)
    return render(request, "access/audit.html", {"section": "settings", "page": page, "form": form})


def _wanted(request: OrganizationRequest, asked: dict[str, Any], zone: str) -> Wanted:
    ours, who = request.organization, asked.get("who", "")
    begins_at, ends_at = capacity_pages.span_of(asked["day"], zone) if "day" in asked else (None, None)
    stay = audit_queries.stay_named(ours, asked["stay"]) if "stay" in asked else None
    lock = audit_queries.lock_named(ours, asked["lock"]) if "lock" in asked else None
    if ("stay" in asked and stay is None) or ("lock" in asked and lock is None):
        raise Http404
    return Wanted(
        doers=Doers(who) if who in set(Doers) else Doers.PEOPLE,
        person_id=int(who) if who.isdecimal() else None,
        subject=Subject(asked["what"]) if "what" in asked else None,
        stay=stay,
        lock=lock,
        begins_at=begins_at,
        ends_at=ends_at,
    )
