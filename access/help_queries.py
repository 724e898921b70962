"""Reading what is known of a door at which a guest asked for help: a bounded number of queries."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from access import opening_rules, shown, spare_queries
from access.diagnosis import LATELY, Facts
from access.log_entries import ActivityKind
from access.models import Activity, Grant, GrantKind, HelpRequest, Problem, Stay

LASTS = timedelta(hours=24)  # then nobody stands there any more, and the guest has asked again or got in
TRIED = (ActivityKind.OPENED, ActivityKind.FAILED, ActivityKind.CODE_REFUSED)
MOST_TRIES = 200  # of all doors of a business, in the minutes that count


def grant_at(stay: Stay, number: int) -> Grant | None:
    """The grant of a stay with this key, with its door, lock and account."""
    wanted = Grant.objects.filter(stay=stay, pk=number, closed_at=None, is_wanted=True)
    return wanted.select_related("stay", "door", "smart_lock__nuki_account").first()


def facts_of(grant: Grant, stay: Stay, now: datetime) -> Facts:
    """What is known of the door, and of what was typed there and elsewhere in the house. Three queries."""
    lock, problem = grant.smart_lock, shown.problem_of(grant)
    by_app = grant.kind == GrantKind.APP_INVITE and problem != Problem.NO_ADDRESS
    tried = list(_tried_lately(stay, now))
    here = [one for one in tried if one.smart_lock_id == lock.pk]
    grants = list(stay.grants.all())
    own = {one.pk for one in grants}
    on_the_way = {one.smart_lock_id for one in grants if one.is_wanted and one.closed_at is None}
    return Facts(
        begins_at=max(stay.starts_at, grant.allowed_from),
        ends_at=min(stay.ends_at, grant.allowed_until),
        has_keypad=grant.kind == GrantKind.KEYPAD_CODE and lock.has_keypad and problem != Problem.KEYPAD_GONE,
        is_by_app=by_app,
        keypad_refuses=problem == Problem.KEYPAD_REFUSES,
        is_in_service=lock.is_in_service,
        is_confirmed=grant.confirmed_at is not None and not problem,
        is_online=lock.is_online and lock.gone_since is None,
        offline_since=lock.offline_since or lock.gone_since or lock.listed_at,
        battery_is_low=lock.battery_critical,
        keypad_battery_is_low=lock.keypad_battery_critical,
        opened_at=_last(here, ActivityKind.OPENED, own),
        jammed_at=_last(here, ActivityKind.FAILED, own),
        own_code_refused_at=_last(here, ActivityKind.CODE_REFUSED, own),
        wrong_codes_at=tuple(one.happened_at for one in here if _is_wrong_code(one)),
        wrong_code_elsewhere_at=_first_at(
            one for one in tried if _is_wrong_code(one) and one.smart_lock_id not in on_the_way
        ),
        may_open=opening_rules.is_for_guests(grant, stay, now) and opening_rules.may_be_opened(lock, now),
        has_backup=spare_queries.is_offered(grant, now),
    )


def request_at(grant: Grant) -> HelpRequest | None:
    """When help was asked for there last, and whether it `has_opened` since."""
    found = HelpRequest.objects.filter(grant=grant).annotate(has_opened=Exists(_openings())).first()
    if found is not None:
        found.grant = grant
    return found


def is_open(request: HelpRequest, now: datetime) -> bool:
    """Whether the host knows of it and nothing came of it yet: as `open_requests`, of one row."""
    is_known = request.told_host_at is not None and request.told_host_at > now - LASTS
    is_over = request.settled_at is not None or getattr(request, "has_opened", False)
    return is_known and not is_over and request.grant.is_wanted


def open_requests(now: datetime) -> QuerySet[HelpRequest]:
    """Those that the host knows of, whose guests have not got in since, of all organizations."""
    return _not_over(HelpRequest.objects.filter(stay__cancelled_at=None, stay__ends_at__gt=now), now)


def with_help(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """The same grants with what `requests_of` says of them: for pages that ask enough without it."""
    since = Activity.objects.filter(
        grant=OuterRef("pk"),
        kind=ActivityKind.OPENED,
        happened_at__gt=OuterRef("help_request__asked_at"),
    )
    return grants.select_related("help_request").annotate(has_opened=Exists(since))


def requests_of(grants: Iterable[Grant]) -> list[HelpRequest]:
    """Where help was asked for, the latest first, of grants that were read `with_help`."""
    found = []
    for grant in grants:
        request: HelpRequest | None = getattr(grant, "help_request", None)
        if request is not None:
            request.grant = grant
            vars(request)["has_opened"] = vars(grant).get("has_opened", False)
            found.append(request)
    return sorted(found, key=lambda one: one.asked_at, reverse=True)


def open_requests_of(stay: Stay, now: datetime) -> QuerySet[HelpRequest]:
    """The same of one stay."""
    return _not_over(HelpRequest.objects.filter(stay=stay), now)


def open_requests_at(grant_id: int, now: datetime) -> QuerySet[HelpRequest]:
    """The same at one door of a stay."""
    return _not_over(HelpRequest.objects.filter(grant=grant_id), now)


def _not_over(requests: QuerySet[HelpRequest], now: datetime) -> QuerySet[HelpRequest]:
    known = requests.filter(told_host_at__gt=now - LASTS, settled_at=None, grant__is_wanted=True)
    return known.exclude(Exists(_openings()))


def _openings() -> QuerySet[Activity]:
    return Activity.objects.filter(
        grant=OuterRef("grant"), kind=ActivityKind.OPENED, happened_at__gt=OuterRef("asked_at")
    )


def _tried_lately(stay: Stay, now: datetime) -> QuerySet[Activity]:
    lately = Activity.objects.filter(
        organization=stay.organization_id,
        kind__in=TRIED,
        happened_at__gt=now - LATELY,
        smart_lock__door__property=stay.unit.property_id,
    )
    return lately.order_by("-happened_at", "-pk")[:MOST_TRIES]


def _last(tried: Iterable[Activity], kind: ActivityKind, own: set[int]) -> datetime | None:
    return _first_at(one for one in tried if one.kind == kind and one.grant_id in own)


def _is_wrong_code(one: Activity) -> bool:
    return one.kind == ActivityKind.CODE_REFUSED and one.grant_id is None


def _first_at(tried: Iterable[Activity]) -> datetime | None:
    return next((one.happened_at for one in tried), None)
