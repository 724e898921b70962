"""A guest's page about one door: help where the code does not open it, and opening it from there.

Looking changes nothing. What is asked for is a form, as on the rest of the guest's page, and the answer to it
leads to the page about the door, which can be looked at again.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import (
    diagnosis,
    door_help,
    guest_links,
    help_queries,
    lock_actions,
    lock_queries,
    opening_rules,
    spare_queries,
    spares,
    welcome_door_pages,
)
from access.models import Grant, GuestLink
from access.welcome_views import for_whoever_has_the_link
from properties import texts
from properties.clock import now

ASKED_LENGTH = 20  # entries about what was asked of the lock; each wish has three at most
CALLS_HOST = "host"  # what the form says that asks for the host


@never_cache
@require_safe
@for_whoever_has_the_link
def welcome_door(request: HttpRequest, link: GuestLink, number: int) -> HttpResponse:
    """What is known of one door."""
    grant = help_queries.grant_at(link.stay, number)
    return _not_there(request) if grant is None else _page(request, link, grant)


@csrf_exempt  # who has the token needs no session, and has none that another site's page could abuse
@never_cache
@require_POST
@for_whoever_has_the_link
def welcome_help(request: HttpRequest, link: GuestLink, number: int) -> HttpResponse:
    """A code does not work: have the door looked at, and the host told where nothing else helps."""
    grant, moment = help_queries.grant_at(link.stay, number), now()
    if grant is None:
        return _not_there(request)
    found = diagnosis.diagnose(help_queries.facts_of(grant, link.stay, moment), moment)
    wants_host = request.POST.get("tell") == CALLS_HOST
    try:
        door_help.ask(grant=grant, found=found, wants_host=wants_host, now=moment)
    except door_help.AskedTooOften:
        notice = _("You have asked very often. Wait some minutes, or call your host.")
        return _page(request, link, grant, notice, HTTPStatus.TOO_MANY_REQUESTS)
    return _to_door(link, number)


@csrf_exempt  # the same
@never_cache
@require_POST
@for_whoever_has_the_link
def welcome_backup(request: HttpRequest, link: GuestLink, number: int) -> HttpResponse:
    """Show the backup code of this door; whoever has none gets one, where that helps."""
    grant, moment = help_queries.grant_at(link.stay, number), now()
    if grant is None:
        return _not_there(request)
    if spare_queries.standing_at(grant) is None:
        found = diagnosis.diagnose(help_queries.facts_of(grant, link.stay, moment), moment)
        try:
            spares.hand_out_to_guest(grant=grant, found=found, now=moment)
        except (spares.IsNotOffered, spares.NoSpareIsReady):
            notice = _("There is no backup code for this door now. Call your host.")
            return _page(request, link, grant, notice, HTTPStatus.CONFLICT)
    guest_links.note_opened(link=link, now=moment)
    return _page(request, link, grant, shows_backup=True)


@csrf_exempt  # the same
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_whoever_has_the_link
def welcome_open(request: HttpRequest, link: GuestLink, number: int) -> HttpResponse:
    """Open the door now, where the host allows it; whoever has no script says twice that they mean it."""
    grant = help_queries.grant_at(link.stay, number)
    if grant is None:
        return _not_there(request)
    if request.method != "POST":
        return _confirmation(request, link, grant)
    try:
        lock_actions.ask_to_open_for_guest(grant=grant, now=now())
    except lock_actions.AskedJustNow:
        return _asked_just_now(request, link, grant)
    except lock_actions.TooManyOpenings:
        notice = _("This door was opened from here very often. Use your code, or call your host.")
        return _page(request, link, grant, notice, HTTPStatus.TOO_MANY_REQUESTS)
    except lock_actions.NotForGuests:
        notice = _("This door cannot be opened from here now.")
        return _page(request, link, grant, notice, HTTPStatus.CONFLICT)
    except lock_actions.LockIsOutOfService:
        notice = _("The lock is out of service at the moment.")
        return _page(request, link, grant, notice, HTTPStatus.CONFLICT)
    except (
        lock_actions.LockDoesNotAnswer,
        lock_actions.LockIsGone,
        lock_actions.AccountDoesNotAnswer,
    ):
        notice = _("We cannot reach the lock at the moment, so it was not asked to open. Use your code.")
        return _page(request, link, grant, notice, HTTPStatus.CONFLICT)
    return _to_door(link, number)


def _asked_just_now(request: HttpRequest, link: GuestLink, grant: Grant) -> HttpResponse:
    """A second press leads to what came of the first; at a shared door it may be somebody else's."""
    entries = lock_queries.asked_of(grant.smart_lock, ASKED_LENGTH)
    if welcome_door_pages.own_opening(link.stay, entries, now()) is not None:
        return _to_door(link, grant.pk)
    notice = _("Somebody had this door opened a moment ago. Push it, or try again in ten seconds.")
    return _page(request, link, grant, notice, HTTPStatus.CONFLICT)


def _confirmation(request: HttpRequest, link: GuestLink, grant: Grant) -> HttpResponse:
    moment = now()
    may_open = opening_rules.is_for_guests(grant, link.stay, moment)
    if not may_open or not opening_rules.may_be_opened(grant.smart_lock, moment):
        return _to_door(link, grant.pk)
    return render(request, "guest/open.html", _context(link, grant))


def _page(
    request: HttpRequest,
    link: GuestLink,
    grant: Grant,
    notice: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    *,
    shows_backup: bool = False,
) -> HttpResponse:
    stay, moment = link.stay, now()
    stay.organization = link.organization
    entries = lock_queries.asked_of(grant.smart_lock, ASKED_LENGTH)
    asked = welcome_door_pages.own_opening(stay, entries, moment)
    page = welcome_door_pages.door_page(
        grant,
        stay,
        house=texts.for_guests(stay.unit.property, stay.guest.language),
        diagnosis=diagnosis.diagnose(help_queries.facts_of(grant, stay, moment), moment),
        request=help_queries.request_at(grant),
        entries=entries,
        movement=lock_queries.movement_since(grant.smart_lock, asked.wish.at) if asked else None,
        now=moment,
        backup=spare_queries.standing_at(grant),
        shows_backup=shows_backup,
    )
    context = {**_context(link, grant), "page": page, "notice": notice}
    return render(request, "guest/door.html", context, status=status)


def _context(link: GuestLink, grant: Grant) -> dict[str, object]:
    where = {"token": guest_links.token(link), "number": grant.pk}
    return {
        "door_name": welcome_door_pages.name_of(grant),
        "url": reverse("access:welcome", kwargs={"token": where["token"]}),
        "door_url": reverse("access:welcome_door", kwargs=where),
        "help_url": reverse("access:welcome_help", kwargs=where),
        "open_url": reverse("access:welcome_open", kwargs=where),
        "backup_url": reverse("access:welcome_backup", kwargs=where),
    }


def _to_door(link: GuestLink, number: int) -> HttpResponse:
    where = {"token": guest_links.token(link), "number": number}
    response = HttpResponseRedirect(reverse("access:welcome_door", kwargs=where))
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def _not_there(request: HttpRequest) -> HttpResponse:
    """A door of another stay, or one that the way in does not lead through any more."""
    return render(request, "guest/unknown.html", status=HTTPStatus.NOT_FOUND)
