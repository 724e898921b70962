"""Puts each signed-in request into the organization that it acts for, and writes requests to the log."""

import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_structlog.middlewares import RequestMiddleware

from properties import addresses, limits, organizations, second_factors, tenancy
from properties.models import Membership, Organization, User
from properties.reach import Reach
from properties.roles import Role

SESSION_KEY = "organization"
# tokens, and what property systems call their stays
NOT_FOR_LOGS = re.compile(
    r"^(/invitations/|/g/|/accounts/confirm-email/|/accounts/password/reset/key/|/api/v1/stays/by-external-id/).+"
)
# what people reach before they have the second factor that their business asks for: to set it up, or to go
WITHOUT_SECOND_FACTOR = re.compile(
    r"^(account|mfa|usersessions)_|^healthz$|^properties:invitation$|^access:welcome"
)
OF_THE_PERSON = "/accounts/"  # the same pages in every business, and for those who have none

Answer = Callable[[HttpRequest], HttpResponse]


class OrganizationRequest(HttpRequest):
    """A request of a signed-in person with a place in an organization."""

    user: User
    organization: Organization
    role: Role
    reach: Reach  # what of the business this person sees
    organizations: list[Organization]
    names_business: bool  # the address says which one it is about


class CurrentOrganization:
    """Acts for the business that the address names, else for the one used last, else for the first by name.

    A business that is not one's own is not there, whether or not there is one of that name.
    """

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside the organization's scope, or outside of all for those who have none."""
        request.organization = None  # type: ignore[attr-defined]
        request.organizations = []  # type: ignore[attr-defined]
        slug, page = addresses.taken_apart(request.path_info)
        user = request.user
        if not isinstance(user, User):
            request.path_info = page  # whatever is asked for: signing in leads back to `request.path`
            return self._get_response(request)
        places = organizations.places_of(user)
        request.organizations = [place.organization for place in places]  # type: ignore[attr-defined]
        here = _named(slug, places) if slug else _used_last(request, places)
        if slug and here is None:
            return _not_there(request, page)
        if here is None:
            return self._get_response(request)
        request.organization = here.organization  # type: ignore[attr-defined]
        request.role = Role(here.role)  # type: ignore[attr-defined]
        request.names_business = bool(slug)  # type: ignore[attr-defined]
        if slug:
            _enter(request, slug, page)
            _remember(request, here, places)
        with tenancy.within(here.organization), addresses.made_within(slug):
            request.reach = limits.reach_of(here)  # type: ignore[attr-defined]
            return self._get_response(request)


def _named(slug: str, places: list[Membership]) -> Membership | None:
    return next((place for place in places if place.organization.slug == slug), None)


def _used_last(request: HttpRequest, places: list[Membership]) -> Membership | None:
    chosen = request.session.get(SESSION_KEY)
    used = next((place for place in places if place.organization_id == chosen), None)
    return used or next(iter(places), None)


def _not_there(request: HttpRequest, page: str) -> HttpResponse:
    if page.startswith(OF_THE_PERSON) and request.method == "GET":
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{page}?{query}" if query else page)
    raise Http404


def _enter(request: HttpRequest, slug: str, page: str) -> None:
    """Have the address be a page's within the business, for whatever looks at it from here on."""
    request.path_info = page
    request.META["SCRIPT_NAME"] = addresses.within(slug, page="")
    request.META["PATH_INFO"] = page


def _remember(request: HttpRequest, here: Membership, places: list[Membership]) -> None:
    """Which business was used last: by whole pages, not by what open ones ask for by themselves."""
    is_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if not is_page or "HX-Request" in request.headers or len(places) == 1:
        return
    if request.session.get(SESSION_KEY) != here.organization_id:
        request.session[SESSION_KEY] = here.organization_id


class RequiredSecondFactor:
    """Leads members of a business that asks for a second factor to set theirs up before all else."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; what is asked for is known once the address is resolved."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Say what is missing, in place of any page but those for which it may be missing."""
        organization: Organization | None = getattr(request, "organization", None)
        found = request.resolver_match
        if organization is None or not organization.requires_second_factor or found is None:
            return None
        if WITHOUT_SECOND_FACTOR.match(found.view_name or "") or second_factors.has_one(_person(request)):
            return None
        return render(request, "properties/second_factor_missing.html", status=403)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("Only people who are signed in act for an organization.")
    return request.user


class RequestLog(RequestMiddleware):
    """One line for each request, without its query, tokens and the name of the business.

    With a query or a token somebody could be impersonated; the name is nothing that logs need.
    """

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """The method and the path."""
        slug, page = addresses.taken_apart(request.path)
        path = NOT_FOR_LOGS.sub(r"\1…", page)
        return f"{request.method} {addresses.within('…', path) if slug else path}"
