"""The pages on which hosts put pictures of a door, and the pictures themselves."""

from django.contrib import messages as notices
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import door_pictures, picture_pages
from properties import pictures
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import Door, DoorPicture
from properties.picture_forms import DescriptionForm, PictureForm
from properties.rights import needs
from properties.roles import Right

KEPT = 3600  # seconds that a browser shows a picture without asking again; what it shows never changes


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def pictures_of_door(request: OrganizationRequest, door_id: int) -> HttpResponse:
    """The pictures that guests see of a door; add one."""
    ours = Door.objects.filter(organization=request.organization).select_related("property")
    door: Door = get_object_or_404(ours, pk=door_id)
    form = PictureForm(request.POST, request.FILES) if request.method == "POST" else PictureForm()
    if form.is_bound and form.is_valid():
        try:
            door_pictures.add(door=door, added_by=request.user, now=now(), **form.cleaned_data)
        except door_pictures.DoorHasEnoughPictures:
            notices.error(request, _("Guests see three pictures of a door at most. Remove one first."))
        return _to_pictures(door.pk)
    context = {
        "section": "properties",
        "page": picture_pages.pictures_page(door, list(pictures.of_door(door))),
        "form": form,
    }
    return render(request, "access/door_pictures.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def describe_picture(request: OrganizationRequest, picture_id: int) -> HttpResponse:
    """Say otherwise what a picture shows."""
    found = _load(request, picture_id)
    form = DescriptionForm(request.POST or None, initial={"description": found.description})
    if request.method == "POST" and form.is_valid():
        door_pictures.describe(picture=found, **form.cleaned_data)
        return _to_pictures(found.door_id)
    context = {
        "section": "properties",
        "form": form,
        "title": _("Describe the picture"),
        "intro": found.door.name,
        "submit_word": _("Save description"),
        "back_url": _pictures_url(found.door_id),
    }
    return render(request, "properties/simple_form.html", context)


@never_cache
@require_POST
@needs(Right.CHANGE_PROPERTIES)
def move_picture(request: OrganizationRequest, picture_id: int) -> HttpResponse:
    """Show a picture before the one that stands before it."""
    found = _load(request, picture_id)
    seen_at = request.POST.get("position", "")
    if seen_at == str(found.position):
        door_pictures.move_up(picture=found, from_position=found.position)
    return _to_pictures(found.door_id)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def remove_picture(request: OrganizationRequest, picture_id: int) -> HttpResponse:
    """Show and keep a picture no longer."""
    found = _load(request, picture_id)
    if request.method == "POST":
        door_pictures.remove(picture=found, removed_by=request.user, now=now())
        return _to_pictures(found.door_id)
    context = {
        "section": "properties",
        "title": _("Remove the picture “%(description)s”?") % {"description": found.description},
        "consequences": [_("Guests see it no longer."), _("We keep no copy of it.")],
        "submit_word": _("Remove picture"),
        "back_url": _pictures_url(found.door_id),
    }
    return render(request, "properties/confirm.html", context)


@require_safe
@needs(Right.CHANGE_PROPERTIES)
def picture(request: OrganizationRequest, picture_id: int) -> HttpResponse:
    """What a picture shows."""
    webp = pictures.webp_of(_ours(request), picture_id)
    if webp is None:
        raise Http404
    return webp_answer(webp)


def webp_answer(webp: bytes) -> HttpResponse:
    """A picture, to be kept by nobody but the browser that asked for it, and not for long."""
    headers = {"Cache-Control": f"private, max-age={KEPT}"}
    return HttpResponse(webp, content_type="image/webp", headers=headers)


def _ours(request: OrganizationRequest) -> QuerySet[DoorPicture]:
    return DoorPicture.objects.filter(organization=request.organization)


def _load(request: OrganizationRequest, picture_id: int) -> DoorPicture:
    found: DoorPicture = get_object_or_404(_ours(request).defer("webp").select_related("door"), pk=picture_id)
    return found


def _pictures_url(door_id: int) -> str:
    return reverse("access:door_pictures", kwargs={"door_id": door_id})


def _to_pictures(door_id: int) -> HttpResponse:
    return redirect("access:door_pictures", door_id=door_id)
