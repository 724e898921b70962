"""The pages about guests: they translate, make one call, and translate back."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from access import guest_pages, guest_queries, guests, queries
from access.forms import GuestForm
from access.models import Guest
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right

PAGE_LENGTH = 50
STAYS_SHOWN, MESSAGES_SHOWN = 50, 30
LONGEST_SEARCH = 100


@require_GET
@needs(Right.VIEW_STAYS)
def guest_list(request: OrganizationRequest) -> HttpResponse:
    """Guests by name, or those that were looked for."""
    looked_for = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    after = request.GET.get("after", "")
    found = guest_queries.guests_of(request.organization, request.reach, looked_for=looked_for)
    if after.isdecimal():
        found = guest_queries.guests_after(found, int(after))
    page = guest_pages.guest_list(list(found[: PAGE_LENGTH + 1]), most=PAGE_LENGTH, looked_for=looked_for)
    return render(request, "access/guests.html", {"section": "guests", "page": page})


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def guest(request: OrganizationRequest, guest_id: int) -> HttpResponse:
    """One guest with stays and messages."""
    found = _load(request, guest_id)
    view = guest_pages.guest_view(
        found,
        queries.stays_of(request.organization, request.reach)
        .filter(pk__in=guest_queries.stays_with(found))
        .order_by("-starts_at", "-pk")[:STAYS_SHOWN],
        guest_queries.messages_to(found, request.reach)[:MESSAGES_SHOWN],
        role=request.role,
        now=now(),
    )
    return render(request, "access/guest.html", {"section": "guests", "view": view})


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def edit_guest(request: OrganizationRequest, guest_id: int) -> HttpResponse:
    """Correct a guest's name or address."""
    found = _load(request, guest_id)
    known = {"name": found.name, "email": found.email, "language": found.language}
    form = GuestForm(request.POST or None, initial=known, needs_address=bool(found.email))
    back_url = reverse("access:guest", kwargs={"guest_id": guest_id})
    if request.method == "POST" and form.is_valid():
        try:
            guests.correct(guest=found, corrected_by=request.user, now=now(), **form.cleaned_data)
        except guests.GuestIsKnown:
            form.add_error(None, _("Another guest has this name and address already."))
        except guests.GuestIsErased:
            notices.warning(request, _("This guest's name and address were erased."))
            return redirect(back_url)
        else:
            return redirect(back_url)
    context = {"section": "guests", "form": form, "guest_name": found.called, "back_url": back_url}
    return render(request, "access/edit_guest.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.ERASE_GUESTS)
def erase_guest(request: OrganizationRequest, guest_id: int) -> HttpResponse:
    """Erase a guest's personal data, after saying what goes and what stays."""
    found = _load(request, guest_id)
    back_url = reverse("access:guest", kwargs={"guest_id": guest_id})
    if request.method == "POST":
        try:
            guests.erase(guest=found, now=now())
        except guests.GuestIsExpected:
            notices.warning(request, _("%(guest)s has a stay that is not over.") % {"guest": found.called})
        return redirect(back_url)
    context = {
        "section": "guests",
        "guest_name": found.called,
        "consequences": guest_pages.erasing(found, stays=guest_queries.stays_with(found).count()),
        "erase_url": request.path,
        "back_url": back_url,
    }
    return render(request, "access/erase_guest.html", context)


def _load(request: OrganizationRequest, guest_id: int) -> Guest:
    """The guest, if this person sees them: everybody else is not there."""
    return get_object_or_404(guest_queries.all_of(request.organization, request.reach), pk=guest_id)
