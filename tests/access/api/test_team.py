"""The team by programs: who is in it, who is invited, and an end to either. Owners are left to people."""

from typing import Any

import pytest

from access.models import AuditEntry
from nuki_gateway.simulator import TurnedClock
from properties import invitations
from properties.models import Invitation, Membership, TeamEntry, TeamEvent, User
from properties.reach import Reach
from properties.roles import Role
from tests.access.api.programs import Program, problem
from tests.worlds import Business


@pytest.fixture
def bob(alice: Business) -> Membership:
    """Bob works for Alice."""
    user = User.objects.create_user("bob@harbour.example", name="Bob")
    return Membership.objects.create(organization=alice.organization, user=user, role=Role.STAFF)


def test_everybody_is_listed_with_role_and_limits(
    program: Program, alice: Business, bob: Membership, clock: TurnedClock
) -> None:
    offered = invitations.invite(
        organization=alice.organization,
        email="nadia@harbour.example",
        role=Role.STAFF,
        invited_by=alice.owner,
        now=clock.now(),
        reach=Reach(frozenset({alice.house.pk})),
    )

    people = program.get("/memberships").json()["data"]
    waiting = program.get("/invitations").json()["data"]

    assert [(one["email"], one["role"], one["properties"]) for one in people] == [
        ("alice@harbour.example", "owner", None),
        ("bob@harbour.example", "staff", None),
    ]
    assert people[1]["id"] == f"member_{bob.pk}"
    assert waiting == [
        {
            "id": f"invitation_{offered.pk}",
            "email": "nadia@harbour.example",
            "role": "staff",
            "properties": [f"prop_{alice.house.pk}"],
            "state": "open",
            "invited_at": "2026-06-15T12:00:00Z",
            "expires_at": "2026-06-22T12:00:00Z",
            "sent_at": None,
        }
    ]


def test_somebody_is_invited_once_and_the_invitation_is_taken_back(program: Program, alice: Business) -> None:
    body = {"email": "Nadia@harbour.example", "role": "staff", "properties": [f"prop_{alice.house.pk}"]}

    made = program.post("/invitations", body, Idempotency_Key="one")
    replayed = program.post("/invitations", body, Idempotency_Key="one")
    again = program.post("/invitations", body)
    withdrawn = program.post(f"/invitations/{made.json()['id']}/withdraw")
    gone = program.post(f"/invitations/{made.json()['id']}/withdraw")

    assert (made.status_code, made.json()["email"], made.json()["state"]) == (
        201,
        "nadia@harbour.example",
        "open",
    )
    assert replayed.json() == made.json()
    assert problem(again) == (409, "address_invited")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert problem(gone) == (404, "not_found")
    assert [one.kind for one in TeamEntry.objects.order_by("pk")][1:] == [
        TeamEvent.INVITED,
        TeamEvent.INVITATION_WITHDRAWN,
    ]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        pytest.param({"role": "owner"}, "role", "invalid_choice", id="an owner"),
        pytest.param({"email": "nadia"}, "email", "invalid", id="no address"),
        pytest.param({"properties": []}, "properties", "min_length", id="no property at all"),
        pytest.param({"properties": ["unit_1"]}, "properties.0", "invalid_id", id="ids of another kind"),
        pytest.param(
            {"role": "manager", "properties": ["prop_1"]},
            "properties",
            "not_limitable",
            id="a limited manager",
        ),
    ],
)
def test_what_cannot_be_offered_is_refused_and_nobody_is_invited(
    program: Program, change: dict[str, Any], field: str, code: str
) -> None:
    answer = program.post("/invitations", {"email": "nadia@harbour.example", "role": "staff"} | change)

    assert problem(answer) == (400, "invalid_request")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert not Invitation.objects.exists()


def test_properties_of_others_cannot_be_offered_nor_members_be_invited(
    program: Program, charlie: Business, bob: Membership
) -> None:
    body = {"email": "nadia@harbour.example", "role": "staff"}

    theirs = program.post("/invitations", body | {"properties": [f"prop_{charlie.house.pk}"]})
    member = program.post("/invitations", body | {"email": bob.user.email})

    assert (problem(theirs), theirs.json()["field"]) == ((404, "not_found"), "properties")
    assert problem(member) == (409, "address_of_member")
    assert not Invitation.objects.exists()


def test_a_member_is_removed_and_no_owner_is(program: Program, alice: Business, bob: Membership) -> None:
    owner = Membership.objects.get(user=alice.owner)
    second = User.objects.create_user("olga@harbour.example")
    other = Membership.objects.create(organization=alice.organization, user=second, role=Role.OWNER)

    removed, replayed = (
        program.post(f"/memberships/member_{bob.pk}/remove", Idempotency_Key="one") for _ in range(2)
    )
    again = program.post(f"/memberships/member_{bob.pk}/remove")
    owners = [program.post(f"/memberships/member_{one.pk}/remove") for one in (owner, other)]

    assert (removed.status_code, removed.json()["email"]) == (200, "bob@harbour.example")
    assert replayed.json() == removed.json()
    assert problem(again) == (404, "not_found")
    assert {problem(one) for one in owners} == {(409, "is_owner")}
    assert set(Membership.objects.values_list("pk", flat=True)) == {owner.pk, other.pk}


def test_a_key_does_no_more_than_its_maker_may(program: Program, alice: Business, bob: Membership) -> None:
    Membership.objects.filter(user=alice.owner).update(role=Role.MANAGER)

    removed = program.post(f"/memberships/member_{bob.pk}/remove")
    invited = program.post("/invitations", {"email": "nadia@harbour.example", "role": "manager"})
    staff = program.post("/invitations", {"email": "nadia@harbour.example", "role": "staff"})

    assert {problem(one) for one in (removed, invited)} == {(403, "scope_missing")}
    assert staff.status_code == 201
    assert Membership.objects.filter(pk=bob.pk).exists()
    assert not AuditEntry.objects.exists()
