"""Changing roles, removing, leaving, handing over: a business always keeps an owner."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections
from django.db.models import ProtectedError

from nuki_gateway.simulator import TurnedClock
from properties import invitations, organizations, team, tenancy
from properties.models import Invitation, Membership, Organization, TeamEntry, TeamEvent, User
from properties.roles import Role
from tests.properties.teams import give_second_factor, invited, roles_in, works_for
from tests.worlds import Business


def told() -> list[tuple[str, str, str | None, str]]:
    """What was written down, the latest last."""
    entries = TeamEntry.objects.order_by("pk").select_related("by", "about")
    return [
        (entry.kind, entry.by.email, entry.about.email if entry.about else None, entry.role)
        for entry in entries
    ]


ALICE, BOB = "alice@harbour.example", "bob@harbour.example"


def test_an_owner_changes_a_role_and_it_is_written_down_once(alice: Business, clock: TurnedClock) -> None:
    bob = works_for(alice, BOB, Role.STAFF)

    for _ in range(2):
        team.change_role(membership=bob, role=Role.MANAGER, changed_by=alice.owner, now=clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER, "bob": Role.MANAGER}
    assert told() == [(TeamEvent.ROLE_CHANGED, ALICE, BOB, Role.MANAGER)]


def test_an_owner_removes_a_member(alice: Business, clock: TurnedClock) -> None:
    bob = works_for(alice, BOB, Role.MANAGER)

    team.remove(membership=bob, removed_by=alice.owner, now=clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER}
    assert told() == [(TeamEvent.REMOVED, ALICE, BOB, "")]
    with pytest.raises(team.NoMemberAnyMore):
        team.remove(membership=bob, removed_by=alice.owner, now=clock.now())


def test_a_member_leaves_by_themselves(alice: Business, clock: TurnedClock) -> None:
    bob = works_for(alice, BOB, Role.VIEWER)

    team.leave(organization=alice.organization, user=bob.user, now=clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER}
    assert told() == [(TeamEvent.LEFT, BOB, BOB, "")]


def test_ownership_goes_to_a_member_and_the_owner_becomes_a_manager(
    alice: Business, clock: TurnedClock
) -> None:
    bob = works_for(alice, BOB, Role.STAFF)

    team.transfer_ownership(membership=bob, transferred_by=alice.owner, now=clock.now())

    assert roles_in(alice) == {"alice": Role.MANAGER, "bob": Role.OWNER}
    assert told() == [(TeamEvent.OWNERSHIP_TRANSFERRED, ALICE, BOB, Role.OWNER)]


def test_ownership_that_is_transferred_to_oneself_changes_nothing(
    alice: Business, clock: TurnedClock
) -> None:
    own = Membership.objects.get(user=alice.owner)

    team.transfer_ownership(membership=own, transferred_by=alice.owner, now=clock.now())

    assert (roles_in(alice), told()) == ({"alice": Role.OWNER}, [])


LAST_OWNER: dict[str, Callable[[Business, Membership, Any], None]] = {
    "demoted": lambda business, own, now: team.change_role(
        membership=own, role=Role.MANAGER, changed_by=business.owner, now=now
    ),
    "removed": lambda business, own, now: team.remove(membership=own, removed_by=business.owner, now=now),
    "leaving": lambda business, _, now: team.leave(
        organization=business.organization, user=business.owner, now=now
    ),
}


@pytest.mark.parametrize("change", LAST_OWNER.values(), ids=LAST_OWNER)
def test_the_last_owner_stays(
    alice: Business, clock: TurnedClock, change: Callable[[Business, Membership, Any], None]
) -> None:
    works_for(alice, BOB, Role.MANAGER)

    with pytest.raises(team.LastOwner):
        change(alice, Membership.objects.get(user=alice.owner), clock.now())

    assert (roles_in(alice), told()) == ({"alice": Role.OWNER, "bob": Role.MANAGER}, [])


@pytest.mark.parametrize("change", LAST_OWNER.values(), ids=LAST_OWNER)
def test_one_of_two_owners_may_go(
    alice: Business, clock: TurnedClock, change: Callable[[Business, Membership, Any], None]
) -> None:
    works_for(alice, BOB, Role.OWNER)

    change(alice, Membership.objects.get(user=alice.owner), clock.now())

    assert [name for name, role in roles_in(alice).items() if role == Role.OWNER] == ["bob"]


CHANGES: dict[str, Callable[[Membership, User, Any], None]] = {
    "role": lambda other, user, now: team.change_role(
        membership=other, role=Role.VIEWER, changed_by=user, now=now
    ),
    "removal": lambda other, user, now: team.remove(membership=other, removed_by=user, now=now),
    "ownership": lambda other, user, now: team.transfer_ownership(
        membership=other, transferred_by=user, now=now
    ),
    "rule": lambda other, user, now: team.ask_for_second_factor(
        organization=other.organization, is_required=True, decided_by=user, now=now
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.VIEWER, None], ids=str)
def test_who_is_no_owner_changes_nothing(
    alice: Business, clock: TurnedClock, role: Role | None, change: Callable[[Membership, User, Any], None]
) -> None:
    erin = works_for(alice, "erin@harbour.example", Role.STAFF)
    bob = works_for(alice, BOB, role or Role.OWNER)
    if role is None:
        bob.delete()
    before = roles_in(alice)

    with pytest.raises(team.MayNotChangeTheTeam):
        change(erin, bob.user, clock.now())

    assert (roles_in(alice), told()) == (before, [])


def test_an_owner_elsewhere_changes_nothing_here(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    bob = works_for(alice, BOB, Role.STAFF)

    for change in CHANGES.values():
        with pytest.raises(team.MayNotChangeTheTeam):
            change(bob, charlie.owner, clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER, "bob": Role.STAFF}


def test_of_two_owners_who_remove_each_other_the_first_one_stays(alice: Business, clock: TurnedClock) -> None:
    bob, own = works_for(alice, BOB, Role.OWNER), Membership.objects.get(user=alice.owner)

    team.remove(membership=bob, removed_by=alice.owner, now=clock.now())
    with pytest.raises(team.MayNotChangeTheTeam):
        team.remove(membership=own, removed_by=bob.user, now=clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER}


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_leave_one(clock: TurnedClock) -> None:
    founded = organizations.found(name="Harbour Stays", owner_email=ALICE)
    bob = User.objects.create_user(BOB)
    theirs = Membership.objects.create(organization=founded, user=bob, role=Role.OWNER)
    own = Membership.objects.exclude(pk=theirs.pk).get()
    together, refused = Barrier(2), []

    def demote(other: Membership, by: User) -> None:
        try:
            with tenancy.within(founded):
                together.wait()
                team.change_role(membership=other, role=Role.VIEWER, changed_by=by, now=clock.now())
        except team.MayNotChangeTheTeam:
            refused.append(by.pk)
        finally:
            connections.close_all()

    threads = [Thread(target=demote, args=pair) for pair in ((theirs, own.user), (own, bob))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    roles = sorted(Membership.objects.values_list("role", flat=True))
    assert (roles, len(refused)) == ([Role.OWNER, Role.VIEWER], 1)


def test_who_goes_takes_back_what_they_offered(alice: Business, clock: TurnedClock) -> None:
    bob = works_for(alice, BOB, Role.MANAGER)
    theirs = invitations.invite(
        organization=alice.organization,
        email="fay@harbour.example",
        role=Role.STAFF,
        invited_by=bob.user,
        now=clock.now(),
    )
    other = invited(alice, now=clock.now(), email="gil@harbour.example")

    team.remove(membership=bob, removed_by=alice.owner, now=clock.now())

    open_ones = Invitation.objects.filter(withdrawn_at=None)
    assert list(open_ones) == [other]
    assert Invitation.objects.get(pk=theirs.pk).due_at is None


def test_who_is_demoted_keeps_offers_that_the_new_role_may_make(alice: Business, clock: TurnedClock) -> None:
    bob = works_for(alice, BOB, Role.OWNER)
    for email, role in (("fay@harbour.example", Role.OWNER), ("gil@harbour.example", Role.VIEWER)):
        invitations.invite(
            organization=alice.organization, email=email, role=role, invited_by=bob.user, now=clock.now()
        )

    team.change_role(membership=bob, role=Role.MANAGER, changed_by=alice.owner, now=clock.now())

    open_ones = Invitation.objects.filter(withdrawn_at=None)
    assert list(open_ones.values_list("email", flat=True)) == ["gil@harbour.example"]


def test_an_owner_with_a_second_factor_asks_everybody_for_one(alice: Business, clock: TurnedClock) -> None:
    give_second_factor(alice.owner)

    for is_required in (True, True, False):
        team.ask_for_second_factor(
            organization=alice.organization,
            is_required=is_required,
            decided_by=alice.owner,
            now=clock.now(),
        )

    assert Organization.objects.get(pk=alice.organization.pk).requires_second_factor is False
    assert [kind for kind, *_ in told()] == [
        TeamEvent.SECOND_FACTOR_REQUIRED,
        TeamEvent.SECOND_FACTOR_FREE,
    ]


def test_an_owner_without_a_second_factor_does_not_shut_themselves_out(
    alice: Business, clock: TurnedClock
) -> None:
    with pytest.raises(team.NoSecondFactorOfOnesOwn):
        team.ask_for_second_factor(
            organization=alice.organization, is_required=True, decided_by=alice.owner, now=clock.now()
        )

    assert Organization.objects.get(pk=alice.organization.pk).requires_second_factor is False
    assert told() == []


def test_an_invitation_that_was_written_down_is_not_deleted(alice: Business, clock: TurnedClock) -> None:
    invitation = invited(alice, now=clock.now())

    with pytest.raises(ProtectedError):
        invitation.delete()
