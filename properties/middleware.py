"""Puts each signed-in request into the organization that it acts for, and writes requests to the log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from properties import organizations, tenancy
from properties.models import Organization, User
from properties.roles import Role

SESSION_KEY = "organization"

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


class RequestLog(RequestMiddleware):
    """One line for each request, without its query: there a sign-in's code comes along."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """The method and the path."""
        return f"{request.method} {request.path}"
