"""What a host does about a guest who asked for help at a door."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access import door_help, queries
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right


@never_cache
@require_POST
@needs(Right.CHANGE_STAYS)
def settle_help(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Say that the guest needs no help any more."""
    stay = get_object_or_404(queries.stays_of(request.organization, request.reach), pk=stay_id)
    door_help.settle(stay=stay, settled_by=request.user, now=now())
    return redirect("access:stay", stay_id=stay_id)
