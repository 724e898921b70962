"""Two businesses with something of everything, and no scope open around the test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
import time_machine

from access import api_requests, deliveries, door_help, holders, spares, webhook_endpoints, words
from access.diagnosis import WAYS, Cause, Diagnosis
from access.models import Alert, AlertKind, AppUser, MessageKind, OtherAuthorization, Stay, WebhookDelivery
from access.party import Person
from access.webhook_rules import EventType
from nuki_gateway import webhooks
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import api_keys, invitations, limits, tenancy, texts
from properties.api_scopes import Scope
from properties.models import Membership, Property, TextKind, User
from properties.reach import EVERYWHERE, Reach
from properties.roles import Role
from tests import pictures, worlds
from tests.timeline import Timeline
from tests.worlds import Business


@dataclass(frozen=True)
class Neighbours:
    """Alice's business and Charlie's."""

    alice: Business
    charlie: Business


@dataclass(frozen=True)
class TwoBusinesses(Neighbours):
    """Each with a stay whose codes are on the doors and whose guest has come in."""

    alices_stay: int
    charlies_stay: int


@pytest.fixture
def neighbours(
    db: None,  # noqa: ARG001  a fixture's name
    simulator: Simulator,
    clock: TurnedClock,
) -> Neighbours:
    return Neighbours(
        worlds.found(
            simulator,
            name="Harbour Stays",
            owner="alice@harbour.example",
            token="alice-token",
            now=clock.now(),
        ),
        worlds.found(
            simulator,
            name="Lindgren",
            owner="charlie@lindgren.example",
            token="charlie-token",
            now=clock.now(),
        ),
    )


@pytest.fixture
def both(neighbours: Neighbours, clock: TurnedClock, timeline: Timeline) -> Iterator[TwoBusinesses]:
    alice, charlie = neighbours.alice, neighbours.charlie
    with tenancy.within(alice.organization):
        alices_stay = alice.book(now=clock.now(), companions=[Person("Ben Vogel")])
    with tenancy.within(charlie.organization):
        charlies_stay = charlie.book(now=clock.now(), companions=[Person("Ben Vogel")])
    timeline.pass_seconds(60)
    for business in (alice, charlie):
        with tenancy.within(business.organization):
            give_activity(business, timeline)
            give_others(business, timeline)
            give_help(business, timeline)
            give_app_user(business, timeline)
            give_backup_codes(business, timeline)
        give_team(business, clock.now())
        give_api_key(business, clock.now())
        give_texts(business)
        give_picture(business, clock.now())
        give_webhook(business, clock.now())
    with time_machine.travel(clock.now(), tick=False):
        yield TwoBusinesses(alice, charlie, alices_stay.pk, charlies_stay.pk)


def give_webhook(business: Business, now: datetime) -> None:
    """A program is told of cancelled stays, and was sent a test."""
    with tenancy.within(business.organization):
        endpoint = webhook_endpoints.make(
            organization=business.organization,
            name=f"Lights of {business.organization.name}",
            url=f"https://lights-{business.organization.pk}.example/hook",
            types=[EventType.STAY_CANCELLED],
            made_by=business.owner,
            now=now,
        )
        webhook_endpoints.try_out(endpoint=endpoint, asked_by=business.owner, now=now)
        WebhookDelivery.objects.update(due_at=None, delivered_at=now, tried_at=now, status=200, attempts=1)


def give_activity(business: Business, timeline: Timeline) -> None:
    """The guest comes in, which Nuki's log shows; and one of Nuki's calls waits to be taken in."""
    stay = Stay.objects.get(organization=business.organization)
    assert business.opens("Front door", worlds.code_of(stay))
    timeline.pass_seconds(10)
    business.read_log(now=timeline.now)
    Alert.objects.create(
        organization=business.organization,
        kind=AlertKind.BATTERY_LOW,
        smart_lock=business.locks["Cellar"],
        opened_at=timeline.now,
    )
    deliveries.store(
        account_id=business.account.pk,
        organization_id=business.organization.pk,
        news=webhooks.read(b'{"feature": "DEVICE_NEW"}'),
        now=timeline.now,
    )


def give_help(business: Business, timeline: Timeline) -> None:
    """The guest has asked for help at a door."""
    grant = Stay.objects.get(organization=business.organization).grants.get(door__name="Flat 1")
    found = Diagnosis(Cause.IN_ORDER, WAYS[Cause.IN_ORDER])
    door_help.ask(grant=grant, found=found, wants_host=True, now=timeline.now)


def give_app_user(business: Business, timeline: Timeline) -> None:
    """A guest whom the Nuki account of the business knows."""
    AppUser.objects.create(
        organization=business.organization,
        nuki_account=business.account,
        email_digest="0" * 64,
        account_user_id=business.account.pk,
        is_ours=True,
        found_at=timeline.now,
    )


def give_backup_codes(business: Business, timeline: Timeline) -> None:
    """A backup code is to come on a door's lock."""
    Property.objects.filter(pk=business.house.pk).update(backup_codes=1)
    spares.stock(door=business.doors["Flat 1"], now=timeline.now)


def give_others(business: Business, timeline: Timeline) -> None:
    """Somebody else has a code on a lock, and the host has said who that is."""
    authorization = OtherAuthorization.objects.create(
        organization=business.organization,
        smart_lock=business.locks["Flat 1"],
        authorization_id=f"{business.organization.pk:024}",
        type=13,
        name="Cleaner",
        enabled=True,
        weekdays=127,
        from_minute=0,
        until_minute=0,
        uses=0,
    )
    holders.name(
        authorization=authorization, name="Nadia", note="", named_by=business.owner, now=timeline.now
    )


def give_texts(business: Business) -> None:
    """What guests read is written in the host's own words."""
    ours = business.organization
    with tenancy.within(ours):
        texts.write(place=business.house, language="en", texts={(TextKind.WAY_IN, None): ours.name})
        texts.note_facts(place=business.house, wifi_name=ours.name, wifi_password="s3cret", phone="")
        words.write(
            organization=ours, kind=MessageKind.ACCESS_READY, language="en", opening=ours.name, closing=""
        )


def give_picture(business: Business, now: datetime) -> None:
    """Guests see what a door looks like."""
    with tenancy.within(business.organization):
        name = business.organization.name
        pictures.put(business.doors["Flat 1"], added_by=business.owner, now=now, description=name)


def give_team(business: Business, now: datetime) -> None:
    """Somebody works in the owner's house, and somebody is invited there."""
    domain = business.owner.email.partition("@")[2]
    in_the_house = Reach(frozenset({business.house.pk}))
    with tenancy.within(business.organization):
        member(business, f"erin@{domain}", Role.STAFF, in_the_house)
        invitations.invite(
            organization=business.organization,
            email=f"frank@{domain}",
            role=Role.STAFF,
            reach=in_the_house,
            invited_by=business.owner,
            now=now,
        )


def give_api_key(business: Business, now: datetime) -> None:
    """A program works for the owner, and has something done."""
    with tenancy.within(business.organization):
        api_keys.make(
            organization=business.organization,
            name=business.organization.name,
            scopes=[Scope.READ],
            expires_at=None,
            made_by=business.owner,
            now=now,
        )
        api_requests.claim(organization=business.organization, key="one", fingerprint="0" * 64, now=now)


def member(business: Business, email: str, role: Role, reach: Reach = EVERYWHERE) -> User:
    """Somebody who works for a business, or in some of its properties (then in its scope)."""
    user = User.objects.create_user(email)
    place = Membership.objects.create(organization=business.organization, user=user, role=role)
    if reach.is_limited:
        limits.give(member=place, role=role, reach=reach)
    return user
