"""The pages about properties and their doors."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from properties import pages, places, queries
from properties.clock import now
from properties.forms import DoorForm, PropertyForm, UnitForm
from properties.middleware import OrganizationRequest
from properties.models import Property
from properties.rights import needs
from properties.roles import Right, may


@require_GET
@needs(Right.VIEW_PROPERTIES)
def property_list(request: OrganizationRequest) -> HttpResponse:
    """The properties that this person sees."""
    found = queries.properties_of(request.organization, request.reach)
    rows = [pages.property_row(place) for place in found]
    can_add = may(request.role, Right.CHANGE_PROPERTIES)
    add_url = reverse("properties:add_property") if can_add else ""
    context = {"section": "properties", "properties": rows, "add_url": add_url}
    return render(request, "properties/properties.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def add_property(request: OrganizationRequest) -> HttpResponse:
    """Add a property."""
    form = PropertyForm(request.POST or None, organization=request.organization)
    if request.method == "POST" and form.is_valid():
        return redirect("properties:property", property_id=form.save().pk)
    context = {
        "section": "properties",
        "form": form,
        "title": _("Add a property"),
        "time_zones": pages.time_zones(),
        "back_url": reverse("properties:properties"),
    }
    return render(request, "properties/property_form.html", context)


@require_GET
@needs(Right.VIEW_PROPERTIES)
def property_page(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """One property with its units and doors."""
    place = _property(request, property_id)
    view = pages.property_view(
        place, queries.units_of(place), queries.doors_of(place), role=request.role, now=now()
    )
    context = {
        "section": "properties",
        "property_view": view,
        "back_url": reverse("properties:properties"),
    }
    return render(request, "properties/property.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def edit_property(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """Change a property. Stays that are booked keep their times."""
    place = _property(request, property_id)
    form = PropertyForm(request.POST or None, instance=place, organization=request.organization)
    back_url = reverse("properties:property", kwargs={"property_id": property_id})
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(back_url)
    context = {
        "section": "properties",
        "form": form,
        "title": _("Edit property"),
        "time_zones": pages.time_zones(),
        "back_url": back_url,
    }
    return render(request, "properties/property_form.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def add_door(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """Add a door to a property."""
    place = _property(request, property_id)
    form = DoorForm(request.POST or None, place=place)
    if request.method == "POST" and form.is_valid():
        places.add_door(place=place, **form.cleaned_data)
        return redirect("properties:property", property_id=property_id)
    return place_form_page(request, form, place, _("Add a door"), _("Add door"))


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def add_unit(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """Add what guests book."""
    place = _property(request, property_id)
    form = UnitForm(request.POST or None, place=place)
    if request.method == "POST" and form.is_valid():
        places.add_unit(place=place, name=form.cleaned_data["name"], way_in=form.way_in())
        return redirect("properties:property", property_id=property_id)
    return place_form_page(request, form, place, _("Add a unit"), _("Add unit"))


def _property(request: OrganizationRequest, property_id: int) -> Property:
    ours = Property.objects.filter(request.reach.covers("pk"), organization=request.organization)
    return get_object_or_404(ours.select_related("organization"), pk=property_id)


def place_form_page(
    request: OrganizationRequest, form: DoorForm | UnitForm, place: Property, title: str, submit_word: str
) -> HttpResponse:
    """A form about something of a property, on a page of its own that leads back to it."""
    context = {
        "section": "properties",
        "form": form,
        "title": title,
        "intro": place.name,
        "submit_word": submit_word,
        "back_url": reverse("properties:property", kwargs={"property_id": place.pk}),
    }
    return render(request, "properties/simple_form.html", context)
