"""The page on which people who have just signed up name their business."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from properties import founding, organizations
from properties.clock import now
from properties.founding_forms import FoundBusinessForm
from properties.middleware import SESSION_KEY
from properties.models import User


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def found_business(request: HttpRequest) -> HttpResponse:
    """Name a business of one's own. Who has a place in one already is led there."""
    user = request.user
    if not isinstance(user, User) or not organizations.sign_up_is_open():
        return render(request, "no_organization.html", status=HTTPStatus.FORBIDDEN)
    if organizations.places_of(user):
        return redirect("access:start")
    form = FoundBusinessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        founded = founding.found(name=form.cleaned_data["name"], founder=user, now=now())
        request.session[SESSION_KEY] = founded.pk
        return redirect("access:start")
    return render(request, "properties/found_business.html", {"form": form})
