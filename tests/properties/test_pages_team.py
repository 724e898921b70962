"""The team's page and what is done from it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nuki_gateway.simulator import TurnedClock
from properties.models import Invitation, Membership, Organization, TeamEntry, User
from properties.roles import Role
from properties.team_views import PAGE_LENGTH
from tests.properties.teams import give_second_factor, invited, roles_in, send_due, works_for
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import PASSWORD, Business

BOB = "bob@harbour.example"
MOST_QUERIES = 12


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def test_the_owner_sees_who_works_here_and_who_is_invited(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    erin = works_for(alice, "erin@harbour.example", Role.MANAGER, name="Erin Engel")
    give_second_factor(erin.user)
    sent = invited(alice, now=clock.now())
    send_due(now=clock.now())
    waiting = invited(alice, now=clock.now(), email="fay@harbour.example", role=Role.VIEWER)

    answer = host.get("/team")

    view = answer.context["team"]
    assert [(one.name, one.role, one.is_you, one.has_second_factor) for one in view.members] == [
        ("alice@harbour.example", "Owner", True, False),
        ("Erin Engel", "Manager", False, True),
    ]
    assert view.members[1].remove_url == f"/team/{erin.pk}/remove"
    assert view.members[0].remove_url == ""
    assert [(one.email, one.role, one.word, one.withdraw_url) for one in view.invitations] == [
        ("fay@harbour.example", "Viewer", "Is being sent", f"/team/invitations/{waiting.pk}/withdraw"),
        (BOB, "Staff", "Sent, not answered yet", f"/team/invitations/{sent.pk}/withdraw"),
    ]
    assert "alice@harbour.example invited bob@harbour.example · Staff" in words(answer)
    check_page(answer)


def test_the_page_of_an_invitation_that_expired_or_could_not_be_sent_says_so(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    Invitation.objects.filter(pk=invited(alice, now=clock.now()).pk).update(attempts=2)
    old = invited(alice, now=clock.now(), email="fay@harbour.example")
    Invitation.objects.filter(pk=old.pk).update(expires_at=clock.now(), due_at=None)

    view = host.get("/team").context["team"]

    assert [(one.tone, one.word) for one in view.invitations] == [
        ("past", "Expired"),
        ("look", "Not sent yet, we try again"),
    ]


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER], ids=str)
def test_others_see_the_team_and_no_button_but_to_leave(
    alice: Business, clock: TurnedClock, role: Role
) -> None:
    visitor = with_role(alice, clock, role)
    invited(alice, now=clock.now(), email="fay@harbour.example")

    answer = visitor.get("/team")

    view = answer.context["team"]
    assert (len(view.members), view.invitations, view.history) == (2, [], [])
    assert (view.invite_url, view.second_factor_url, view.leave_url) == ("", "", "/team/leave")
    assert {one.remove_url + one.role_url + one.transfer_url for one in view.members} == {""}
    assert "Password only" not in words(answer)
    assert "fay@harbour.example" not in words(answer)


def test_a_manager_deals_with_the_invitations_that_they_could_make(
    alice: Business, clock: TurnedClock
) -> None:
    visitor = with_role(alice, clock, Role.MANAGER)
    invited(alice, now=clock.now(), email="fay@harbour.example", role=Role.OWNER)
    staff = invited(alice, now=clock.now(), email="gil@harbour.example")

    view = visitor.get("/team").context["team"]
    choices = visitor.get("/team/invite").context["form"].fields["role"].choices

    assert [one.again_url for one in view.invitations] == [f"/team/invitations/{staff.pk}/again", ""]
    assert [value for value, _ in choices] == [Role.STAFF, Role.VIEWER]


def test_the_owner_invites_and_a_second_press_says_that_it_was_done(host: Visitor) -> None:
    wanted = {"email": "Bob@Harbour.example", "role": "staff"}

    first, second = host.post("/team/invite", wanted), host.post("/team/invite", wanted)

    assert (first.status_code, first.headers["Location"]) == (302, "/team")
    assert second.context["form"].errors["email"] == [
        "This address was invited already. You can send it again on the team's page."
    ]
    made = Invitation.objects.get()
    assert (made.email, made.role) == (BOB, Role.STAFF)
    check_page(second)


REQUIRED = ["This field is required."]


@pytest.mark.parametrize(
    ("wanted", "errors"),
    [
        pytest.param({"email": ""}, {"email": REQUIRED, "role": REQUIRED}, id="nothing at all"),
        pytest.param(
            {"email": "bob", "role": "staff"}, {"email": ["Enter a valid email address."]}, id="no address"
        ),
        pytest.param(
            {"email": BOB, "role": "king"},
            {"role": ["Select a valid choice. king is not one of the available choices."]},
            id="no role",
        ),
        pytest.param(
            {"email": "alice@harbour.example", "role": "staff"},
            {"email": ["This person is in your team already."]},
            id="a member",
        ),
    ],
)
def test_what_cannot_be_an_invitation_is_said_at_its_field(
    host: Visitor, wanted: dict[str, str], errors: dict[str, list[str]]
) -> None:
    answer = host.post("/team/invite", wanted)

    assert answer.status_code == 200
    assert answer.context["form"].errors == errors
    assert Invitation.objects.count() == 0


def test_a_manager_cannot_send_a_role_that_the_form_does_not_offer(
    alice: Business, clock: TurnedClock
) -> None:
    answer = with_role(alice, clock, Role.MANAGER).post("/team/invite", {"email": BOB, "role": "owner"})

    assert "role" in answer.context["form"].errors
    assert Invitation.objects.count() == 0


def test_an_invitation_is_sent_again_and_withdrawn_from_the_page(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    path = f"/team/invitations/{invited(alice, now=clock.now()).pk}"

    again = host.post(f"{path}/again")
    asked = host.get(f"{path}/withdraw")
    withdrawn = [host.post(f"{path}/withdraw") for _ in range(2)]

    assert (again.status_code, [one.status_code for one in withdrawn]) == (302, [302, 302])
    assert "Withdraw the invitation of bob@harbour.example?" in words(asked)
    assert Invitation.objects.get().withdrawn_at == clock.now()
    assert "This invitation was accepted or withdrawn in the meantime." in words(host.get("/team"))
    check_page(asked)


def test_a_role_is_changed(host: Visitor, alice: Business) -> None:
    bob = works_for(alice, BOB, Role.STAFF, name="Bob Berger")

    form = host.get(f"/team/{bob.pk}/role")
    wrong = host.post(f"/team/{bob.pk}/role", {"role": "king"})
    answer = host.post(f"/team/{bob.pk}/role", {"role": "manager"})

    assert "Bob Berger" in words(form)
    assert "role" in wrong.context["form"].errors
    assert (answer.status_code, roles_in(alice)["bob"]) == (302, Role.MANAGER)
    check_page(form)


def test_the_last_owner_is_told_what_to_do_first(host: Visitor, alice: Business) -> None:
    own = Membership.objects.get(user=alice.owner)

    host.post(f"/team/{own.pk}/role", {"role": "viewer"})
    host.post("/team/leave", {"organization": alice.organization.pk})

    assert roles_in(alice) == {"alice": Role.OWNER}
    assert (
        words(host.get("/team")).count("A business needs an owner. Make somebody else an owner first.") == 2
    )


def test_who_is_removed_loses_the_business_with_their_next_click(alice: Business, clock: TurnedClock) -> None:
    visitor = with_role(alice, clock, Role.MANAGER)
    bob = Membership.objects.get(user__email=BOB)
    before = visitor.get("/").status_code

    asked = signed_in(alice, clock).get(f"/team/{bob.pk}/remove")
    signed_in(alice, clock).post(f"/team/{bob.pk}/remove")

    assert "Remove Bob Berger from Harbour Stays?" in words(asked)
    assert (before, visitor.get("/").status_code) == (200, 403)
    check_page(asked)


def test_who_leaves_twice_by_a_double_press_leaves_one_business(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    visitor = with_role(alice, clock, Role.STAFF)
    bob = User.objects.get(email=BOB)
    Membership.objects.create(organization=charlie.organization, user=bob, role=Role.STAFF)
    asked = visitor.get("/b/harbour-stays/team/leave")
    pressed = {"organization": str(alice.organization.pk)}

    answers = [
        visitor.post(path, pressed)
        for path in ("/b/harbour-stays/team/leave", "/b/harbour-stays/team/leave", "/team/leave")
    ]

    assert "Leave Harbour Stays?" in words(asked)
    assert [answer.headers.get("Location") for answer in answers] == ["/", None, "/team"]
    assert [place.organization for place in Membership.objects.filter(user=bob)] == [charlie.organization]


def test_ownership_is_transferred_once_the_owner_has_shown_who_they_are(
    host: Visitor, alice: Business
) -> None:
    bob = works_for(alice, BOB, Role.MANAGER, name="Bob Berger")
    path = f"/team/{bob.pk}/owner"

    asked = host.get(path)
    first = host.post(path)
    unchanged = roles_in(alice)
    wrong = host.post(first.headers["Location"], {"password": "wrong"})
    still = roles_in(alice)
    right = host.post(first.headers["Location"], {"password": PASSWORD, "next": path})

    assert "Make Bob Berger the owner of Harbour Stays?" in words(asked)
    assert "You, alice@harbour.example, become a manager." in words(asked)
    assert first.headers["Location"] == f"/accounts/reauthenticate/?next=%2Fteam%2F{bob.pk}%2Fowner"
    assert unchanged == still == {"alice": Role.OWNER, "bob": Role.MANAGER}
    assert (wrong.status_code, right.status_code) == (200, 302)
    assert roles_in(alice) == {"alice": Role.MANAGER, "bob": Role.OWNER}
    check_page(asked)
    check_page(wrong)


def test_the_rule_about_second_factors_asks_the_owner_to_set_up_theirs_first(
    host: Visitor, alice: Business
) -> None:
    before = host.get("/team/second-factor")
    host.post("/team/second-factor", {"required": "yes"})
    refused = Organization.objects.get(pk=alice.organization.pk).requires_second_factor
    give_second_factor(alice.owner)
    with_own = host.get("/team/second-factor")
    host.post("/team/second-factor", {"required": "yes"})
    asked = host.get("/team/second-factor")

    assert "Set up my second factor" in words(before)
    assert refused is False
    assert "Ask everybody" in words(with_own)
    assert "Leave it to everybody" in words(asked)
    assert "Everybody has to sign in with a second factor" in words(host.get("/team"))
    host.post("/team/second-factor", {"required": "no"})
    assert Organization.objects.get(pk=alice.organization.pk).requires_second_factor is False
    check_page(before)


def in_pages(host: Visitor, path: str) -> int:
    with CaptureQueriesContext(connection) as made:
        assert host.get(path).status_code == 200
    return len(made)


def test_a_large_team_costs_as_many_queries_as_a_small_one(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    counts = []
    for number in range(30):
        works_for(alice, f"person-{number}@harbour.example", Role.STAFF)
        invited(alice, now=clock.now(), email=f"guest-{number}@harbour.example")
        if number in {2, 29}:
            counts.append(in_pages(host, "/team"))

    assert counts[0] == counts[1] <= MOST_QUERIES


def test_a_larger_team_goes_on_on_the_next_page(host: Visitor, alice: Business) -> None:
    for number in range(PAGE_LENGTH):
        works_for(alice, f"person-{number:02}@harbour.example", Role.STAFF)

    first = host.get("/team").context["team"]
    second = host.get(f"/team{first.next_url}").context["team"]
    junk = host.get("/team?after=x").context["team"]

    assert (len(first.members), [one.name for one in second.members]) == (
        PAGE_LENGTH,
        [f"person-{PAGE_LENGTH - 1}@harbour.example"],
    )
    assert (second.next_url, junk.members) == ("", first.members)


FORBIDDEN: dict[str, Callable[[Membership, Invitation], tuple[str, dict[str, Any]]]] = {
    "role": lambda erin, _: (f"/team/{erin.pk}/role", {"role": "viewer"}),
    "removal": lambda erin, _: (f"/team/{erin.pk}/remove", {}),
    "ownership": lambda erin, _: (f"/team/{erin.pk}/owner", {}),
    "rule": lambda *_: ("/team/second-factor", {"required": "yes"}),
}


@pytest.mark.parametrize("what", FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_manager_changes_nothing_in_the_team(
    alice: Business,
    clock: TurnedClock,
    what: Callable[[Membership, Invitation], tuple[str, dict[str, Any]]],
) -> None:
    erin, offered = works_for(alice, "erin@harbour.example", Role.STAFF), invited(alice, now=clock.now())
    visitor = with_role(alice, clock, Role.MANAGER)
    before, written = roles_in(alice), TeamEntry.objects.count()
    path, fields = what(erin, offered)

    answers = {visitor.get(path).status_code, visitor.post(path, fields).status_code}

    assert answers == {403}
    assert (roles_in(alice), TeamEntry.objects.count()) == (before, written)


def test_charlie_reaches_nobody_of_alices_team(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    erin, offered = works_for(alice, "erin@harbour.example", Role.STAFF), invited(alice, now=clock.now())
    visitor = signed_in(charlie, clock)
    paths = [f"/team/{erin.pk}/{what}" for what in ("role", "remove", "owner")]
    paths += [f"/team/invitations/{offered.pk}/{what}" for what in ("again", "withdraw")]

    answers = [visitor.post(path, {"role": "owner"}).status_code for path in paths]

    assert answers == [404] * 5
    assert roles_in(alice) == {"alice": Role.OWNER, "erin": Role.STAFF}
    assert "erin" not in words(visitor.get("/team"))
