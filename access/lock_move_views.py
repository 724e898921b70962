"""The pages that put smart locks on doors: they say whose codes move, make one call, and translate back."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from access import door_locks, lock_moves, lock_pages, lock_queries, queries, ways_in
from access.lock_forms import DoorForLockForm, LockForDoorForm, LockToSwapForm
from properties import places
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import Door, SmartLock
from properties.rights import needs
from properties.roles import Right


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def replace_lock(request: OrganizationRequest, door_id: int) -> HttpResponse:
    """Put another smart lock on a door, after saying whose codes move."""
    door = _load_door(request, door_id)
    form = LockForDoorForm(request.POST or request.GET or None, organization=request.organization)
    is_chosen = form.is_bound and form.is_valid()
    if request.method == "POST" and is_chosen:
        new = form.cleaned_data["smart_lock"]
        try:
            door_locks.replace_lock(door=door, smart_lock=new, replaced_by=request.user, now=now())
        except places.LockIsOnAnotherDoor:
            form.add_error("smart_lock", _("This lock was put on another door meanwhile. Choose another."))
            is_chosen = False
        else:
            return redirect("access:lock", lock_id=new.pk)
    move = _preview(form.cleaned_data["smart_lock"], door) if is_chosen else None
    title = _("Replace the lock of %(door)s") if door.smart_lock else _("Put a lock on %(door)s")
    context = {"title": title % {"door": door.name}, "back_url": _way_back(door)}
    return _change(request, form, move, context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def move_lock(request: OrganizationRequest, lock_id: int) -> HttpResponse:
    """Put a smart lock on another door, after saying whose codes move."""
    found = _load(request, lock_id)
    form = DoorForLockForm(request.POST or request.GET or None, organization=request.organization, lock=found)
    asked: Door | None = form.cleaned_data["door"] if form.is_bound and form.is_valid() else None
    door = asked if asked is not None and _may_leave(form, found, now()) else None
    if request.method == "POST" and door is not None:
        try:
            door_locks.move_lock(smart_lock=found, door=door, moved_by=request.user, now=now())
        except door_locks.DoorNeedsItsLock:
            door = door if _may_leave(form, found, now()) else None
        except places.LockIsOnAnotherDoor:
            form.add_error("door", _("This lock was put on another door meanwhile."))
            door = None
        else:
            return redirect("access:lock", lock_id=lock_id)
    move = _preview(found, door) if door is not None else None
    title = _("Move the lock %(lock)s to another door") % {"lock": found.called}
    back_url = reverse("access:lock", kwargs={"lock_id": lock_id})
    swap_url = _swap_url(found, asked) if asked is not None else ""
    return _change(request, form, move, {"title": title, "back_url": back_url, "swap_url": swap_url})


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def swap_locks(request: OrganizationRequest, lock_id: int) -> HttpResponse:
    """Put two locks on each other's doors, after saying whose codes move."""
    found = _load(request, lock_id)
    form = LockToSwapForm(request.POST or request.GET or None, organization=request.organization, lock=found)
    is_chosen = form.is_bound and form.is_valid() and _is_on_a_door(form, found)
    if request.method == "POST" and is_chosen:
        other = form.cleaned_data["smart_lock"]
        try:
            ways_in.swap_locks(smart_lock=found, other=other, swapped_by=request.user, now=now())
        except ways_in.LockIsOnNoDoor:
            form.add_error("smart_lock", _("One of the locks was taken off its door meanwhile."))
            is_chosen = False
        else:
            return redirect("access:lock", lock_id=lock_id)
    move = _preview_swap(found, form.cleaned_data["smart_lock"]) if is_chosen else None
    title = _("Swap the lock %(lock)s with another") % {"lock": found.called}
    back_url = reverse("access:lock", kwargs={"lock_id": lock_id})
    return _change(request, form, move, {"title": title, "back_url": back_url})


def _change(
    request: OrganizationRequest,
    form: LockForDoorForm | DoorForLockForm | LockToSwapForm,
    move: lock_moves.LockMove | None,
    context: Mapping[str, str],
) -> HttpResponse:
    return render(
        request, "access/change_lock.html", {"section": "doors", "form": form, "move": move, **context}
    )


def _preview(new: SmartLock, door: Door) -> lock_moves.LockMove:
    moment = now()
    moving = lock_queries.stays_that_move(door, moment)
    return lock_moves.preview(new, door, moving, queries.digests_on([new.pk], moment))


def _preview_swap(one: SmartLock, two: SmartLock) -> lock_moves.LockMove:
    moment = now()
    sides = [
        lock_moves.Side(
            lock=lock,
            grants=lock_queries.stays_that_move(door, moment) if door else [],
            taken=queries.digests_on([lock.pk], moment),
        )
        for lock in (one, two)
        for door in [lock_pages.door_of(lock)]
    ]
    return lock_moves.preview_of_swap(*sides)


def _swap_url(found: SmartLock, door: Door) -> str:
    """Where both locks change places, if the door that was chosen has one, too."""
    if door.smart_lock is None or lock_pages.door_of(found) is None:
        return ""
    where = reverse("access:swap_locks", kwargs={"lock_id": found.pk})
    return f"{where}?{urlencode({'smart_lock': door.smart_lock_id})}"


def _is_on_a_door(form: LockToSwapForm, found: SmartLock) -> bool:
    """Whether the lock has a place to give; else the form says so."""
    if lock_pages.door_of(found) is not None:
        return True
    form.add_error(
        "smart_lock", _("The lock %(lock)s is on no door. Move it to one.") % {"lock": found.called}
    )
    return False


def _may_leave(form: DoorForLockForm, found: SmartLock, moment: datetime) -> bool:
    """Whether no stay needs the lock where it is; else the form says so."""
    left = lock_pages.door_of(found)
    if left is None or not queries.needs_its_lock(left, moment):
        return True
    form.add_error(
        "door",
        _("Stays have their codes on %(door)s. Put another lock on that door first.") % {"door": left.name},
    )
    return False


def _load(request: OrganizationRequest, lock_id: int) -> SmartLock:
    """The lock, if it is this organization's: everybody else's is not there."""
    return get_object_or_404(lock_queries.locks_of(request.organization, request.reach), pk=lock_id)


def _load_door(request: OrganizationRequest, door_id: int) -> Door:
    ours = Door.objects.filter(organization=request.organization)
    return get_object_or_404(ours.select_related("property", "smart_lock"), pk=door_id)


def _way_back(door: Door) -> str:
    if door.smart_lock_id is None:
        return reverse("access:doors")
    return reverse("access:lock", kwargs={"lock_id": door.smart_lock_id})
