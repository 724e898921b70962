"""Two businesses with something of everything, and no scope open around the test."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine

from nuki_gateway.simulator import Simulator, TurnedClock
from properties import tenancy
from properties.models import Membership, User
from properties.roles import Role
from tests import worlds
from tests.timeline import Timeline
from tests.worlds import Business


@dataclass(frozen=True)
class TwoBusinesses:
    """Alice's and Charlie's, each with a stay whose codes are on the doors and whose guest was told."""

    alice: Business
    charlie: Business
    alices_stay: int
    charlies_stay: int


@pytest.fixture
def both(
    db: None,  # noqa: ARG001  a fixture's name
    simulator: Simulator,
    clock: TurnedClock,
    timeline: Timeline,
) -> Iterator[TwoBusinesses]:
    alice = worlds.found(
        simulator, name="Harbour Stays", owner="alice@harbour.example", token="alice-token", now=clock.now()
    )
    charlie = worlds.found(
        simulator, name="Lindgren", owner="charlie@lindgren.example", token="charlie-token", now=clock.now()
    )
    with tenancy.within(alice.organization):
        alices_stay = alice.book(now=clock.now())
    with tenancy.within(charlie.organization):
        charlies_stay = charlie.book(now=clock.now())
    timeline.pass_seconds(60)
    with time_machine.travel(clock.now(), tick=False):
        yield TwoBusinesses(alice, charlie, alices_stay.pk, charlies_stay.pk)


def member(business: Business, email: str, role: Role) -> User:
    """Somebody who works for a business."""
    user = User.objects.create_user(email)
    Membership.objects.create(organization=business.organization, user=user, role=role)
    return user
