"""The page that guests have of their stay. Nobody signs in: whoever has the link is let in, and looks only.

The code is in the answer to a form and in no other: what fetches links ahead of people sees none.
"""

from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from access import guest_links, mail, queries, spare_queries, visits, welcome_pages
from access.models import GuestLink
from access.welcome_pages import Welcome
from properties import languages, pictures, reading, tenancy, texts
from properties.clock import now

Show = Callable[..., HttpResponse]  # of the request, the link, and the numbers that the address names
View = Callable[..., HttpResponse]  # of the request, the token, and those numbers


def for_whoever_has_the_link(show: Show) -> View:
    """Find the stay of a token and answer in its business's scope and its guest's language.

    Strangers learn nothing of what goes wrong: every token that was never given has the same answer, and so
    has every link that has ended, for whatever reason.
    """

    @wraps(show)
    def answer(request: HttpRequest, token: str, **numbers: int) -> HttpResponse:
        response = _answer(partial(show, **numbers), request, token)
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return answer


@never_cache
@require_safe
@for_whoever_has_the_link
def welcome(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """The guest's page, without the code."""
    return _page(request, link, _welcome(link, shows_secrets=False))


@csrf_exempt  # who has the token needs no session, and has none that another site's page could abuse
@never_cache
@require_POST
@for_whoever_has_the_link
def welcome_code(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """The same with code and password, if it is time; that somebody looked at the code is written down."""
    page = _welcome(link, shows_secrets=True)
    if page.code_grouped:
        guest_links.note_opened(link=link, now=now())
    return _page(request, link, page)


@never_cache
@require_safe
@for_whoever_has_the_link
def welcome_calendar(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """The stay as an entry for the guest's calendar."""
    del request
    disposition = 'attachment; filename="stay.ics"'
    return HttpResponse(
        mail.calendar(link.stay),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


def _answer(show: Show, request: HttpRequest, token: str) -> HttpResponse:
    visitor, moment = _visitor(request), now()
    try:
        visits.count(visitor, now=moment)
    except visits.TooOften:
        response = _to_a_stranger(request, "guest/too_often.html", HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(visits.COUNTED)
        return response
    with tenancy.across_organizations(because="only the token says of which organization the stay is"):
        link = guest_links.by_token(token)
    if link is None:
        visits.count_miss(visitor, now=moment)
        return _to_a_stranger(request, "guest/unknown.html", HTTPStatus.NOT_FOUND)
    language = languages.nearest(link.stay.guest.language, languages.NAMES)
    with tenancy.within(link.organization), translation.override(language):
        if guest_links.is_open(link, moment):
            response = show(request, link)
        else:
            context = {"organization": link.organization}
            response = render(request, "guest/closed.html", context, status=HTTPStatus.GONE)
    response.headers["Content-Language"] = language
    return response


def _to_a_stranger(request: HttpRequest, template: str, status: HTTPStatus) -> HttpResponse:
    """Whose guest it is, nobody knows: in a language that the browser asks for."""
    language = reading.asked_for(request, among=languages.NAMES)
    with translation.override(language):
        response = render(request, template, status=status)
    response.headers["Content-Language"] = language
    return response


def _visitor(request: HttpRequest) -> str:
    """From where it is asked; all those of whom that is not known count as one."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""


def _welcome(link: GuestLink, *, shows_secrets: bool) -> Welcome:
    stay = link.stay
    stay.organization = link.organization
    grants = queries.live_grants_with_doors(stay)
    return welcome_pages.welcome(
        stay,
        grants=grants,
        written=list(stay.messages.all()),
        house=texts.for_guests(stay.unit.property, stay.guest.language),
        pictures=pictures.by_door(grant.door_id for grant in grants if grant.door_id),
        shows_secrets=shows_secrets,
        now=now(),
        spares=spare_queries.standing_of(stay),
    )


def _page(request: HttpRequest, link: GuestLink, page: Welcome) -> HttpResponse:
    where = {"token": guest_links.token(link)}
    context = {
        "page": page,
        "token": where["token"],
        "url": reverse("access:welcome", kwargs=where),
        "show_url": reverse("access:welcome_code", kwargs=where),
        "calendar_url": reverse("access:welcome_calendar", kwargs=where),
    }
    return render(request, "guest/page.html", context)
