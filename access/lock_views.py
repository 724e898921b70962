"""The pages about doors and smart locks: they translate, make one call, and translate back."""

from datetime import datetime, timedelta

from django.contrib import messages as notices
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import (
    activity_export,
    capacity_pages,
    door_pages,
    lock_actions,
    lock_names,
    lock_pages,
    lock_queries,
    other_pages,
    queries,
    spare_queries,
)
from access.asked_pages import FRESH
from access.lock_forms import ActivityFilterForm, LockNameForm
from access.lock_queries import Wanted
from access.models import Activity, AuditEntry, AuditKind
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import SmartLock
from properties.rights import needs
from properties.roles import Right

DOORS_LENGTH = 50
ACTIVITY_LENGTH = 30
HOUR = timedelta(hours=1)
ASKED_LENGTH = 20  # entries about what was asked; each wish has three at most


@never_cache
@require_GET
@needs(Right.VIEW_PROPERTIES)
def doors(request: OrganizationRequest) -> HttpResponse:
    """Every door with its lock, what needs a hand first."""
    moment = now()
    everything = lock_queries.doors_of(request.organization, request.reach, moment)
    only_attention = request.GET.get("needs") == door_pages.ATTENTION
    wanted = lock_queries.that_need_a_hand(everything) if only_attention else everything
    place = door_pages.place_of(request.GET.get("after", ""))
    found = lock_queries.after(wanted, place) if place else wanted
    page = door_pages.doors_page(
        list(found[: DOORS_LENGTH + 1]),
        lock_queries.count(everything),
        most=DOORS_LENGTH,
        only_attention=only_attention,
        is_first=place is None,
        role=request.role,
        now=moment,
    )
    return render(request, "access/doors.html", {"section": "doors", "page": page})


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def lock(request: OrganizationRequest, lock_id: int) -> HttpResponse:
    """One smart lock: how it is, its codes, and what happened."""
    moment = now()
    ours = lock_queries.locks_of(request.organization, request.reach)
    found = get_object_or_404(lock_queries.with_windows(ours, moment), pk=lock_id)
    form = ActivityFilterForm(request.GET)
    everything = lock_queries.activity_of(found, request.reach, _wanted(form, found))
    before = request.GET.get("before", "")
    older = queries.before(everything, int(before)) if _is_key(before) else everything
    happened = list(older[: ACTIVITY_LENGTH + 1])
    is_latest = older is everything
    entries = lock_queries.asked_of(found, ASKED_LENGTH)
    zone = lock_pages.zone_of(found)
    ahead = capacity_pages.days_ahead(zone, moment)
    view = lock_pages.lock_view(
        found,
        entries=entries,
        movement=_movement(found, entries, happened if is_latest and not form.asked() else None, moment),
        grants=lock_queries.codes_on(found, request.reach),
        others=other_pages.others_of(
            found,
            lock_queries.others_on(found),
            zone=zone,
            role=request.role,
        ),
        ahead=capacity_pages.counted(found, lock_queries.spans_on(found), ahead),
        activity=happened[:ACTIVITY_LENGTH],
        filters=lock_pages.filters(found, form.asked(), happened, most=ACTIVITY_LENGTH, is_latest=is_latest),
        role=request.role,
        now=moment,
        spares=spare_queries.on_lock(found, moment),
    )
    return render(request, "access/lock.html", {"section": "doors", "view": view, "form": form})


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def export_activity(request: OrganizationRequest, lock_id: int) -> StreamingHttpResponse:
    """What happened at one lock, as a file."""
    found, moment = _load(request, lock_id), now()
    zone = lock_pages.zone_of(found)
    wanted = _wanted(ActivityFilterForm(request.GET), found)
    lines = activity_export.export(found, request.reach, wanted, zone=zone)
    name = slugify(f"activity {lock_pages.name_of(found)} {moment:%Y-%m-%d}")
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.OPEN_DOORS)
def open_lock(request: OrganizationRequest, lock_id: int) -> HttpResponse:
    """Open a door now, after saying what that does."""
    found = _load(request, lock_id)
    if request.method == "POST":
        try:
            lock_actions.ask_to_open(lock=found, asked_by=request.user, now=now())
        except lock_actions.AskedJustNow:
            pass  # a second click on the same button: what was asked for is under way
        except lock_actions.LockDoesNotAnswer:
            notices.warning(request, _("Nuki does not reach this lock now, so it was not asked to open."))
        except lock_actions.LockIsGone:
            notices.warning(
                request, _("This lock is no longer in your Nuki account. It was not asked to open.")
            )
        except lock_actions.AccountDoesNotAnswer:
            notices.warning(
                request, _("Nuki does not answer for this account now. The lock was not asked to open.")
            )
        return redirect("access:lock", lock_id=lock_id)
    inside = lock_queries.guests_behind(found, request.reach, now())
    context = {
        "section": "doors",
        "name": lock_pages.name_of(found),
        "consequences": lock_pages.opening_consequences(found, inside),
        "open_url": reverse("access:open_lock", kwargs={"lock_id": lock_id}),
        "back_url": reverse("access:lock", kwargs={"lock_id": lock_id}),
    }
    return render(request, "access/open_lock.html", context)


@never_cache
@require_POST
@needs(Right.CHANGE_STAYS)
def read_lock(request: OrganizationRequest, lock_id: int) -> HttpResponse:
    """Have a lock read again."""
    found = _load(request, lock_id)
    try:
        lock_actions.ask_to_read(lock=found, asked_by=request.user, now=now())
    except lock_actions.AskedJustNow:
        notices.info(
            request, _("This lock was read a moment ago. Reading costs its battery: try again in a minute.")
        )
    except lock_actions.LockIsGone:
        notices.warning(request, _("This lock is no longer in your Nuki account."))
    except lock_actions.AccountDoesNotAnswer:
        notices.warning(request, _("Nuki does not answer for this account now. Try again later."))
    if request.POST.get("back") == "start":
        return redirect("access:start_locks")
    return redirect("access:lock", lock_id=lock_id)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def rename_lock(request: OrganizationRequest, lock_id: int) -> HttpResponse:
    """Call a lock otherwise here; at Nuki its name stays."""
    found = _load(request, lock_id)
    form = LockNameForm(request.POST or None, lock=found)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        lock_names.rename(lock=found, name=name, renamed_by=request.user, now=now())
        return redirect("access:lock", lock_id=lock_id)
    context = {
        "section": "doors",
        "form": form,
        "title": _("Rename the lock %(lock)s") % {"lock": found.called},
        "intro": _("The name holds in Keyturn. In the Nuki app the lock stays “%(name)s”.")
        % {"name": found.name},
        "submit_word": _("Rename the lock"),
        "back_url": reverse("access:lock", kwargs={"lock_id": lock_id}),
    }
    return render(request, "properties/simple_form.html", context)


def _load(request: OrganizationRequest, lock_id: int) -> SmartLock:
    """The lock, if this person sees it: every other is not there."""
    return get_object_or_404(lock_queries.locks_of(request.organization, request.reach), pk=lock_id)


def _wanted(form: ActivityFilterForm, found: SmartLock) -> Wanted:
    if not form.is_valid():
        return Wanted()
    day, who = form.cleaned_data["day"], form.cleaned_data["who"]
    if day is None:
        return Wanted(who=who)
    return Wanted(*capacity_pages.span_of(day, lock_pages.zone_of(found)), who=who)


def _movement(
    found: SmartLock, entries: list[AuditEntry], latest: list[Activity] | None, moment: datetime
) -> Activity | None:
    """What the lock's log shows of an opening that was asked for lately.

    `latest` is the first page of all that happened: as a rule it reaches back far enough.
    """
    asked = next((one for one in entries if one.kind == AuditKind.OPENING_ASKED), None)
    if asked is None or asked.at <= moment - FRESH:
        return None
    if latest is not None and (len(latest) <= ACTIVITY_LENGTH or latest[-1].happened_at < asked.at - HOUR):
        return lock_queries.movement_in(latest, asked.at)
    return lock_queries.movement_since(found, asked.at)


def _is_key(text: str) -> bool:
    longest = 18  # digits of what the database takes for a number
    return text.isdecimal() and len(text) <= longest
