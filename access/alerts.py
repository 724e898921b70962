"""Opening an alert where a fact needs a host, and closing it once the fact is gone.

Nobody closes an alert by hand: what is open is what is so. A review works that out anew from rows, for all
organizations at once, and costs as many queries for a thousand problems as for one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from access import came_back, help_queries, queries, risks, spare_queries, webhook_events
from access.models import Alert, AlertKind, Off, WebhookEndpoint, WhyHandedOut
from access.models.alerts import TOLD_AT_ONCE
from properties import wall_clock
from properties.models import NukiAccount, SmartLock

log = structlog.get_logger(__name__)

OFFLINE_FOR = timedelta(minutes=30)  # before it is worth a word: most come back by themselves
GATHERED_FOR = timedelta(minutes=2)  # what begins together is one e-mail
SHOWN_FOR = timedelta(minutes=30)  # what a host wants to know of, and is no problem
SAME_AGAIN = timedelta(hours=1)  # a problem that comes back within this is the same one, and is not told anew
DIGEST_AT = time(8)  # on the clocks of the property
MOST = 10_000  # open problems of all organizations that one review looks at


@dataclass(frozen=True)
class Fact:
    """One problem of one subject."""

    kind: AlertKind
    organization_id: int
    stay_id: int | None = None
    smart_lock_id: int | None = None
    nuki_account_id: int | None = None
    webhook_endpoint_id: int | None = None


def review(*, now: datetime) -> None:
    """Bring alerts in line with what is so now. In a scope over all organizations."""
    zones: dict[Fact, str] = {}
    facts = set(_of_stays(now)) | set(_of_locks(now, zones)) | set(_of_accounts()) | set(_of_webhooks())
    facts = _with_dead_addresses(facts, now) | set(_of_help(now)) | set(_of_openings(now))
    facts |= set(_of_backups(now))
    with transaction.atomic(durable=True):
        is_open = {_fact_of(alert): alert for alert in Alert.objects.filter(closed_at=None)[:MOST]}
        # one that was opened since belongs to a fact that came after the others were read
        over = [one.pk for fact, one in is_open.items() if fact not in facts and one.opened_at <= now]
        Alert.objects.filter(pk__in=over).update(closed_at=now, mail_due_at=None)
        begun = [fact for fact in facts if fact not in is_open]
        again = _open_again(begun, now)
        Alert.objects.bulk_create(
            [_alert(fact, zones.get(fact, "UTC"), now) for fact in begun if fact not in again],
            ignore_conflicts=True,  # two reviews at once
        )
        webhook_events.alerts_reviewed(
            opened=Q(opened_at=now) | Q(pk__in=again.values()),
            closed=Q(pk__in=over),
            organization_ids={fact.organization_id for fact in {*begun, *(is_open.keys() - facts)}},
            now=now,
        )
    if over or begun:
        log.info("alerts_reviewed", opened=len(begun), closed=len(over))


def open_now(fact: Fact, *, now: datetime) -> None:
    """Open an alert beside the reviews, for which somebody should not wait. In a transaction.

    Whoever is to be written to is due at once; an alert that is open already stays as it is.
    """
    if Alert.objects.filter(closed_at=None, **asdict(fact)).exists():
        return
    alert = _alert(fact, "UTC", now)
    alert.mail_due_at = now
    Alert.objects.bulk_create([alert], ignore_conflicts=True)  # two at once


def close(kind: AlertKind, *, stay_id: int, now: datetime) -> None:
    """Close what is open of a kind about a stay, beside the reviews."""
    is_open = Alert.objects.filter(kind=kind, stay=stay_id, closed_at=None)
    is_open.update(closed_at=now, mail_due_at=None)


def mail_is_due_at(kind: AlertKind, zone: str, now: datetime) -> datetime:
    """When the host is written to: in a moment, or with the others of the day at eight in the morning."""
    if kind in TOLD_AT_ONCE:
        return now + GATHERED_FOR
    today = wall_clock.shown(now, zone).date()
    eight = wall_clock.arrival(wall_clock.at(today, DIGEST_AT), zone)
    return (
        eight
        if eight > now
        else wall_clock.arrival(wall_clock.at(today + timedelta(days=1), DIGEST_AT), zone)
    )


def _of_stays(now: datetime) -> Iterator[Fact]:
    for stay in queries.at_risk(now)[:MOST]:
        risk = risks.risk_of(stay, list(stay.grants.all()), now)
        if risk.alert is not None:
            yield Fact(risk.alert, stay.organization_id, stay_id=stay.pk)


def _with_dead_addresses(facts: set[Fact], now: datetime) -> set[Fact]:
    """Where a guest was not told because of the address, that is the one thing to say."""
    returned = came_back.open_at(now, MOST)
    dead = {
        Fact(AlertKind.ADDRESS_TAKES_NO_MAIL, one.organization_id, stay_id=one.stay_id) for one in returned
    }
    untold = {Fact(AlertKind.GUEST_NOT_TOLD, one.organization_id, stay_id=one.stay_id) for one in returned}
    return (facts - untold) | dead


def _of_help(now: datetime) -> Iterator[Fact]:
    for request in help_queries.open_requests(now).select_related("grant")[:MOST]:
        lock_id = request.grant.smart_lock_id
        yield Fact(
            AlertKind.GUEST_NEEDS_HELP,
            request.organization_id,
            stay_id=request.stay_id,
            smart_lock_id=lock_id,
        )


def _of_backups(now: datetime) -> Iterator[Fact]:
    """Guests with a backup code that no host gave them."""
    handed = spare_queries.handed_out_lately(now).exclude(why=WhyHandedOut.HOST_DECIDED)
    for spare in handed.select_related("handed_to")[:MOST]:
        if spare.handed_to is not None:
            yield Fact(
                AlertKind.BACKUP_HANDED_OUT,
                spare.organization_id,
                stay_id=spare.handed_to.stay_id,
                smart_lock_id=spare.handed_to.smart_lock_id,
            )


def _of_openings(now: datetime) -> Iterator[Fact]:
    """These alerts are opened when a door opens (`access.activity`), and are over by themselves."""
    fresh = Alert.objects.filter(
        kind=AlertKind.GUEST_OPENED_DOOR, closed_at=None, opened_at__gt=now - SHOWN_FOR
    )
    for alert in fresh[:MOST]:
        yield _fact_of(alert)


def _of_locks(now: datetime, zones: dict[Fact, str]) -> Iterator[Fact]:
    is_bad = (
        Q(gone_since__isnull=False)
        | Q(offline_since__lte=now - OFFLINE_FOR)
        | Q(battery_critical=True)
        | Q(keypad_battery_critical=True)
        | Q(subscription_ended=True)
    )
    locks = SmartLock.objects.filter(is_bad, door__isnull=False).select_related("door__property")
    for lock in locks[:MOST]:
        for kind in _wrong_with(lock, now):
            fact = Fact(kind, lock.organization_id, smart_lock_id=lock.pk)
            zones[fact] = lock.door.property.time_zone
            yield fact


def _wrong_with(lock: SmartLock, now: datetime) -> Iterator[AlertKind]:
    if lock.gone_since is not None:
        yield AlertKind.LOCK_GONE
        return
    if lock.offline_since is not None and lock.offline_since <= now - OFFLINE_FOR:
        yield AlertKind.LOCK_OFFLINE
    if lock.battery_critical:
        yield AlertKind.BATTERY_LOW
    if lock.keypad_battery_critical:
        yield AlertKind.KEYPAD_BATTERY_LOW
    if lock.subscription_ended:
        yield AlertKind.SUBSCRIPTION_ENDED


def _of_accounts() -> Iterator[Fact]:
    broken = NukiAccount.objects.filter(Q(broken_since__isnull=False) | Q(sign_in_ended_at__isnull=False))
    for account in broken[:MOST]:
        yield Fact(AlertKind.ACCOUNT_BROKEN, account.organization_id, nuki_account_id=account.pk)


def _of_webhooks() -> Iterator[Fact]:
    off = WebhookEndpoint.objects.filter(off__in=[Off.GONE, Off.FAILING]).only("organization_id")
    for endpoint in off[:MOST]:
        yield Fact(AlertKind.WEBHOOK_OFF, endpoint.organization_id, webhook_endpoint_id=endpoint.pk)


def _fact_of(alert: Alert) -> Fact:
    return Fact(
        AlertKind(alert.kind),
        alert.organization_id,
        alert.stay_id,
        alert.smart_lock_id,
        alert.nuki_account_id,
        alert.webhook_endpoint_id,
    )


def _open_again(begun: Iterable[Fact], now: datetime) -> dict[Fact, int]:
    """Open what was closed lately; what was told stays told. Their keys."""
    lately = Alert.objects.filter(closed_at__gt=now - SAME_AGAIN).order_by("closed_at")
    known = {_fact_of(alert): alert for alert in lately} if begun else {}
    again = {fact: known[fact] for fact in begun if fact in known}
    untold = [alert.pk for alert in again.values() if alert.mailed_at is None]
    Alert.objects.filter(pk__in=[alert.pk for alert in again.values()]).update(closed_at=None)
    Alert.objects.filter(pk__in=untold).update(mail_due_at=now + GATHERED_FOR)
    return {fact: alert.pk for fact, alert in again.items()}


def _alert(fact: Fact, zone: str, now: datetime) -> Alert:
    return Alert(
        organization_id=fact.organization_id,
        kind=fact.kind,
        stay_id=fact.stay_id,
        smart_lock_id=fact.smart_lock_id,
        nuki_account_id=fact.nuki_account_id,
        webhook_endpoint_id=fact.webhook_endpoint_id,
        opened_at=now,
        mail_due_at=mail_is_due_at(fact.kind, zone, now),
    )
