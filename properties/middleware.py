"""Puts each signed-in request into the organization that it acts for, and writes requests to the log."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_structlog.middlewares import RequestMiddleware

from properties import organizations, second_factors, tenancy
from properties.models import Organization, User
from properties.roles import Role

SESSION_KEY = "organization"
TOKEN_IN_PATH = re.compile(r"^(/invitations/|/accounts/confirm-email/|/accounts/password/reset/key/).+")
# what people reach before they have the second factor that their business asks for: to set it up, or to go
WITHOUT_SECOND_FACTOR = re.compile(
    r"^(account|mfa|usersessions)_|^healthz$|^properties:(switch_organization|invitation)$"
)

Answer = Callable[[HttpRequest], HttpResponse]


class OrganizationRequest(HttpRequest):
    """A request of a signed-in person with a place in an organization."""

    user: User
    organization: Organization
    role: Role
    organizations: list[Organization]


class CurrentOrganization:
    """Chooses by the session, else the first by name; a stranger's choice counts for nothing."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside the organization's scope, or outside of all for those who have none."""
        request.organization = None  # type: ignore[attr-defined]
        request.organizations = []  # type: ignore[attr-defined]
        user = request.user
        if not isinstance(user, User):
            return self._get_response(request)
        places = organizations.places_of(user)
        chosen = request.session.get(SESSION_KEY)
        here = next((place for place in places if place.organization_id == chosen), None)
        here = here or next(iter(places), None)
        if here is None:
            return self._get_response(request)
        request.organizations = [place.organization for place in places]  # type: ignore[attr-defined]
        request.organization = here.organization  # type: ignore[attr-defined]
        request.role = Role(here.role)  # type: ignore[attr-defined]
        with tenancy.within(here.organization):
            return self._get_response(request)


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
        others = [one for one in request.organizations if one != organization]  # type: ignore[attr-defined]
        return render(request, "properties/second_factor_missing.html", {"others": others}, status=403)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("Only people who are signed in act for an organization.")
    return request.user


class RequestLog(RequestMiddleware):
    """One line for each request, without its query and tokens: with either somebody could be impersonated."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """The method and the path."""
        path = TOKEN_IN_PATH.sub(r"\1…", request.path)
        return f"{request.method} {path}"
