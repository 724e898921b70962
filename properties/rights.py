"""What every page asks first: is there a person, a business, and the right to do this?"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from properties import addresses, ways_back
from properties.middleware import OrganizationRequest
from properties.roles import Right, may

Arguments = ParamSpec("Arguments")
Page = Callable[Concatenate[OrganizationRequest, Arguments], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


def needs(right: Right) -> Callable[[Page[Arguments]], View[Arguments]]:
    """Let only members with this right reach the page: strangers sign in, others get 403."""

    def decorate(page: Page[Arguments]) -> View[Arguments]:
        @wraps(page)
        def guarded(
            request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ways_back.sign_in_first(request)
            if getattr(request, "organization", None) is None:
                return render(request, "no_organization.html", status=403)
            ours = cast("OrganizationRequest", request)
            if not may(ours.role, right):
                raise PermissionDenied
            if _lacks_business(ours):
                return redirect(addresses.within(ours.organization.slug, ours.get_full_path()))
            return page(ours, *args, **kwargs)

        return cast("View[Arguments]", guarded)

    return decorate


def _lacks_business(request: OrganizationRequest) -> bool:
    """Whether the address of a page does not say which business it is about, and leads to where one does.

    For those who have one business any address says it; only the way in leads them to the whole address.
    """
    is_asked = request.method == "GET" and not request.names_business
    return is_asked and (len(request.organizations) > 1 or request.path_info == "/")
