"""The pages about properties, their doors, and Nuki accounts."""

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nuki_gateway import errors
from properties import nuki_accounts, organizations, pages, places, queries
from properties.forms import DoorForm, NukiAccountForm, PropertyForm, TokenForm, UnitForm
from properties.middleware import SESSION_KEY, OrganizationRequest
from properties.models import Door, NukiAccount, Property, Unit, User
from properties.rights import needs
from properties.roles import Right, may


@require_POST
@login_required
def switch_organization(request: HttpRequest) -> HttpResponse:
    """Act for another of one's own businesses."""
    user = request.user
    mine = organizations.places_of(user) if isinstance(user, User) else []
    by_key = {str(place.organization_id): place.organization_id for place in mine}
    wanted = by_key.get(request.POST.get("organization", ""))
    if wanted is not None:
        request.session[SESSION_KEY] = wanted
    return redirect("access:stays")


@require_GET
@needs(Right.VIEW_PROPERTIES)
def property_list(request: OrganizationRequest) -> HttpResponse:
    """All properties."""
    rows = [pages.property_row(place) for place in queries.properties_of(request.organization)]
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
    view = pages.property_view(place, queries.units_of(place), queries.doors_of(place), role=request.role)
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
    return _simple(request, form, place, _("Add a door"), _("Add door"))


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def edit_door(request: OrganizationRequest, door_id: int) -> HttpResponse:
    """Rename a door, or put another smart lock on it."""
    door: Door = get_object_or_404(
        Door.objects.filter(organization=request.organization).select_related("property__organization"),
        pk=door_id,
    )
    initial = {"name": door.name, "smart_lock": door.smart_lock_id}
    form = DoorForm(request.POST or None, place=door.property, door=door, initial=initial)
    if request.method == "POST" and form.is_valid():
        places.change_door(door=door, **form.cleaned_data)
        return redirect("properties:property", property_id=door.property_id)
    return _simple(request, form, door.property, _("Edit door"), _("Save door"))


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def add_unit(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """Add what guests book."""
    place = _property(request, property_id)
    form = UnitForm(request.POST or None, place=place)
    if request.method == "POST" and form.is_valid():
        places.add_unit(place=place, name=form.cleaned_data["name"], way_in=form.way_in())
        return redirect("properties:property", property_id=property_id)
    return _simple(request, form, place, _("Add a unit"), _("Add unit"))


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
        places.change_unit(unit=unit, name=form.cleaned_data["name"], way_in=form.way_in())
        return redirect("properties:property", property_id=unit.property_id)
    return _simple(request, form, unit.property, _("Edit unit"), _("Save unit"))


@require_GET
@needs(Right.VIEW_PROPERTIES)
def nuki_account_list(request: OrganizationRequest) -> HttpResponse:
    """All Nuki accounts with what they list."""
    accounts = [
        pages.nuki_account_row(account, role=request.role)
        for account in queries.nuki_accounts_of(request.organization)
    ]
    can_connect = may(request.role, Right.CHANGE_NUKI_ACCOUNTS)
    context = {
        "section": "nuki_accounts",
        "accounts": accounts,
        "connect_url": reverse("properties:connect_nuki") if can_connect else "",
    }
    return render(request, "properties/nuki_accounts.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def connect_nuki(request: OrganizationRequest) -> HttpResponse:
    """Connect a Nuki account: its token is tried before it is kept."""
    form = NukiAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            nuki_accounts.connect(
                organization=request.organization,
                name=form.cleaned_data["name"],
                token=form.cleaned_data["token"],
                now=now(),
            )
        except nuki_accounts.NameTaken:
            form.add_error("name", _("You have a Nuki account of this name already."))
        except nuki_accounts.TokenRefused:
            form.add_error("token", _TOKEN_REFUSED)
        except nuki_accounts.NukiDoesNotAnswer:
            form.add_error("token", _NOT_CHECKED)
        else:
            return redirect("properties:nuki_accounts")
    context = {"section": "nuki_accounts", "form": form, "back_url": reverse("properties:nuki_accounts")}
    return render(request, "properties/connect_nuki.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def replace_token(request: OrganizationRequest, account_id: int) -> HttpResponse:
    """Give an account another token."""
    account = _account(request, account_id)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            nuki_accounts.replace_token(account=account, token=form.cleaned_data["token"], now=now())
        except nuki_accounts.TokenRefused:
            form.add_error("token", _TOKEN_REFUSED)
        except nuki_accounts.NukiDoesNotAnswer:
            form.add_error("token", _NOT_CHECKED)
        else:
            return redirect("properties:nuki_accounts")
    context = {
        "section": "nuki_accounts",
        "form": form,
        "title": account.name,
        "intro": _("The new token is tried before the old one is forgotten."),
        "submit_word": _("Use this token"),
        "back_url": reverse("properties:nuki_accounts"),
    }
    return render(request, "properties/simple_form.html", context)


@require_POST
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def import_locks(request: OrganizationRequest, account_id: int) -> HttpResponse:
    """Read an account's smart locks anew."""
    account = _account(request, account_id)
    try:
        nuki_accounts.refresh(account=account, now=now())
    except errors.NukiUnauthorized as failure:
        nuki_accounts.pause(account=account, failure=failure, now=now())
        notices.error(request, _("Nuki no longer accepts this account's token. Put in a new one."))
    except errors.NukiError:
        notices.error(request, _("Nuki does not answer now. The list is as it was."))
    else:
        notices.success(request, _("The list is up to date."))
    return redirect("properties:nuki_accounts")


_TOKEN_REFUSED = later(
    "Nuki does not accept this token. Check that it was copied whole and has the scopes that Keyturn needs."
)
_NOT_CHECKED = later(
    "Nuki does not answer, so the token could not be checked. Nothing was saved. Try again soon."
)


def _property(request: OrganizationRequest, property_id: int) -> Property:
    ours = Property.objects.filter(organization=request.organization).select_related("organization")
    return get_object_or_404(ours, pk=property_id)


def _account(request: OrganizationRequest, account_id: int) -> NukiAccount:
    return get_object_or_404(NukiAccount, organization=request.organization, pk=account_id)


def _simple(
    request: OrganizationRequest, form: DoorForm | UnitForm, place: Property, title: str, submit_word: str
) -> HttpResponse:
    context = {
        "section": "properties",
        "form": form,
        "title": title,
        "intro": place.name,
        "submit_word": submit_word,
        "back_url": reverse("properties:property", kwargs={"property_id": place.pk}),
    }
    return render(request, "properties/simple_form.html", context)
