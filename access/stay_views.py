"""Finding stays, and what a host asks for one beside changing it: the message again, another code."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import (
    audit,
    guest_links,
    messages,
    party,
    queries,
    search_pages,
    sheet_pages,
    spare_queries,
    spares,
    stay_pages,
    stay_queries,
    stays,
)
from access.forms import FindStaysForm
from access.models import AuditKind, Grant, Stay
from access.stay_queries import StaysShown
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right

PAGE_LENGTH = 30


@require_GET
@needs(Right.VIEW_STAYS)
def all_stays(request: OrganizationRequest) -> HttpResponse:
    """Stays of all times, or those that were looked for."""
    form = FindStaysForm(request.GET, organization=request.organization, reach=request.reach)
    asked, moment = form.asked(), now()
    found = stay_queries.find(
        request.organization,
        request.reach,
        looked_for=asked.get("q", ""),
        place=asked.get("property"),
        shown=StaysShown(asked["show"]) if "show" in asked else None,
        now=moment,
    )
    number = request.GET.get("before", "")
    if number.isdecimal():
        found = stay_queries.before(found, int(number))
    page = search_pages.found_stays(list(found[: PAGE_LENGTH + 1]), most=PAGE_LENGTH, asked=asked, now=moment)
    return render(request, "access/all_stays.html", {"section": "stays", "page": page, "form": form})


@never_cache
@require_POST
@needs(Right.CHANGE_STAYS)
def tell_again(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Send the guest's message once more."""
    told = _load(request, stay_id)
    try:
        messages.tell_again(stay=told, asked_by=request.user, now=now())
    except messages.DoorsAreNotReady:
        notices.warning(request, _("Not every door is ready. The guest is told as soon as it is."))
    except messages.WasJustSent:
        notices.info(request, _("The message was sent a moment ago, or is being sent now."))
    return redirect("access:stay", stay_id=stay_id)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def renew_code(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Give the stay another code, after saying what that does."""
    renewed = _load(request, stay_id)
    grants = queries.live_grants(renewed)
    if request.method == "POST":
        try:
            stays.renew_code(stay=renewed, renewed_by=request.user, now=now())
        except stays.StayHasNoCode:
            notices.warning(request, _("No door of this stay takes a code."))
        except (stays.StayIsOver, stays.StayIsCancelled):
            notices.warning(request, _("This stay is over or cancelled. It gets no code any more."))
        return redirect("access:stay", stay_id=stay_id)
    context = {
        "section": "stays",
        "guest_name": renewed.guest.called,
        "consequences": stay_pages.renew_consequences(
            renewed, grants, has_backup=bool(spare_queries.standing_of(renewed))
        ),
        "renew_url": request.path,
        "back_url": reverse("access:stay", kwargs={"stay_id": stay_id}),
    }
    return render(request, "access/renew_code.html", context)


@never_cache
@require_POST
@needs(Right.CHANGE_STAYS)
def hand_out_backup(request: OrganizationRequest, stay_id: int, grant_id: int) -> HttpResponse:
    """Give the guest the backup code of one door."""
    helped = _load(request, stay_id)
    grant: Grant = get_object_or_404(helped.grants.all(), pk=grant_id)
    try:
        spares.hand_out(grant=grant, handed_out_by=request.user, now=now())
    except spares.NoSpareIsReady:
        notices.warning(request, _("No backup code is ready at this door. Try again in some minutes."))
    except spares.StayIsNotNow:
        notices.warning(request, _("This stay is over, cancelled, or begins later than tomorrow."))
    return redirect("access:stay", stay_id=stay_id)


@never_cache
@require_POST
@needs(Right.REVEAL_CODES)
def print_sheet(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """A sheet of paper for the guest. It shows the code, so it is written down who asked."""
    printed, moment = _load(request, stay_id), now()
    grants = queries.live_grants_with_doors(printed)
    link = guest_links.needed_for(printed, now=moment)
    page_url = guest_links.address(link) if link else ""
    sheet = sheet_pages.sheet(printed, party.companions(printed), grants, page_url=page_url)
    if sheet.code_grouped or sheet.page_url:
        audit.about_stay(AuditKind.CODE_REVEALED, printed, by=request.user, now=moment)
    return render(request, "access/sheet.html", {"sheet": sheet})


def _load(request: OrganizationRequest, stay_id: int) -> Stay:
    """The stay, if this person sees it: every other is not there."""
    return get_object_or_404(queries.stays_of(request.organization, request.reach), pk=stay_id)
