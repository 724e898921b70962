"""Where people get back to: after signing in once more, and after a form that could not be taken."""

from http import HTTPStatus
from typing import cast

from django.contrib import messages as notices
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from properties import addresses

STREAM = "text/event-stream"
UNSAVED = (
    "unsaved"  # in the session of somebody who has to sign in: that a form was not taken, not what it said
)


def page_of(request: HttpRequest) -> str:
    """The page of ours that this request came from; the first page of its business if it does not say."""
    htmx = cast("HtmxDetails | None", getattr(request, "htmx", None))
    if htmx:
        said = htmx.current_url_abs_path or ""
    else:
        said = request.headers.get("Referer", "").removeprefix(f"{request.scheme}://{request.get_host()}")
    if said.startswith("/") and url_has_allowed_host_and_scheme(said, allowed_hosts=None):
        return said
    slug, _page = addresses.taken_apart(request.path)
    return addresses.within(slug) if slug else addresses.OUTSIDE


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page as a whole, and from there back to the page that was open."""
    if STREAM in request.headers.get("Accept", ""):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # browsers take it for the end and ask no more
    is_page = request.method == "GET" and not getattr(request, "htmx", False)
    led = redirect_to_login(request.get_full_path() if is_page else page_of(request))
    if request.method == "POST":
        request.session[UNSAVED] = True
        notices.warning(request, _("You are signed out, so nothing was saved. Sign in to go on."))
    return led if not getattr(request, "htmx", False) else HttpResponseClientRedirect(led.url)


def say_what_was_not_saved(request: HttpRequest) -> None:
    """Remind those who have signed in again, on the page where they have to do it once more."""
    if request.session.pop(UNSAVED, False):
        notices.warning(request, _("You had been signed out, so nothing was saved. Please do it once more."))
