"""The pages of "Getting started": from a Nuki account to the first code on a door."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from access import placing, start_pages, start_queries
from access.asked_pages import FRESH
from access.start_forms import LOCK, DoorsForm
from properties import pages
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import NukiAccount, SmartLock
from properties.queries import free_smart_locks
from properties.rights import needs
from properties.roles import Right

LOCKS_LENGTH = 50
MOST_ROWS = 30  # of the form; further locks come when these are on doors
LONGEST_KEY = 18  # digits; what is longer was never a key


@never_cache
@require_GET
@needs(Right.CHANGE_PROPERTIES)
def start(request: OrganizationRequest) -> HttpResponse:
    """How far the business has come, and what comes next."""
    page = start_pages.start_page(start_queries.facts_of(request.organization))
    return render(request, "access/start.html", {"section": "start", "page": page})


@never_cache
@require_GET
@needs(Right.CHANGE_PROPERTIES)
def start_locks(request: OrganizationRequest) -> HttpResponse:
    """The locks that the accounts have, and what each lacks."""
    moment, everything = now(), start_queries.locks_of(request.organization)
    after = request.GET.get("after", "")
    is_first = not _is_key(after)
    found = everything if is_first else start_queries.locks_after(everything, int(after))
    locks = list(found[: LOCKS_LENGTH + 1])
    page = start_pages.locks_page(
        locks,
        start_queries.readings_of(locks, moment, FRESH),
        list(NukiAccount.objects.filter(organization=request.organization).order_by("name", "pk")),
        most=LOCKS_LENGTH,
        is_first=is_first,
        now=moment,
    )
    context = {"section": "start", "page": page, "back_url": reverse("access:start")}
    return render(request, "access/start_locks.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def start_doors(request: OrganizationRequest) -> HttpResponse:
    """Put locks on doors of properties and units, all on one page."""
    places = start_queries.properties_of(request.organization)
    is_sent = request.method == "POST"
    form = DoorsForm(
        request.POST if is_sent else None,
        locks=_rows_sent(request) if is_sent else list(free_smart_locks(request.organization)[:MOST_ROWS]),
        properties=places,
        organization=request.organization,
    )
    if is_sent and form.is_valid() and _placed(request, form):
        return redirect("access:start")
    context = {
        "section": "start",
        "form": form,
        "property_names": [place.name for place in places],
        "unit_names": start_queries.unit_names_of(request.organization),
        "time_zones": pages.time_zones(),
        "has_locks": bool(form.rows) or start_queries.locks_of(request.organization).exists(),
        "back_url": reverse("access:start"),
    }
    return render(request, "access/start_doors.html", context)


def _rows_sent(request: OrganizationRequest) -> list[SmartLock]:
    """The locks of the rows that were sent, also those that are on doors by now."""
    keys = [int(key) for key in request.POST.getlist(LOCK)[:MOST_ROWS] if _is_key(key)]
    locks = SmartLock.objects.filter(organization=request.organization, pk__in=keys, gone_since=None)
    return list(locks.order_by("name", "pk"))


def _placed(request: OrganizationRequest, form: DoorsForm) -> bool:
    """Make the call; a refusal becomes words at the field that it is about."""
    try:
        placing.put_on_doors(
            organization=request.organization,
            placements=form.placements(),
            time_zone=form.time_zone,
            placed_by=request.user,
            now=now(),
        )
    except placing.CannotBePlaced as refused:
        form.refuse(refused)
        return False
    notices.success(request, _("The locks are on their doors."))
    return True


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST_KEY
