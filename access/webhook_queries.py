"""Reading webhooks, and what became of what they tell: each function is one query."""

from django.db.models import Q, QuerySet

from access.models import DeliveryState, WebhookDelivery, WebhookEvent
from properties.models import Organization

LONGEST_KEY = 18  # digits; what is longer was never a key
STATES: dict[DeliveryState, Q] = {
    DeliveryState.WAITING: Q(due_at__isnull=False),
    DeliveryState.DELIVERED: Q(delivered_at__isnull=False),
    DeliveryState.GIVEN_UP: Q(given_up_at__isnull=False),
}


def deliveries_of(organization: Organization) -> QuerySet[WebhookDelivery]:
    """All that is kept, with endpoints and events; whoever shows a list names its order."""
    found = WebhookDelivery.objects.filter(organization=organization)
    return found.select_related("endpoint__organization", "event")


def deliveries_before(found: QuerySet[WebhookDelivery], last: str, most: int) -> list[WebhookDelivery]:
    """The latest first, from below one on, by its key; one more than a page, if there are more."""
    if last.isdecimal() and len(last) <= LONGEST_KEY:
        found = found.filter(pk__lt=int(last))
    return list(found.order_by("-pk")[: most + 1])


def events_of(organization: Organization) -> QuerySet[WebhookEvent]:
    """What happened that some webhook was told."""
    return WebhookEvent.objects.filter(organization=organization)
