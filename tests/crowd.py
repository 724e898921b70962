"""A business with so many of everything: rows of which lists are made, written straight into their tables."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from access import webhook_events
from access.log_entries import ActivityKind, Means
from access.models import (
    Activity,
    Alert,
    AlertKind,
    AuditEntry,
    AuditKind,
    Grant,
    GrantKind,
    Guest,
    Holder,
    Message,
    MessageKind,
    OtherAuthorization,
    Stay,
    StayGuest,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from access.webhook_rules import EventType
from nuki_gateway.models import ServerState
from properties.encryption import digest
from properties.models import (
    ApiKey,
    Door,
    Invitation,
    InvitationProperty,
    Membership,
    MembershipProperty,
    Property,
    SmartLock,
    TeamEntry,
    TeamEvent,
    Unit,
    UnitDoor,
    User,
)
from properties.roles import Role
from tests.worlds import ZONE, Business

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def add(business: Business, stay: Stay, *, first: int, count: int, now: datetime) -> None:
    """Add so many of everything: to the business, to its front door, and to one of its stays.

    `first` is how many were added before. In a scope of the business.
    """
    numbers = range(first, first + count)
    doors = _places(business, numbers, now)
    stays = _stays(business, doors, stay.guest, now)
    _of_one_stay(business, stay, numbers, now)
    _alerts(business, stays, numbers, now)
    _others(business, numbers, now)
    _team(business, numbers, now)
    _webhooks(business, numbers, now)


def _places(business: Business, numbers: range, now: datetime) -> list[Door]:
    """Houses, and flats in the house that is there, each with a door and a lock; some locks do not answer."""
    whose = {"organization": business.organization}
    Property.objects.bulk_create(
        Property(
            **whose,
            name=f"House {number:03}",
            time_zone=ZONE,
            check_in_time=business.house.check_in_time,
            check_out_time=business.house.check_out_time,
            grace=timedelta(0),
        )
        for number in numbers
    )
    locks = SmartLock.objects.bulk_create(
        SmartLock(
            **whose,
            nuki_account=business.account,
            smartlock_id=900_000 + number,
            device_type=4,
            name=f"Lock {number:03}",
            has_keypad=True,
            server_state=ServerState.OFFLINE if number % 2 else ServerState.OK,
            offline_since=now - HOUR if number % 2 else None,
            listed_at=now,
        )
        for number in [*numbers, *(-number - 1 for number in numbers)]
    )
    doors = Door.objects.bulk_create(
        Door(**whose, property=business.house, name=f"Door {lock.smartlock_id}", smart_lock=lock)
        for lock in locks[: len(numbers)]
    )
    units = Unit.objects.bulk_create(
        Unit(**whose, property=business.house, name=f"Unit {number:03}") for number in numbers
    )
    ways_in = [(business.doors["Front door"], door) for door in doors]
    UnitDoor.objects.bulk_create(
        UnitDoor(**whose, unit=unit, door=door, position=position)
        for unit, way_in in zip(units, ways_in, strict=True)
        for position, door in enumerate(way_in, start=1)
    )
    return doors


def _stays(business: Business, doors: list[Door], known: Guest, now: datetime) -> list[Stay]:
    """One in each flat: half are here, half are to come; the guest who is known has each second one."""
    whose = {"organization": business.organization}
    guests = Guest.objects.bulk_create(
        Guest(**whose, name=f"Guest {door.pk}", email=f"{door.pk}@guests.example") for door in doors
    )
    units = [step.unit for step in UnitDoor.objects.filter(door__in=doors).select_related("unit")]
    stays = Stay.objects.bulk_create(
        Stay(
            **whose,
            unit=unit,
            guest=known if number % 2 else guest,
            starts_at=now + (HOUR if number % 4 < 2 else -HOUR),
            ends_at=now + DAY,
            booked_at=now - 9 * DAY,
        )
        for number, (unit, guest) in enumerate(zip(units, guests, strict=True))
    )
    StayGuest.objects.bulk_create(
        StayGuest(**whose, stay=stay, guest=guest)
        for stay, guest in zip(stays, guests, strict=True)
        if stay.guest_id != guest.pk
    )
    made = zip(stays, doors, strict=True)
    Grant.objects.bulk_create(grant for stay, door in made for grant in _grants(business, stay, door, now))
    Message.objects.bulk_create(
        Message(**whose, stay=stay, kind=MessageKind.ACCESS_READY, revision=1, written_at=now, sent_at=now)
        for stay in stays[::3]
    )
    return stays


def _grants(business: Business, stay: Stay, door: Door, now: datetime) -> Iterator[Grant]:
    front = business.doors["Front door"]
    for position, one in enumerate((front, door), start=1):
        yield Grant(
            organization=business.organization,
            stay=stay,
            smart_lock=one.smart_lock,
            door=one,
            position=position,
            kind=GrantKind.KEYPAD_CODE,
            label=f"KT-{stay.pk}-{position}",
            code="384174",
            code_digest=digest(f"{stay.pk}"),
            allowed_from=stay.starts_at,
            allowed_until=stay.ends_at,
            asked_at=now - DAY,
            confirmed_at=now - DAY,
            authorization_id=f"{stay.pk}-{position}",
        )


def _of_one_stay(business: Business, stay: Stay, numbers: range, now: datetime) -> None:
    """What happened about it and at its doors, what was said to its guests, and who comes along."""
    whose: dict[str, Any] = {"organization": business.organization}
    grant = stay.grants.earliest("pk")
    AuditEntry.objects.bulk_create(
        AuditEntry(**whose, kind=kind, at=now, stay=stay, by=business.owner, grant=grant)
        for kind in (AuditKind.CODE_REVEALED, AuditKind.CONFIRMED)
        for _ in numbers
    )
    Message.objects.bulk_create(
        Message(**whose, stay=stay, kind=MessageKind.ACCESS_CHANGED, revision=1_000 + number, written_at=now)
        for number in numbers
    )
    guests = Guest.objects.bulk_create(Guest(**whose, name=f"Along {number}") for number in numbers)
    StayGuest.objects.bulk_create(StayGuest(**whose, stay=stay, guest=guest) for guest in guests)
    Activity.objects.bulk_create(
        Activity(
            **whose,
            smart_lock_id=grant.smart_lock_id,
            source=f"crowd {number} {whom}",
            happened_at=now,
            recorded_at=now,
            kind=ActivityKind.OPENED if whom else ActivityKind.CODE_REFUSED,
            means=Means.KEYPAD,
            grant=whom,
        )
        for number in numbers
        for whom in (grant, None)
    )


def _alerts(business: Business, stays: list[Stay], numbers: range, now: datetime) -> None:
    whose = {"organization": business.organization}
    Alert.objects.bulk_create(
        Alert(**whose, kind=AlertKind.GUEST_MAY_NOT_GET_IN, stay=stay, opened_at=now) for stay in stays
    )
    Alert.objects.bulk_create(
        Alert(
            **whose,
            kind=AlertKind.LOCK_OFFLINE,
            smart_lock=business.locks["Front door"],
            opened_at=now - (number + 2) * DAY,
            closed_at=now - (number + 1) * DAY,
        )
        for number in numbers
    )


def _others(business: Business, numbers: range, now: datetime) -> None:
    """What others have on a lock, half of it named."""
    whose = {"organization": business.organization, "smart_lock": business.locks["Flat 1"]}
    OtherAuthorization.objects.bulk_create(
        OtherAuthorization(
            **whose,
            authorization_id=f"crowd {number}",
            type=13,
            name=f"Code {number}",
            enabled=True,
            weekdays=127,
            from_minute=0,
            until_minute=0,
            uses=0,
        )
        for number in numbers
    )
    Holder.objects.bulk_create(
        Holder(**whose, authorization_id=f"crowd {number}", name=f"Person {number}", named_at=now)
        for number in numbers[::2]
    )


def _webhooks(business: Business, numbers: range, now: datetime) -> None:
    """Programs that are told, and what the first of them was told."""
    whose: dict[str, Any] = {"organization": business.organization}
    WebhookEndpoint.objects.bulk_create(
        WebhookEndpoint(
            **whose,
            name=f"Program {number}",
            url=f"https://program-{number}.example/",
            types=[EventType.STAY_CANCELLED],
            secret="whsec_c2VjcmV0",
            made_at=now,
            made_by=business.owner,
        )
        for number in numbers
    )
    first = WebhookEndpoint.objects.earliest("pk")
    events = WebhookEvent.objects.bulk_create(
        WebhookEvent(
            **whose,
            type=EventType.STAY_CANCELLED,
            subject=f"stay_{number}",
            happened_at=now,
            written_at=now,
            facts={},
        )
        for number in numbers
    )
    WebhookDelivery.objects.bulk_create(webhook_events.delivery_of(event, first, now=now) for event in events)


def _team(business: Business, numbers: range, now: datetime) -> None:
    """Who works there, who is invited, what changed, and which programs have a key."""
    whose: dict[str, Any] = {"organization": business.organization}
    people = User.objects.bulk_create(User(email=f"crowd-{number}@harbour.example") for number in numbers)
    members = Membership.objects.bulk_create(
        Membership(**whose, user=one, role=Role.STAFF, is_limited=True) for one in people
    )
    MembershipProperty.objects.bulk_create(
        MembershipProperty(**whose, membership=one, property=business.house) for one in members
    )
    invited = Invitation.objects.bulk_create(
        Invitation(
            **whose,
            email=f"invited-{number}@harbour.example",
            role=Role.STAFF,
            is_limited=True,
            invited_by=business.owner,
            invited_at=now,
            expires_at=now + 7 * DAY,
        )
        for number in numbers
    )
    InvitationProperty.objects.bulk_create(
        InvitationProperty(**whose, invitation=one, property=business.house) for one in invited
    )
    ApiKey.objects.bulk_create(
        ApiKey(
            **whose,
            name=f"Key {number}",
            prefix=f"kt_{number:08}",
            digest=digest(f"key {number}"),
            scopes=["read"],
            made_by=one,
            made_at=now,
        )
        for number, one in zip(numbers, people, strict=True)
    )
    TeamEntry.objects.bulk_create(
        TeamEntry(**whose, kind=TeamEvent.JOINED, at=now, by=one, about=one, role=Role.STAFF)
        for one in people
    )
