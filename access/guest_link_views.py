"""What a host does with the link to a guest's page: show it, make another one, take it away."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from access import audit, guest_links, link_pages, queries, squares
from access.models import AuditKind, Stay
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right


@never_cache
@require_POST
@needs(Right.REVEAL_CODES)
def show_link(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Show the link, to be copied or printed. It leads to the code, so it is written down who saw it."""
    stay, moment = _load(request, stay_id), now()
    link = guest_links.needed_for(stay, now=moment)
    address = guest_links.address(link) if link else ""
    if address:
        audit.about_stay(AuditKind.LINK_REVEALED, stay, by=request.user, now=moment)
    context = {
        "section": "stays",
        "address": address,
        "square": squares.of_text(address) if address else None,
        "guest_name": stay.guest.called,
        "back_url": _page_of(stay),
    }
    is_part = getattr(request, "htmx", False)
    return render(request, "access/_guest_link_shown.html" if is_part else "access/guest_link.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def renew_link(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Have another link lead to the page, after saying what that does."""
    stay = _load(request, stay_id)
    if request.method == "POST":
        number = request.POST.get("link", "")
        try:
            guest_links.renew(
                stay=stay,
                instead_of=int(number) if number.isdecimal() else 0,
                renewed_by=request.user,
                now=now(),
            )
        except guest_links.StayIsClosed:
            notices.warning(request, _("This stay is over or cancelled. Its page has ended."))
        return redirect("access:stay", stay_id=stay_id)
    link = guest_links.latest(stay)
    context = {
        "section": "stays",
        "title": _("Give %(guest)s another link?") % {"guest": stay.guest.called},
        "consequences": link_pages.renew_consequences(stay),
        "link_id": link.pk if link else 0,
        "submit_word": _("Make new link"),
        "keep_word": _("Keep link"),
        "back_url": _page_of(stay),
    }
    return render(request, "access/change_link.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def revoke_link(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Take the link away, after saying what that does."""
    stay = _load(request, stay_id)
    if request.method == "POST":
        guest_links.revoke(stay=stay, revoked_by=request.user, now=now())
        return redirect("access:stay", stay_id=stay_id)
    context = {
        "section": "stays",
        "title": _("Close the page of %(guest)s?") % {"guest": stay.guest.called},
        "consequences": link_pages.revoke_consequences(stay),
        "submit_word": _("Close page"),
        "keep_word": _("Keep page"),
        "back_url": _page_of(stay),
    }
    return render(request, "access/change_link.html", context)


def _load(request: OrganizationRequest, stay_id: int) -> Stay:
    """The stay, if this person sees it: every other is not there."""
    return get_object_or_404(queries.stays_of(request.organization, request.reach), pk=stay_id)


def _page_of(stay: Stay) -> str:
    return reverse("access:stay", kwargs={"stay_id": stay.pk})
