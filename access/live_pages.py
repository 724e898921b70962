"""The stream that tells an open page what to ask for anew."""

from http import HTTPStatus

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from access import in_reach, live
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right

TRY_AGAIN = 30  # seconds


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def live_stream(request: OrganizationRequest) -> HttpResponseBase:
    """Ids of what changed within this reach, as it happens. Pages do without when there are too many."""
    ours = request.organization
    try:
        stream = live.Stream(ours.pk, only=in_reach.topics(ours, request.reach, now()))
    except live.TooManyStreams:
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(TRY_AGAIN)})
    return StreamingHttpResponse(
        stream,
        content_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # nginx would keep events until it has a buffer full of them
    )
