"""Staff and viewers who are limited to some properties: who decides it, what ends it, what is noted."""

from datetime import time

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from nuki_gateway.simulator import TurnedClock
from properties import invitations, limits, places, team
from properties.models import Membership, MembershipProperty, Property, TeamEntry, TeamEvent, User
from properties.reach import EVERYWHERE, Reach
from properties.roles import Role
from tests.properties.teams import link_to, send_due, works_for
from tests.visitors import Visitor, signed_in, words
from tests.worlds import ZONE, Business

BOB = "bob@harbour.example"


@pytest.fixture
def mill(alice: Business) -> Property:
    """A second house of Alice's."""
    return places.add_property(
        organization=alice.organization,
        name="Mill",
        time_zone=ZONE,
        check_in_time=time(15),
        check_out_time=time(10),
    )


def only(*properties: Property) -> Reach:
    return Reach(frozenset(place.pk for place in properties))


def limit(bob: Membership, alice: Business, clock: TurnedClock, *properties: Property) -> None:
    """Alice has Bob see these properties, or all again."""
    reach = only(*properties) if properties else EVERYWHERE
    team.change_role(membership=bob, role=Role.STAFF, reach=reach, changed_by=alice.owner, now=clock.now())


def seen_by(bob: Membership) -> Reach:
    return limits.reach_of(Membership.objects.get(pk=bob.pk))


def told() -> list[tuple[str, str, list[str]]]:
    """What was written down, the latest last."""
    return list(TeamEntry.objects.order_by("pk").values_list("kind", "role", "limited_to"))


def test_an_owner_limits_a_member_and_lifts_it_again(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    bob, seen = works_for(alice, BOB, Role.STAFF), []

    for properties in ((mill,), (mill,), (mill, alice.house), ()):
        limit(bob, alice, clock, *properties)
        seen.append(seen_by(bob))

    assert seen == [only(mill), only(mill), only(mill, alice.house), EVERYWHERE]
    assert told() == [
        (TeamEvent.LIMIT_CHANGED, Role.STAFF, ["Mill"]),
        (TeamEvent.LIMIT_CHANGED, Role.STAFF, ["House", "Mill"]),
        (TeamEvent.LIMIT_CHANGED, Role.STAFF, []),
    ]


@pytest.mark.parametrize(
    ("role", "is_limited"),
    [(Role.VIEWER, True), (Role.MANAGER, False), (Role.OWNER, False)],
    ids=str,
)
def test_the_limit_goes_along_to_a_role_that_can_be_limited_and_ends_with_others(
    alice: Business, mill: Property, clock: TurnedClock, role: Role, *, is_limited: bool
) -> None:
    bob = works_for(alice, BOB, Role.STAFF)
    limit(bob, alice, clock, mill)

    team.change_role(membership=bob, role=role, changed_by=alice.owner, now=clock.now())

    assert seen_by(bob) == (only(mill) if is_limited else EVERYWHERE)
    assert told()[-1] == (TeamEvent.ROLE_CHANGED, role, ["Mill"] if is_limited else [])
    assert MembershipProperty.objects.exists() is is_limited


def test_whoever_becomes_the_owner_sees_all(alice: Business, mill: Property, clock: TurnedClock) -> None:
    bob = works_for(alice, BOB, Role.STAFF)
    limit(bob, alice, clock, mill)

    team.transfer_ownership(membership=bob, transferred_by=alice.owner, now=clock.now())

    assert seen_by(bob) == EVERYWHERE


def test_a_manager_does_not_decide_what_others_see(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    bob, erin = works_for(alice, BOB, Role.STAFF), works_for(alice, "erin@harbour.example", Role.MANAGER)

    with pytest.raises(team.MayNotChangeTheTeam):
        team.change_role(
            membership=bob, role=Role.STAFF, reach=only(mill), changed_by=erin.user, now=clock.now()
        )

    assert (seen_by(bob), told()) == (EVERYWHERE, [])


def test_the_database_knows_no_limited_manager(alice: Business) -> None:
    erin = works_for(alice, "erin@harbour.example", Role.MANAGER)

    with pytest.raises(IntegrityError, match="owners_and_managers_see_all"), transaction.atomic():
        Membership.objects.filter(pk=erin.pk).update(is_limited=True)


def test_whoever_is_limited_to_a_property_that_is_gone_sees_none_and_not_all(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    bob = works_for(alice, BOB, Role.STAFF)
    limit(bob, alice, clock, mill)

    mill.delete()

    assert seen_by(bob) == Reach(frozenset())


@pytest.mark.parametrize(
    ("role", "is_limited"), [(Role.STAFF, True), (Role.VIEWER, True), (Role.MANAGER, False)], ids=str
)
def test_an_invitation_carries_the_limit(
    alice: Business, mill: Property, clock: TurnedClock, role: Role, *, is_limited: bool
) -> None:
    made = invitations.invite(
        organization=alice.organization,
        email=BOB,
        role=role,
        reach=only(mill),
        invited_by=alice.owner,
        now=clock.now(),
    )

    invitations.accept(invitation=made, user=User.objects.create_user(BOB), now=clock.now())

    bob = Membership.objects.get(user__email=BOB)
    names = ["Mill"] if is_limited else []
    assert seen_by(bob) == (only(mill) if is_limited else EVERYWHERE)
    assert told() == [(TeamEvent.INVITED, role, names), (TeamEvent.JOINED, role, names)]


def test_an_invitation_changes_nothing_for_whoever_works_there(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    made = invitations.invite(
        organization=alice.organization,
        email=BOB,
        role=Role.STAFF,
        reach=only(mill),
        invited_by=alice.owner,
        now=clock.now(),
    )
    bob = works_for(alice, BOB, Role.VIEWER)

    invitations.accept(invitation=made, user=bob.user, now=clock.now())

    assert (seen_by(bob), MembershipProperty.objects.count()) == (EVERYWHERE, 0)


def test_the_page_of_a_role_shows_the_limit_and_changes_it(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    bob, host = works_for(alice, BOB, Role.STAFF, name="Bob Berger"), signed_in(alice, clock)
    path = f"/team/{bob.pk}/role"

    host.post(path, {"role": "staff", "properties": [mill.pk]})
    form = host.get(path).context["form"]
    answer = host.get("/team")

    assert seen_by(bob) == only(mill)
    assert form.initial["properties"] == [mill.pk]
    assert [place.name for place in form.fields["properties"].queryset] == ["House", "Mill"]
    assert [one.role for one in answer.context["team"].members] == ["Owner", "Staff for Mill"]
    assert "alice@harbour.example changed what Bob Berger sees · Staff for Mill" in words(answer)
    host.post(path, {"role": "staff"})
    assert seen_by(bob) == EVERYWHERE
    assert "changed what Bob Berger sees · Staff for all properties" in words(host.get("/team"))


def test_properties_that_were_chosen_for_a_manager_are_left_out(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    bob = works_for(alice, BOB, Role.STAFF)

    signed_in(alice, clock).post(f"/team/{bob.pk}/role", {"role": "manager", "properties": [mill.pk]})

    assert (seen_by(bob), Membership.objects.get(pk=bob.pk).role) == (EVERYWHERE, Role.MANAGER)


@pytest.mark.parametrize("chosen", ["theirs", "0", "mill", ""], ids=str)
def test_a_property_that_is_not_ours_is_refused_at_the_field(
    alice: Business, charlie: Business, mill: Property, clock: TurnedClock, chosen: str
) -> None:
    bob = works_for(alice, BOB, Role.STAFF)
    limit(bob, alice, clock, mill)
    before = told()
    named = charlie.house.pk if chosen == "theirs" else chosen

    answer = signed_in(alice, clock).post(f"/team/{bob.pk}/role", {"role": "staff", "properties": [named]})

    assert list(answer.context["form"].errors) == ["properties"]
    assert (seen_by(bob), told()) == (only(mill), before)


def test_colleagues_are_not_told_which_other_properties_there_are(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    bob, erin = works_for(alice, BOB, Role.STAFF), works_for(alice, "erin@harbour.example", Role.STAFF)
    limit(bob, alice, clock, mill)

    roles = [
        [one.role for one in Visitor(clock).sign_in(one.user).get("/team").context["team"].members]
        for one in (bob, erin)
    ]

    assert roles == [["Owner", "Staff for Mill", "Staff"], ["Owner", "Staff", "Staff"]]


def test_whoever_is_invited_to_some_properties_reads_which(
    alice: Business, mill: Property, clock: TurnedClock
) -> None:
    sent = signed_in(alice, clock).post(
        "/team/invite", {"email": BOB, "role": "viewer", "properties": [mill.pk]}
    )
    send_due(now=clock.now())

    page = words(Visitor(clock).get(link_to(BOB)))
    team_page = signed_in(alice, clock).get("/team").context["team"]

    sentence = "As a viewer you see stays and properties. You see these properties: Mill."
    assert sent.headers["Location"] == "/team"
    assert sentence in page
    assert sentence in str(mail.outbox[-1].body)
    assert [one.role for one in team_page.invitations] == ["Viewer for Mill"]
