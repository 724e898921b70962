"""The pages about stays: they translate, make one call, and translate back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.contrib import messages as notices
from django.db.models import Prefetch
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import activity_pages, audit, queries, stay_pages, stays
from access.forms import BookStayForm, StayTimesForm, usual_times
from access.models import AuditEntry, AuditKind, Message, Stay
from properties import wall_clock
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.queries import bookable_units
from properties.rights import needs
from properties.roles import Right

HISTORY_LENGTH = 30
ACTIVITY_LENGTH = 50  # on a page of its own
ACTIVITY_OF_A_STAY = 20


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def book_stay(request: OrganizationRequest) -> HttpResponse:
    """Book a stay."""
    moment = now()
    usual = _usual(request, moment)
    if not usual:
        nothing = {"section": "stays", "back_url": reverse("access:stays")}
        return render(request, "access/nothing_to_book.html", nothing)
    form = BookStayForm(request.POST or None, organization=request.organization, now=moment, initial=usual)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        booked: list[Stay] = []
        if _done(
            form,
            lambda: booked.append(
                stays.book(
                    organization=request.organization,
                    unit=wanted["unit"],
                    guest_name=wanted["guest_name"],
                    guest_email=wanted["guest_email"],
                    language=wanted["language"],
                    starts_at=wanted["starts_at"],
                    ends_at=wanted["ends_at"],
                    code=wanted["code"],
                    booked_by=request.user,
                    now=moment,
                )
            ),
        ):
            return redirect("access:stay", stay_id=booked[0].pk)
    context = {"section": "stays", "form": form, "back_url": reverse("access:stays")}
    return render(request, "access/book_stay.html", context)


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
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def change_stay(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Extend, shorten or move a stay."""
    changed, moment = _load(request, stay_id), now()
    if not stay_pages.is_open(changed, moment):
        return _is_settled(request, changed)
    zone = changed.unit.property.time_zone
    form = StayTimesForm(
        request.POST or None,
        organization=request.organization,
        now=moment,
        initial={
            "unit": changed.unit,
            "starts": wall_clock.shown(changed.starts_at, zone).replace(tzinfo=None),
            "ends": wall_clock.shown(changed.ends_at, zone).replace(tzinfo=None),
        },
    )
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        if _done(
            form,
            lambda: stays.change(
                stay=changed,
                unit=wanted["unit"],
                starts_at=wanted["starts_at"],
                ends_at=wanted["ends_at"],
                changed_by=request.user,
                now=moment,
            ),
            besides=changed.pk,
        ):
            return redirect("access:stay", stay_id=changed.pk)
    view = _view(request, stay_id)
    context = {"section": "stays", "form": form, "view": view, "back_url": view.url}
    return render(request, "access/change_stay.html", context)


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
    view = _view(request, stay_id)
    consequences = stay_pages.cancel_consequences(cancelled, queries.live_grants(cancelled))
    context = {"section": "stays", "view": view, "consequences": consequences, "back_url": view.url}
    return render(request, "access/cancel_stay.html", context)


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
    everything = queries.activity_of(request.organization)
    found = queries.before(everything, int(before)) if before.isdecimal() else everything
    page = list(found[: ACTIVITY_LENGTH + 1])
    return activity_pages.latest(page, most=ACTIVITY_LENGTH, is_latest=found is everything)


def _load(request: OrganizationRequest, stay_id: int) -> Stay:
    """The stay, if it is this organization's: everybody else's is not there."""
    return get_object_or_404(queries.stays_of(request.organization), pk=stay_id)


def _is_settled(request: OrganizationRequest, settled: Stay) -> HttpResponse:
    """Back to the stay, which says that it was cancelled or is over; what cannot be done is not offered."""
    if settled.cancelled_at is None:
        notices.warning(request, _("This stay is over. It cannot be changed any more."))
    else:
        notices.warning(request, _("This stay was cancelled. Book a new one."))
    return redirect("access:stay", stay_id=settled.pk)


def _view(request: OrganizationRequest, stay_id: int) -> stay_pages.StayView:
    past = AuditEntry.objects.filter(kind__in=stay_pages.HISTORY).select_related(
        "by", "grant__door", "grant__smart_lock"
    )
    found = get_object_or_404(
        queries.stays_of(request.organization).prefetch_related(
            Prefetch("messages", Message.objects.order_by("-written_at", "-pk")),
        ),
        pk=stay_id,
    )
    return stay_pages.stay_view(
        found,
        messages=list(found.messages.all()),
        history=list(past.filter(stay=found)[:HISTORY_LENGTH]),
        activity=list(queries.activity_at_doors_of(found)[:ACTIVITY_OF_A_STAY]),
        role=request.role,
        now=now(),
    )


def _usual(request: HttpRequest, moment: datetime) -> dict[str, object]:
    """The form's first values: unit and days the address names, at the usual times there or at the first.

    An address that names no unit of ours presets none: another unit in its place would be booked unnoticed.
    """
    ours = bookable_units(request.organization)  # type: ignore[attr-defined]
    named = request.GET.get("unit", "")
    chosen = ours.filter(pk=int(named)).first() if named.isdecimal() else None
    usual = chosen or ours.first()
    if usual is None:
        return {}
    named_days = {"first": request.GET.get("from", ""), "last": request.GET.get("until", "")}
    starts, ends = usual_times(usual, moment, **named_days)
    return {"unit": chosen.pk if chosen else None, "starts": starts, "ends": ends}


def _done(form: Form, operation: Callable[[], None], besides: int | None = None) -> bool:
    """Make the call; a refusal becomes words at the field that it is about."""
    try:
        operation()
    except stays.UnitIsTaken:
        form.add_error("unit", _taken(form, besides))
    except stays.UnitHasNoSmartLock:
        form.add_error(
            "unit", _("No door of this unit has a smart lock yet. Put a lock on a door under Properties.")
        )
    except stays.StayEndsBeforeItStarts:
        form.add_error("ends", _("The departure has to be after the arrival."))
    except stays.StayIsOver:
        form.add_error("ends", _("This stay would be over already."))
    except stays.StayIsCancelled:
        form.add_error(None, _("This stay was cancelled. Book a new one."))
    except stays.CodeIsTaken:
        form.add_error(
            "code",
            _("This code is on one of the doors, or was until lately. Choose another, or leave it empty."),
        )
    else:
        return True
    return False


def _taken(form: Form, besides: int | None) -> str:
    """Who is in the way, and when."""
    wanted = form.cleaned_data
    other = queries.neighbour(
        unit_id=wanted["unit"].pk, starts_at=wanted["starts_at"], ends_at=wanted["ends_at"], besides=besides
    )
    if other is None:
        return _("Another stay of this unit is in the way.")
    zone = other.unit.property.time_zone
    return _("%(guest)s has this unit from %(starts)s to %(ends)s.") % {
        "guest": other.guest.called,
        "starts": f"{wall_clock.shown(other.starts_at, zone):%d %b %H:%M}",
        "ends": f"{wall_clock.shown(other.ends_at, zone):%d %b %H:%M}",
    }
