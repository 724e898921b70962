"""What the link in an invitation leads to, for strangers, for people who have an account, and for others."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from nuki_gateway.simulator import TurnedClock
from properties import invitations
from properties.middleware import RequestLog
from properties.models import Invitation, Membership, User
from properties.roles import Role
from tests.properties.teams import give_second_factor, invited, link_to, roles_in, send_due, works_for
from tests.visitors import Visitor, signed_in, words
from tests.worlds import PASSWORD, Business

BOB = "bob@harbour.example"
SIGN_UP = {"name": "Bob Berger", "email": BOB, "password1": PASSWORD}


@pytest.fixture
def link(alice: Business, clock: TurnedClock) -> str:
    """The path in the e-mail that invites Bob."""
    invited(alice, now=clock.now())
    send_due(now=clock.now())
    return link_to(BOB)


@pytest.fixture
def stranger(clock: TurnedClock) -> Visitor:
    return Visitor(clock)


def bob_at(clock: TurnedClock) -> Visitor:
    return Visitor(clock).sign_in(User.objects.create_user(BOB, PASSWORD))


def rows() -> list[object]:
    return [list(Membership.objects.values()), list(Invitation.objects.values()), User.objects.count()]


def test_looking_at_the_link_shows_business_and_role_and_changes_nothing(
    stranger: Visitor, link: str
) -> None:
    before = rows()

    answer = stranger.get(link)

    assert answer.status_code == 200
    assert "Join Harbour Stays" in words(answer)
    assert "As staff you book and change stays, and see their codes." in words(answer)
    assert (answer.headers["Referrer-Policy"], "no-store" in answer.headers["Cache-Control"]) == (
        "strict-origin",
        True,
    )
    assert BOB not in answer.content.decode()
    assert (rows(), list(stranger.client.session.keys())) == (before, [])


def test_a_stranger_signs_up_with_the_link_comes_back_and_joins(
    stranger: Visitor, alice: Business, link: str
) -> None:
    led = stranger.post(link, {"way": "sign-up"})
    form = stranger.get(led.headers["Location"])
    made = stranger.post("/accounts/signup/", SIGN_UP | {"next": link})
    back = stranger.get(made.headers["Location"])
    joined = stranger.post(link)

    assert led.headers["Location"].startswith("/accounts/signup/?next=%2Finvitations%2F")
    assert "Create an account" in words(form)
    assert (made.status_code, made.headers["Location"]) == (302, link)
    assert "You are signed in as bob@harbour.example." in words(back)
    assert (joined.status_code, joined.headers["Location"]) == (302, "/")
    bob = User.objects.get(email=BOB)
    assert (bob.name, roles_in(alice)["bob"]) == ("Bob Berger", Role.STAFF)
    (address,) = EmailAddress.objects.filter(user=bob)
    assert (address.email, address.verified, address.primary) == (BOB, True, True)
    assert "You are in the team of Harbour Stays." in words(stranger.get("/"))


def test_somebody_with_an_account_signs_in_comes_back_and_joins(
    stranger: Visitor, alice: Business, link: str
) -> None:
    bob = User.objects.create_user(BOB, PASSWORD)
    EmailAddress.objects.create(user=bob, email=BOB, verified=True, primary=True)

    led = stranger.post(link, {"way": "sign-in"})
    back = stranger.post("/accounts/login/", {"login": BOB, "password": PASSWORD, "next": link})
    stranger.post(link)

    assert led.headers["Location"].startswith("/accounts/login/?next=%2Finvitations%2F")
    assert back.headers["Location"] == link
    assert roles_in(alice) == {"alice": Role.OWNER, "bob": Role.STAFF}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"email": "mallory@evil.example"}, "email", id="another address"),
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"password1": "short"}, "password1", id="weak password"),
    ],
)
def test_a_sign_up_that_does_not_fit_the_invitation_makes_nobody(
    stranger: Visitor, link: str, changes: dict[str, str], field: str
) -> None:
    stranger.post(link, {"way": "sign-up"})
    before = User.objects.count()

    answer = stranger.post("/accounts/signup/", SIGN_UP | changes)

    assert list(answer.context["form"].errors) == [field]
    assert User.objects.count() == before
    assert BOB not in words(answer)


def test_a_sign_up_after_the_invitation_has_ended_makes_nobody(
    stranger: Visitor, alice: Business, link: str, clock: TurnedClock
) -> None:
    stranger.post(link, {"way": "sign-up"})
    invitations.withdraw(invitation=Invitation.objects.get(), withdrawn_by=alice.owner, now=clock.now())

    answer = stranger.post("/accounts/signup/", SIGN_UP)

    assert "Accounts are made by invitation" in words(answer)
    assert User.objects.filter(email=BOB).count() == 0


def test_another_person_reads_the_domain_and_nothing_more(
    alice: Business, charlie: Business, link: str, clock: TurnedClock
) -> None:
    visitor, before = signed_in(charlie, clock), rows()

    answers = [visitor.get(link), visitor.post(link)]

    assert [answer.status_code for answer in answers] == [403, 403]
    for answer in answers:
        assert "It was sent to an address at harbour.example ." in words(answer)
        assert "bob" not in words(answer)
        assert "Harbour Stays" not in words(answer)
        assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert (rows(), roles_in(alice)) == (before, {"alice": Role.OWNER})


def test_a_link_works_once_and_a_double_press_joins_once(
    alice: Business, link: str, clock: TurnedClock
) -> None:
    bob = bob_at(clock)

    statuses = [bob.post(link).status_code for _ in range(2)]

    assert statuses == [302, 410]
    assert roles_in(alice) == {"alice": Role.OWNER, "bob": Role.STAFF}
    assert "This invitation was used" in words(bob.get(link))


def test_an_invitation_that_expired_says_whom_to_ask(alice: Business, link: str, clock: TurnedClock) -> None:
    bob = bob_at(clock)
    Invitation.objects.update(expires_at=clock.now())

    answers = [bob.get(link), bob.post(link)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert "Ask alice@harbour.example for a new one." in words(answers[0])
    assert roles_in(alice) == {"alice": Role.OWNER}


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "ä", "../..", "0" * 4000])
def test_junk_in_the_place_of_a_token_is_not_found(stranger: Visitor, token: str) -> None:
    path = f"/invitations/{token}"

    assert {stranger.get(path).status_code, stranger.post(path).status_code} <= {404}


def test_who_has_two_businesses_is_in_the_new_one_after_joining(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    invited(alice, now=clock.now(), email="charlie@lindgren.example", role=Role.VIEWER)
    send_due(now=clock.now())
    visitor = signed_in(charlie, clock)

    visitor.post(link_to("charlie@lindgren.example"))

    request = visitor.get("/").wsgi_request
    assert (request.organization, request.role) == (alice.organization, Role.VIEWER)
    assert len(request.organizations) == 2


def test_an_invitation_is_open_to_a_member_of_a_business_that_asks_for_a_second_factor(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    charlie.organization.requires_second_factor = True
    charlie.organization.save()
    erin = works_for(charlie, "erin@lindgren.example", Role.STAFF)
    give_second_factor(charlie.owner)
    invited(alice, now=clock.now(), email="erin@lindgren.example")
    send_due(now=clock.now())
    visitor = Visitor(clock).sign_in(erin.user)

    assert visitor.get("/").status_code == 403
    assert visitor.post(link_to("erin@lindgren.example")).status_code == 302
    assert visitor.get("/").wsgi_request.organization == alice.organization


def test_a_form_without_its_token_of_the_session_is_refused(
    alice: Business, link: str, clock: TurnedClock
) -> None:
    bob = Visitor(clock, Client(enforce_csrf_checks=True)).sign_in(User.objects.create_user(BOB))

    assert bob.post(link).status_code == 403
    assert roles_in(alice) == {"alice": Role.OWNER}


def test_the_log_holds_no_token(stranger: Visitor, link: str) -> None:
    request = stranger.get(link).wsgi_request

    line = RequestLog.format_request(request)

    assert line == "GET /invitations/…"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", ["/accounts/confirm-email/a-key/", "/accounts/password/reset/key/1-a-key/"])
def test_the_log_holds_no_key_of_an_account(stranger: Visitor, path: str) -> None:
    line = RequestLog.format_request(stranger.get(path).wsgi_request)

    assert line == f"GET {path.partition('1-a-key')[0].partition('a-key')[0]}…"
