"""Celery's ways in. A task carries an id and says "look at this"; what is to be done is decided from rows.

Queues: `news` for what Nuki told us and for who stands at a door, `locks` for reconcile_lock, `mail` for
send_message, `hooks` for what other programs are told, `default` for the ticks and for reading what nobody
waits for.
"""

from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_ready

from access import (
    alert_mail,
    alert_queries,
    alerts,
    api_requests,
    deliveries,
    health,
    lock_calls,
    log_reading,
    mail_events,
    messages,
    overdue,
    queries,
    reconcile,
    spare_queries,
    spares,
    sweep,
    trials,
    webhook_deliveries,
    work_queue,
    zone_rules,
)
from access.models import AuditEntry, Message, Stay, WebhookEndpoint
from properties import heartbeat, tenancy
from properties.clock import now
from properties.models import Door, NukiAccount, Organization, SmartLock

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 500  # rows that one tick rings for; the next tick, seconds later, goes on


@shared_task
def reconcile_lock(*, lock_id: int, **_: Any) -> None:
    """Do what is due on one smart lock."""
    with tenancy.across_organizations(because="a task knows only the lock's id"):
        lock = SmartLock.objects.select_related("organization", "nuki_account").get(pk=lock_id)
    with tenancy.within(lock.organization):
        reconcile.reconcile(lock, now=now())


@shared_task
def send_message(*, message_id: int, **_: Any) -> None:
    """Send one message to a guest, if it is still to be sent."""
    with tenancy.across_organizations(because="a task knows only the message's id"):
        message = Message.objects.select_related("organization").get(pk=message_id)
    with tenancy.within(message.organization):
        messages.send(message, now=now())


@shared_task
def ring_due_locks(**_: Any) -> None:
    """The tick: ring for every smart lock on which something is due."""
    moment = now()
    with tenancy.across_organizations(because="the tick rings for everybody's locks"):
        for lock_id in queries.due_locks(moment, MOST_AT_ONCE):
            work_queue.lock_is_due_at(lock_id, at=moment, now=moment)


@shared_task
def ring_due_messages(**_: Any) -> None:
    """The tick of the outbox: ring for every message that is due."""
    with tenancy.across_organizations(because="the tick rings for everybody's messages"):
        for message_id in queries.due_messages(now(), MOST_AT_ONCE):
            work_queue.message_is_due(message_id)


@shared_task
def refresh_nuki_account(*, account_id: int, **_: Any) -> None:
    """Read how one Nuki account's smart locks are, and which codes are on them."""
    with tenancy.across_organizations(because="a task knows only the account's id"):
        account = NukiAccount.objects.select_related("organization").get(pk=account_id)
    with tenancy.within(account.organization):
        sweep.sweep(account=account, now=now())


@shared_task
def take_in_deliveries(*, account_id: int, **_: Any) -> None:
    """Take in what Nuki told us about one account."""
    with tenancy.across_organizations(because="a task knows only the account's id"):
        account = NukiAccount.objects.select_related("organization").get(pk=account_id)
    with tenancy.within(account.organization):
        deliveries.take_in(account=account, now=now())


@shared_task
def look_at_health(*, lock_id: int, **_: Any) -> None:
    """Ask Nuki how one smart lock is: news said that it changed."""
    with tenancy.across_organizations(because="a task knows only the lock's id"):
        lock = SmartLock.objects.select_related("organization", "nuki_account").get(pk=lock_id)
    with tenancy.within(lock.organization):
        health.look(lock=lock, now=now())


@shared_task
def open_lock(*, entry_id: int, **_: Any) -> None:
    """Open one door, as somebody asked a moment ago."""
    entry = _asked(entry_id)
    with tenancy.within(entry.organization):
        lock_calls.open_door(entry=entry, now=now())


@shared_task
def send_trial(*, entry_id: int, **_: Any) -> None:
    """Send a test message to the person who asked for it."""
    entry = _asked(entry_id)
    with tenancy.within(entry.organization):
        trials.send(trial=entry, now=now())


@shared_task
def see_opening(*, entry_id: int, looks: int, **_: Any) -> None:
    """Look whether that door opened."""
    entry = _asked(entry_id)
    with tenancy.within(entry.organization):
        lock_calls.see_opening(entry=entry, looks=looks, now=now())


@shared_task
def read_lock(*, entry_id: int, **_: Any) -> None:
    """Have one smart lock read anew, as somebody asked."""
    entry = _asked(entry_id)
    with tenancy.within(entry.organization):
        lock_calls.read(entry=entry, now=now())


@shared_task
def see_reading(*, lock_id: int, **_: Any) -> None:
    """Look at a smart lock that was read anew."""
    with tenancy.across_organizations(because="a task knows only the lock's id"):
        lock = SmartLock.objects.select_related("organization", "nuki_account").get(pk=lock_id)
    with tenancy.within(lock.organization):
        lock_calls.see_reading(lock=lock, now=now())


@shared_task
def read_log(*, account_id: int, **_: Any) -> None:
    """Read the log of one Nuki account."""
    with tenancy.across_organizations(because="a task knows only the account's id"):
        account = NukiAccount.objects.select_related("organization").get(pk=account_id)
    with tenancy.within(account.organization):
        log_reading.read(account=account, now=now())


@shared_task
def ring_due_accounts(**_: Any) -> None:
    """The tick of Nuki accounts: logs and sweeps that are due, and deliveries whose ring was lost."""
    moment = now()
    with tenancy.across_organizations(because="the tick rings for everybody's accounts"):
        for account_id in queries.accounts_with_deliveries(moment, MOST_AT_ONCE):
            work_queue.deliveries_came(account_id)
        for account_id in queries.accounts_whose_log_is_due(moment, MOST_AT_ONCE):
            if log_reading.claim(account_id, now=moment):
                work_queue.log_is_due(account_id)
        for account_id in queries.accounts_to_sweep(moment, MOST_AT_ONCE):
            if sweep.claim(account_id, now=moment):
                work_queue.account_is_to_be_read(account_id)


@shared_task
def review_alerts(**_: Any) -> None:
    """Open and close alerts, and ring for the organizations that are to be written to."""
    moment = now()
    with tenancy.across_organizations(because="what needs somebody is in any organization"):
        alerts.review(now=moment)
        due = alert_queries.organizations_to_write_to(moment)
    for organization_id in due:
        work_queue.host_is_to_be_told(organization_id)


@shared_task
def tell_host(*, organization_id: int, **_: Any) -> None:
    """Write to an organization's people about the alerts that are due."""
    organization = Organization.objects.get(pk=organization_id)
    with tenancy.within(organization):
        alert_mail.write(organization=organization, now=now())


@shared_task
def deliver_webhooks(*, endpoint_id: int, **_: Any) -> None:
    """Tell one program what it waits for."""
    with tenancy.across_organizations(because="a task knows only the endpoint's id"):
        endpoint = WebhookEndpoint.objects.select_related("organization").filter(pk=endpoint_id).first()
    if endpoint is None:
        return  # it was deleted since
    with tenancy.within(endpoint.organization):
        webhook_deliveries.deliver(endpoint=endpoint, now=now())


@shared_task
def ring_due_webhooks(**_: Any) -> None:
    """The tick of webhooks: ring for every program that is to be told something."""
    with tenancy.across_organizations(because="the tick rings for everybody's webhooks"):
        for endpoint_id in webhook_deliveries.due_endpoints(now(), MOST_AT_ONCE):
            work_queue.webhooks_are_due(endpoint_id)


@shared_task
def forget_deliveries(**_: Any) -> None:
    """Delete old deliveries of either way, and what programs asked for long ago."""
    with tenancy.across_organizations(because="everybody's old deliveries and requests go"):
        while deliveries.forget(now=now(), most=MOST_AT_ONCE) == MOST_AT_ONCE:
            continue
        while api_requests.forget(now=now(), most=MOST_AT_ONCE) == MOST_AT_ONCE:
            continue
        while mail_events.forget(now=now(), most=MOST_AT_ONCE) == MOST_AT_ONCE:
            continue
        while webhook_deliveries.forget(now=now(), most=MOST_AT_ONCE) == MOST_AT_ONCE:
            continue


@shared_task
def note_ticks(**_: Any) -> None:
    """The heartbeat: write down that ticks are carried out, and whether work is left behind."""
    moment = now()
    with tenancy.across_organizations(because="work is left behind in any organization"):
        waits_since = overdue.since(moment)
    if waits_since is not None:
        log.warning("work_waits", since=waits_since.isoformat())
    heartbeat.note(work_waits_since=waits_since, now=moment)


@shared_task
def ring_late_guests(**_: Any) -> None:
    """The tick of guests who are about to arrive while their own code is late."""
    with tenancy.across_organizations(because="the tick looks at everybody's stays"):
        late = spare_queries.not_ready_in_time(now(), MOST_AT_ONCE)
    for stay_id in late:
        work_queue.guest_is_to_be_helped(stay_id)


@shared_task
def ring_doors_to_stock(**_: Any) -> None:
    """The round of doors that have too few backup codes, or too many."""
    with tenancy.across_organizations(because="the round looks at everybody's doors"):
        doors = spare_queries.doors_to_stock(now(), MOST_AT_ONCE)
    for door_id in doors:
        work_queue.door_is_to_be_stocked(door_id)


@shared_task
def help_in_time(*, stay_id: int, **_: Any) -> None:
    """Hand out backup codes to a guest whose own code is late."""
    with tenancy.across_organizations(because="a task knows only the stay's id"):
        stay = Stay.objects.select_related("organization").get(pk=stay_id)
    with tenancy.within(stay.organization):
        spares.hand_out_in_time(stay=stay, now=now())


@shared_task
def stock_door(*, door_id: int, **_: Any) -> None:
    """See to the backup codes of one door."""
    with tenancy.across_organizations(because="a task knows only the door's id"):
        door = Door.objects.select_related("organization").filter(pk=door_id).first()
    if door is None:
        return  # it was deleted since
    with tenancy.within(door.organization):
        spares.stock(door=door, now=now())


@shared_task
def follow_zone_rules(**_: Any) -> None:
    """Bring stays in line with the rules of their zones, which come with the `tzdata` package."""
    if zone_rules.follow(now=now(), most=MOST_AT_ONCE) == MOST_AT_ONCE:
        work_queue.zone_rules_are_to_be_followed()


def _asked(entry_id: int) -> AuditEntry:
    with tenancy.across_organizations(because="a task knows only the entry's id"):
        return AuditEntry.objects.select_related("organization").get(pk=entry_id)


@worker_ready.connect
def follow_zone_rules_of_this_release(**_: Any) -> None:
    """A worker that starts may have come with other rules: no need to wait for the hour."""
    work_queue.zone_rules_are_to_be_followed()
