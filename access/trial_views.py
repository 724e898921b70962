"""The page on which somebody tries a door: a code for thirty minutes, seen as it arrives."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from access import door_trials, queries, start_queries, stay_pages, stays
from access.models import Stay
from access.start_forms import TrialForm
from properties import wall_clock
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import Door
from properties.rights import needs
from properties.roles import Right, may


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def start_test(request: OrganizationRequest) -> HttpResponse:
    """Try a door, or see how far the code of the trial is."""
    running = _running(request)
    if running is not None:
        return redirect("access:start_test") if request.method == "POST" else _ladder(request, running)
    doors = start_queries.doors_to_try(request.organization, request.reach)
    named = request.GET.get("door", "")
    form = TrialForm(request.POST or None, doors=doors, initial={"door": named})
    if request.method == "POST" and form.is_valid() and _begun(request, form):
        return redirect("access:start_test")
    context = {
        "section": "start",
        "form": form,
        "has_doors": doors.exists(),
        "minutes": door_trials.LASTS.seconds // 60,
        "back_url": _back_url(request),
    }
    return render(request, "access/start_test.html", context)


@never_cache
@require_POST
@needs(Right.CHANGE_STAYS)
def end_test(request: OrganizationRequest) -> HttpResponse:
    """End the trial before its time."""
    try:
        ended = door_trials.end(organization=request.organization, user=request.user, now=now())
    except (stays.StayIsOver, stays.StayIsCancelled):
        ended = None  # a second click on the same button: what was asked for is so
    if ended is not None:
        notices.success(request, _("The test is over. Its code is being taken off the doors."))
    return redirect(_back_url(request))


def _running(request: OrganizationRequest) -> Stay | None:
    """The trial of this person that runs, unless its property is not theirs to see any more."""
    running = door_trials.of(request.organization, request.user, now())
    if running is None:
        return None
    return queries.stays_of(request.organization, request.reach).filter(pk=running.pk).first()


def _ladder(request: OrganizationRequest, running: Stay) -> HttpResponse:
    view = stay_pages.stay_view(
        running,
        messages=[],
        history=[],
        activity=list(queries.activity_at_doors_of(running, request.reach)[:ACTIVITY_LENGTH]),
        role=request.role,
        now=now(),
    )
    context = {"section": "start", "view": view, "back_url": _back_url(request)}
    return render(request, "access/start_test_runs.html", context)


def _begun(request: OrganizationRequest, form: TrialForm) -> bool:
    """Make the call; a refusal becomes words at the door."""
    door, moment = form.cleaned_data["door"], now()
    try:
        door_trials.begin(organization=request.organization, door=door, user=request.user, now=moment)
    except door_trials.EveryUnitIsTaken:
        form.add_error("door", _taken(door, request))
    except stays.UnitHasNoSmartLock:
        form.add_error("door", _("This door has no smart lock any more. Choose another."))
    else:
        return True
    return False


def _taken(door: Door, request: OrganizationRequest) -> str:
    """Who is behind the door, and until when."""
    moment = now()
    ours = queries.stays_of(request.organization, request.reach)
    ours = ours.filter(unit__way_in__door=door, cancelled_at=None)
    other = (
        ours.filter(starts_at__lt=moment + door_trials.LASTS, ends_at__gt=moment).order_by("ends_at").first()
    )
    if other is None:
        return _("A guest is behind this door now. Choose another door.")
    zone = door.property.time_zone
    return _("%(guest)s has %(unit)s until %(until)s, and no other unit behind this door is free.") % {
        "guest": other.guest.called,
        "unit": other.unit.name,
        "until": date_format(wall_clock.shown(other.ends_at, zone), "DAY_CLOCK"),
    }


def _back_url(request: OrganizationRequest) -> str:
    """Getting started, for those whose it is."""
    return reverse("access:start" if may(request.role, Right.CHANGE_PROPERTIES) else "access:doors")


ACTIVITY_LENGTH = 5
