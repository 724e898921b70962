"""The pictures on a guest's page. They are there as long as the page is, and for whoever has its link."""

from http import HTTPStatus

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from access.models import Grant, GuestLink, Stay
from access.picture_views import webp_answer
from access.welcome_views import for_whoever_has_the_link
from properties import pictures
from properties.models import DoorPicture


@require_safe
def welcome_picture(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """What a picture of a door on the way in shows; whatever else is answered is kept nowhere."""
    answer = _picture(request, token, number=number)
    if answer.status_code != HTTPStatus.OK:
        add_never_cache_headers(answer)
    return answer


@for_whoever_has_the_link
def _picture(request: HttpRequest, link: GuestLink, number: int) -> HttpResponse:
    webp = pictures.webp_of(_on_the_way(link.stay), number)
    if webp is None:
        return render(request, "guest/unknown.html", status=HTTPStatus.NOT_FOUND)
    return webp_answer(webp)


def _on_the_way(stay: Stay) -> QuerySet[DoorPicture]:
    """Those of the doors that the page shows, and of no other."""
    wanted = Grant.objects.filter(stay=stay, closed_at=None, is_wanted=True)
    return DoorPicture.objects.filter(door__in=wanted.values("door"))
