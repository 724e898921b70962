"""The pages on which stays are changed and cancelled: they translate, make one call, and translate back."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from access import (
    change_back,
    change_pages,
    guests,
    messages,
    party,
    queries,
    refusals,
    stay_pages,
    stay_queries,
    stays,
)
from access.change_pages import ChangePreview, Wish
from access.forms import StayTimesForm
from access.models import AuditEntry, AuditKind, Stay
from access.party import Person
from access.party_forms import PartyForm
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.queries import way_into
from properties.rights import needs
from properties.roles import Right


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def change_stay(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Extend, shorten or move a stay, after saying what that changes for whom."""
    changed, moment = _load(request, stay_id), now()
    if not stay_pages.is_open(changed, moment):
        return _is_settled(request, changed)
    asked = request.POST or (request.GET if "unit" in request.GET else None)
    before = change_pages.fields(changed)
    form = StayTimesForm(
        asked, organization=request.organization, reach=request.reach, now=moment, initial=before
    )
    looked_at: list[ChangePreview] = []
    if asked is not None and form.is_valid():
        seen = asked.get("seen", "")
        if request.method != "POST" and _is_as_it_is(form, changed):
            form.add_error(None, _("Unit and times are as they are now. Choose others first."))
        elif request.method != "POST":
            _do(request, form, changed, lambda: looked_at.append(_preview(form, changed, seen)))
        elif _do(request, form, changed, lambda: _change(request, form, changed, seen, moment)):
            return _was_changed(request, stay_id, before)
    return _change_page(request, form, changed, looked_at)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def change_party(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Say who comes along."""
    changed = _load(request, stay_id)
    if not stay_pages.is_open(changed, now()):
        return _is_settled(request, changed)
    there = party.companions(changed)
    known = [(guest.name, guest.email) for guest in there]
    if request.method != "POST":
        return _party_page(request, changed, PartyForm.shown(known, one_more=True), party.version(there))
    seen = request.POST.get("seen") or None
    if "one_more" in request.POST:
        return _party_page(request, changed, PartyForm.typed(request.POST, one_more=True), seen or "")
    form = PartyForm.sent(request.POST)
    if not form.is_valid(besides=Person(changed.guest.name, changed.guest.email)):
        return _party_page(request, changed, form, seen or "")
    try:
        guests.change_party(stay=changed, people=form.people(), seen=seen, changed_by=request.user, now=now())
    except guests.PartyWasChanged:
        there = party.companions(changed)
        notices.warning(request, change_pages.party_changed_meanwhile(changed, there))
        return _party_page(request, changed, form, party.version(there))
    except (stays.StayIsOver, stays.StayIsCancelled):
        return _is_settled(request, _load(request, stay_id))
    return redirect("access:stay", stay_id=stay_id)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def cancel_stay(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Cancel a stay, after saying what that does."""
    cancelled = _load(request, stay_id)
    if request.method == "POST":
        try:
            stays.cancel(stay=cancelled, cancelled_by=request.user, now=now())
        except stays.StayIsCancelled:
            pass  # a second click on the same button: what was asked for is so
        except stays.StayIsOver:
            notices.warning(request, _("This stay is over. Its codes are being taken off already."))
        return redirect("access:stay", stay_id=stay_id)
    if not stay_pages.is_open(cancelled, now()):
        return _is_settled(request, cancelled)
    consequences = stay_pages.cancel_consequences(cancelled, queries.live_grants_with_doors(cancelled))
    view = change_pages.heading(cancelled)
    context = {"section": "stays", "view": view, "consequences": consequences, "back_url": view.url}
    return render(request, "access/cancel_stay.html", context)


def _do(
    request: OrganizationRequest, form: StayTimesForm, changed: Stay, operation: Callable[[], None]
) -> bool:
    """Look at a change, or make it; why it cannot be is said in the form."""
    try:
        return refusals.say_at(form, operation, besides=changed.pk)
    except stays.StayWasChanged:
        now_is = _load(request, changed.pk)
        form.add_error(None, change_pages.changed_meanwhile(now_is, _last_change(now_is)))
    return False


def _is_as_it_is(form: StayTimesForm, changed: Stay) -> bool:
    asked = form.cleaned_data
    return (asked["unit"].pk, asked["starts_at"], asked["ends_at"]) == (
        changed.unit_id,
        changed.starts_at,
        changed.ends_at,
    )


def _preview(form: StayTimesForm, changed: Stay, seen: str) -> ChangePreview:
    """What the change does to whom. Raises what `stays.change` would."""
    asked = form.cleaned_data
    wish = Wish(asked["unit"], way_into(asked["unit"]), asked["starts_at"], asked["ends_at"])
    if seen and seen != stays.version(changed):
        raise stays.StayWasChanged
    if not wish.doors:
        raise stays.UnitHasNoSmartLock
    others = stay_queries.around(
        unit_id=wish.unit.pk,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        besides=changed.pk,
        within=change_pages.NEIGHBOURS_WITHIN,
    )
    if any(change_pages.is_in_the_way(other, wish) for other in others):
        raise stays.UnitIsTaken
    grants = [grant for grant in changed.grants.all() if grant.closed_at is None]
    return change_pages.preview(
        changed,
        wish,
        grants=grants,
        taken=queries.digests_on(change_pages.locks_that_come(grants, wish.doors), now()),
        told=party.with_address(changed),
        was_told=messages.was_told(changed.pk),
        neighbours=change_pages.neighbours(others, wish),
    )


def _change(
    request: OrganizationRequest, form: StayTimesForm, changed: Stay, seen: str, moment: datetime
) -> None:
    asked = form.cleaned_data
    stays.change(
        stay=changed,
        unit=asked["unit"],
        starts_at=asked["starts_at"],
        ends_at=asked["ends_at"],
        changed_by=request.user,
        now=moment,
        seen=seen,
    )


def _was_changed(request: OrganizationRequest, stay_id: int, before: Mapping[str, str]) -> HttpResponse:
    """Back to the stay, with the way back to what it was."""
    changed = _load(request, stay_id)
    if change_pages.fields(changed) != before:
        back = (change_pages.address(changed, before), _("Change back"))
        change_back.note(request.session, changed, before, now=now())
        notices.success(request, format_html('{} <a href="{}">{}</a>', _("Stay changed."), *back))
    return redirect("access:stay", stay_id=stay_id)


def _change_page(
    request: OrganizationRequest, form: StayTimesForm, changed: Stay, looked_at: list[ChangePreview]
) -> HttpResponse:
    now_is = _load(request, changed.pk) if request.method == "POST" else changed
    view = change_pages.heading(now_is)
    context = {
        "section": "stays",
        "form": form,
        "view": view,
        "preview": looked_at[0] if looked_at else None,
        "seen": stays.version(now_is),
        "back_url": view.url,
    }
    return render(request, "access/change_stay.html", context)


def _party_page(request: OrganizationRequest, changed: Stay, form: PartyForm, seen: str) -> HttpResponse:
    view = change_pages.heading(changed)
    context = {"section": "stays", "party": form, "seen": seen, "view": view, "back_url": view.url}
    return render(request, "access/change_party.html", context)


def _last_change(changed: Stay) -> str:
    """Who made the stay what it is now."""
    entries = AuditEntry.objects.filter(stay=changed, kind=AuditKind.STAY_CHANGED).select_related(
        "by", "api_key"
    )
    latest = entries.first()
    return latest.who if latest else _("Keyturn")


def _is_settled(request: OrganizationRequest, settled: Stay) -> HttpResponse:
    """Back to the stay, which says that it was cancelled or is over; what cannot be done is not offered."""
    if settled.cancelled_at is None:
        notices.warning(request, _("This stay is over. It cannot be changed any more."))
    else:
        notices.warning(request, _("This stay was cancelled. Book a new one."))
    return redirect("access:stay", stay_id=settled.pk)


def _load(request: OrganizationRequest, stay_id: int) -> Stay:
    """The stay, if this person sees it: every other is not there."""
    return get_object_or_404(queries.stays_of(request.organization, request.reach), pk=stay_id)
