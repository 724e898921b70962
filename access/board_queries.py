"""Reading what stands on the board: few queries and few rows, however many stays and doors there are."""

from datetime import datetime, timedelta

from django.db.models import Case, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When

from access import queries
from access.models import Message, Stay
from access.models.messages import TELLS_ACCESS
from nuki_gateway.models import ServerState
from properties.models import Door, Organization, SmartLock
from properties.reach import Reach

AHEAD = timedelta(hours=72)  # holds today and the two days after it, on every property's clock
CAME_WITHIN = timedelta(hours=24)  # holds whoever came since midnight
LEFT_WITHIN = timedelta(hours=12)  # who left today is still worth a line at the door
MOST_IN_NEED = 20
MOST_COMING = 40
MOST_IN_THE_HOUSE = 20
MOST_DOORS = 8


def stays_on_the_board(organization: Organization, reach: Reach, now: datetime) -> list[Stay]:
    """Stays that a host has to know of now, each once: in need, coming, just come, in the house, just left.

    Of each kind the nearest, and one more than is shown where there are more.
    """
    ours = Stay.objects.filter(reach.covers("unit__property"), organization=organization, cancelled_at=None)
    in_need = queries.not_sure_to_get_in(organization, reach, until=now + AHEAD, now=now)
    coming = ours.filter(starts_at__gt=now).order_by("starts_at", "pk")
    came = ours.filter(starts_at__gt=now - CAME_WITHIN, starts_at__lte=now).order_by("-starts_at", "-pk")
    leaving = ours.filter(ends_at__gt=now - LEFT_WITHIN, starts_at__lte=now).order_by("ends_at", "pk")
    chosen = in_need.values_list("pk")[: MOST_IN_NEED + 1].union(
        coming.values_list("pk")[: MOST_COMING + 1],
        came.values_list("pk")[: MOST_COMING + 1],
        leaving.values_list("pk")[: MOST_IN_THE_HOUSE + 1],
    )
    keys = [key for (key,) in chosen]  # read first: the plan of one query for both depends on statistics
    found = queries.stays_of(organization, reach).filter(pk__in=keys).prefetch_related(None)
    # a lock is fetched once and not with each code on it: a front door has everybody's
    locks = SmartLock.objects.defer("foreign_codes")
    grants = queries.shown_grants(reach).defer("code", "code_digest")
    grants = (
        grants.select_related(None).select_related("door").prefetch_related(Prefetch("smart_lock", locks))
    )
    return list(_with_message(found).prefetch_related(Prefetch("grants", grants)))


def _with_message(stays: QuerySet[Stay]) -> QuerySet[Stay]:
    """The same with what became of their message.

    `told_at`, `telling_at` (when it is due), `told_tries` and why the last of them was in vain
    (`told_trouble`), `told_returned_at` (when it came back). Where a change was undone there is none of the
    newest revision, and the guest knows since `known_at`.
    """
    of_stay = Message.objects.filter(stay=OuterRef("pk"), kind__in=TELLS_ACCESS)
    message = of_stay.filter(revision=OuterRef("revision"))
    returned = message.filter(Q(sent_at=None) | Q(bounced_to=F("sent_to")))  # from everybody
    sent = of_stay.filter(sent_at__isnull=False).order_by("-pk").values("sent_at")[:1]
    return stays.annotate(
        told_at=Subquery(message.values("sent_at")[:1]),
        telling_at=Subquery(message.values("due_at")[:1]),
        told_tries=Subquery(message.values("attempts")[:1]),
        told_trouble=Subquery(message.values("trouble")[:1]),
        told_returned_at=Subquery(returned.values("bounced_at")[:1]),
        known_at=Case(When(known_revision=F("revision"), then=Subquery(sent))),
    )


def doors_in_need(organization: Organization, reach: Reach) -> list[Door]:
    """Doors whose lock fails or soon may: those that fail first. One more than is shown if there are more."""
    fails = Q(smart_lock__gone_since__isnull=False) | Q(smart_lock__server_state=ServerState.OFFLINE)
    weak = queries.LOCK_IS_WEAK | Q(smart_lock=None)
    return list(
        Door.objects.filter(fails | weak, reach.covers("property"), organization=organization)
        .select_related("property", "smart_lock")
        .defer("smart_lock__foreign_codes")
        .annotate(urgency=Case(When(fails, then=0), default=Value(1), output_field=IntegerField()))
        .order_by("urgency", "property__name", "name", "pk")[: MOST_DOORS + 1]
    )
