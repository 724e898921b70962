"""Changing doors and units in which guests may be, or are expected: their codes follow."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from access import ways_in
from properties import places
from properties.clock import now
from properties.forms import DoorForm, UnitForm
from properties.middleware import OrganizationRequest
from properties.models import Door, Unit
from properties.rights import needs
from properties.roles import Right
from properties.views import place_form_page


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def edit_door(request: OrganizationRequest, door_id: int) -> HttpResponse:
    """Rename a door, or put another smart lock on it."""
    door: Door = get_object_or_404(
        Door.objects.filter(organization=request.organization).select_related("property__organization"),
        pk=door_id,
    )
    initial = {
        "name": door.name,
        "smart_lock": door.smart_lock_id,
        "guests_open": door.guests_open,
        "has_backup_codes": "yes" if door.has_backup_codes else "no",
    }
    form = DoorForm(request.POST or None, place=door.property, door=door, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            ways_in.change_door(door=door, changed_by=request.user, now=now(), **form.cleaned_data)
        except places.LockIsOnAnotherDoor:
            form.add_error("smart_lock", _("This lock was just put on another door."))
        else:
            return redirect("properties:property", property_id=door.property_id)
    return place_form_page(request, form, door.property, _("Edit door"), _("Save door"))


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def edit_unit(request: OrganizationRequest, unit_id: int) -> HttpResponse:
    """Rename a unit, or change its way in."""
    unit: Unit = get_object_or_404(
        Unit.objects.filter(organization=request.organization).select_related("property"), pk=unit_id
    )
    initial = {"name": unit.name, "doors": [step.door_id for step in unit.way_in.all()]}
    form = UnitForm(request.POST or None, place=unit.property, unit=unit, initial=initial)
    if request.method == "POST" and form.is_valid():
        ways_in.change_unit(
            unit=unit,
            name=form.cleaned_data["name"],
            way_in=form.way_in(),
            changed_by=request.user,
            now=now(),
        )
        return redirect("properties:property", property_id=unit.property_id)
    return place_form_page(request, form, unit.property, _("Edit unit"), _("Save unit"))
