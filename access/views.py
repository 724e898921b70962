"""The pages about stays: they translate, make one call, and translate back."""

from dataclasses import replace

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from access import (
    activity_pages,
    audit,
    change_back,
    guest_links,
    help_queries,
    in_reach,
    queries,
    spare_pages,
    spare_queries,
    stay_pages,
)
from access.models import AuditEntry, AuditKind, Grant, Message, Stay, StayGuest
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right

HISTORY_LENGTH = 30
ACTIVITY_LENGTH = 50  # on a page of its own
ACTIVITY_OF_A_STAY = 20


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def stay(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """One stay with its doors."""
    return render(request, "access/stay.html", {"section": "stays", "view": _view(request, stay_id)})


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def stay_live(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """The part of a stay's page that changes while codes travel."""
    return render(request, "access/_stay_live.html", {"view": _view(request, stay_id)})


@never_cache
@require_POST
@needs(Right.REVEAL_CODES)
def reveal_code(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Show the code, and write down to whom."""
    shown_stay = _load(request, stay_id)
    grouped = stay_pages.code_of(queries.live_grants(shown_stay))
    if grouped:
        audit.about_stay(AuditKind.CODE_REVEALED, shown_stay, by=request.user, now=now())
    if getattr(request, "htmx", False):
        return render(request, "access/_code.html", {"code_grouped": grouped})
    view = replace(_view(request, stay_id), code_grouped=grouped)
    return render(request, "access/stay.html", {"section": "stays", "view": view})


@never_cache
@require_POST
@needs(Right.REVEAL_CODES)
def reveal_backup(request: OrganizationRequest, stay_id: int, grant_id: int) -> HttpResponse:
    """Show the backup code that the guest has at one door, and write down to whom."""
    shown_stay = _load(request, stay_id)
    grant: Grant = get_object_or_404(shown_stay.grants.all(), pk=grant_id)
    spare = spare_queries.standing_at(grant)
    if spare is None:
        return redirect("access:stay", stay_id=stay_id)
    audit.about_stay(AuditKind.CODE_REVEALED, shown_stay, by=request.user, now=now())
    view = replace(_view(request, stay_id), revealed_backup=spare_pages.revealed(spare))
    return render(request, "access/stay.html", {"section": "stays", "view": view})


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def activity(request: OrganizationRequest) -> HttpResponse:
    """What happened at the organization's doors."""
    return render(request, "access/activity.html", {"section": "activity", "activity": _activity(request)})


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def activity_latest(request: OrganizationRequest) -> HttpResponse:
    """The part of that page that changes as things happen."""
    return render(request, "access/_activity_list.html", {"activity": _activity(request)})


def _activity(request: OrganizationRequest) -> activity_pages.ActivityList:
    before = request.GET.get("before", "")
    everything = queries.activity_of(request.organization, request.reach)
    found = queries.before(everything, int(before)) if before.isdecimal() else everything
    page = list(found[: ACTIVITY_LENGTH + 1])
    return activity_pages.latest(page, most=ACTIVITY_LENGTH, is_latest=found is everything)


def _load(request: OrganizationRequest, stay_id: int) -> Stay:
    """The stay, if this person sees it: every other is not there."""
    return get_object_or_404(queries.stays_of(request.organization, request.reach), pk=stay_id)


def _view(request: OrganizationRequest, stay_id: int) -> stay_pages.StayView:
    past = AuditEntry.objects.filter(in_reach.history(request.reach), kind__in=stay_pages.HISTORY)
    past = past.select_related("by", "api_key", "stay__guest", "grant__door", "grant__smart_lock")
    grants, moment = help_queries.with_help(queries.shown_grants(request.reach)), now()
    found = get_object_or_404(
        guest_links.with_latest(queries.stays_of(request.organization, request.reach))
        .prefetch_related(None)
        .prefetch_related(
            Prefetch("grants", spare_queries.with_backup(grants, moment)),
            Prefetch("messages", Message.objects.order_by("-written_at", "-pk")),
            Prefetch("party", StayGuest.objects.select_related("guest")),
        ),
        pk=stay_id,
    )
    moment = now()
    view = stay_pages.stay_view(
        found,
        messages=list(found.messages.all()),
        history=list(past.filter(stay=found)[:HISTORY_LENGTH]),
        activity=list(queries.activity_at_doors_of(found, request.reach)[:ACTIVITY_OF_A_STAY]),
        link=guest_links.read_with(found),
        help_requests=help_queries.requests_of(found.grants.all()),
        role=request.role,
        now=moment,
        backup=spare_pages.backup_view(
            found,
            spare_queries.of_stay(found),
            role=request.role,
            now=moment,
        ),
    )
    back_url = change_back.url(request.session, found, now=moment) if view.can_change else ""
    return replace(view, change_back_url=back_url)
