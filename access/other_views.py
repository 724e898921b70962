"""The pages about what others have on smart locks: they translate, make one call, and translate back."""

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import holders, lock_pages, lock_queries, other_pages
from access.lock_forms import HolderForm
from access.models import Holder, OtherAuthorization
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def others(request: OrganizationRequest, lock_id: int) -> HttpResponse:
    """All that is on a lock besides our codes."""
    found = get_object_or_404(lock_queries.locks_of(request.organization, request.reach), pk=lock_id)
    zone = lock_pages.zone_of(found)
    gone = lock_queries.holders_of_what_is_gone(found)
    on_lock = lock_queries.others_on(found)
    page = other_pages.others_of(found, on_lock, zone=zone, role=request.role, gone=gone)
    context = {
        "section": "doors",
        "others": page,
        "zone": zone,
        "name": lock_pages.name_of(found),
        "back_url": reverse("access:lock", kwargs={"lock_id": lock_id}),
    }
    return render(request, "access/others.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def name_holder(request: OrganizationRequest, authorization_id: int) -> HttpResponse:
    """Say who uses something that is on a lock."""
    ours = lock_queries.others_of(request.organization)
    found: OtherAuthorization = get_object_or_404(ours, pk=authorization_id)
    if not other_pages.can_be_named(found):
        raise Http404
    known = lock_queries.holder_of(found)
    initial = {"name": known.name, "note": known.note} if known else None
    form = HolderForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        holders.name(authorization=found, named_by=request.user, now=now(), **form.cleaned_data)
        return redirect("access:lock", lock_id=found.smart_lock_id)
    context = {
        "section": "doors",
        "form": form,
        "name": other_pages.name_of(found),
        "kind": other_pages.kind_of(found),
        "lock_name": lock_pages.name_of(found.smart_lock),
        "forget_url": reverse("access:forget_holder", kwargs={"holder_id": known.pk}) if known else "",
        "back_url": reverse("access:lock", kwargs={"lock_id": found.smart_lock_id}),
    }
    return render(request, "access/name_holder.html", context)


@never_cache
@require_POST
@needs(Right.CHANGE_PROPERTIES)
def forget_holder(request: OrganizationRequest, holder_id: int) -> HttpResponse:
    """Know no more who uses something that is on a lock, or was."""
    found: Holder = get_object_or_404(lock_queries.holders_of(request.organization), pk=holder_id)
    holders.forget(holder=found, forgotten_by=request.user, now=now())
    notices.success(request, _("The name is forgotten. What happened has Nuki's own name again."))
    return redirect("access:lock", lock_id=found.smart_lock_id)
