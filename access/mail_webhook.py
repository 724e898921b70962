"""Where the provider of e-mail calls us: django-anymail knows its words and checks who calls."""

from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from anymail.urls import urlpatterns as of_all_providers
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from access import mail_events
from access.mail_events import Fate
from properties import tenancy
from properties.clock import now

FATES = {
    EventType.DELIVERED: Fate.DELIVERED,
    EventType.BOUNCED: Fate.BOUNCED,
    EventType.REJECTED: Fate.BOUNCED,
    EventType.COMPLAINED: Fate.COMPLAINED,
}
VIEWS = {pattern.name: pattern.callback for pattern in of_all_providers}


@csrf_exempt
def mail_webhook(request: HttpRequest) -> HttpResponseBase:
    """The installation's own provider. Whoever cannot show to be that one gets 400."""
    name = settings.MAIL_PROVIDER.replace("-", "_")
    view = VIEWS.get(f"{name}_tracking_webhook") or VIEWS.get(f"{name}_webhook")
    if view is None or not _can_be_known(view):
        raise Http404
    answer: HttpResponseBase = view(request)
    return answer


def take_in(event: AnymailTrackingEvent, **_: Any) -> None:
    """Mark the message that a genuine event is about."""
    fate = FATES.get(event.event_type)
    if fate is None or not event.message_id:
        return
    at: datetime = event.timestamp or now()
    address = (event.recipient or "").lower()
    with tenancy.across_organizations(because="a provider knows only its own number of a message"):
        mail_events.note(provider_id=event.message_id, address=address, fate=fate, at=at, now=now())


tracking.connect(take_in)


def _can_be_known(view: Any) -> bool:
    """Whether calls show whose they are: by a signature, or else by a secret that we have asked for."""
    signs = not view.view_class.warn_if_no_basic_auth
    return signs or bool(settings.ANYMAIL.get("WEBHOOK_SECRET"))
