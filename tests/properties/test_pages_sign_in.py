"""Signing in and out, and who is let into which page."""

import pytest
from django.core.cache import cache
from django.test import Client

from nuki_gateway.simulator import TurnedClock
from properties.models import User
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import PASSWORD, Business

PAGES = (
    "/",
    "/stays/all",
    "/stays/book",
    "/properties",
    "/properties/add",
    "/nuki-accounts",
    "/nuki-accounts/connect",
)


@pytest.fixture(autouse=True)
def _forgotten_tries() -> None:
    """Wrong passwords are counted in the cache, which tests share."""
    cache.clear()


@pytest.fixture
def stranger(clock: TurnedClock) -> Visitor:
    return Visitor(clock)


def test_the_right_password_leads_to_the_page_that_was_asked_for(stranger: Visitor, alice: Business) -> None:
    asked = stranger.get("/properties")
    answer = stranger.post(
        asked.headers["Location"],
        {"login": "Alice@Harbour.example", "password": PASSWORD, "next": "/properties"},
    )

    assert (asked.status_code, asked.headers["Location"]) == (302, "/accounts/login/?next=/properties")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/properties")
    assert stranger.get("/properties").wsgi_request.user == alice.owner


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("alice@harbour.example", "wrong", id="wrong password"),
        pytest.param("nobody@harbour.example", PASSWORD, id="nobody of that address"),
    ],
)
def test_a_wrong_sign_in_says_the_same_whether_or_not_the_address_is_known(
    stranger: Visitor, login: str, password: str
) -> None:
    answer = stranger.post("/accounts/login/", {"login": login, "password": password})

    assert answer.status_code == 200
    assert answer.context["form"].errors == {
        "__all__": ["The email address and/or password you specified are not correct."]
    }
    assert stranger.get("/").status_code == 302
    check_page(answer)


@pytest.mark.usefixtures("alice")
def test_too_many_wrong_passwords_are_stopped(stranger: Visitor) -> None:
    wrong = {"login": "alice@harbour.example", "password": "wrong"}

    answers = [stranger.post("/accounts/login/", wrong) for _ in range(6)]

    assert "Too many failed login attempts. Try again later." in words(answers[-1])
    assert stranger.get("/").status_code == 302


@pytest.mark.usefixtures("db")
def test_the_sign_in_page_is_in_our_look(stranger: Visitor) -> None:
    answer = stranger.get("/accounts/login/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "/static/keyturn/keyturn.css" in page
    assert 'autocomplete="current-password"' in page
    assert "<title>\n  Sign in\n · Keyturn</title>" in page
    check_page(answer)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/logout/", "/accounts/password/reset/"])
def test_every_other_page_of_allauth_that_can_be_reached_is_in_our_look(stranger: Visitor, path: str) -> None:
    answer = stranger.get(path, follow=True)

    assert answer.status_code == 200
    assert "/static/keyturn/keyturn.css" in answer.content.decode()
    check_page(answer)


@pytest.mark.usefixtures("db")
def test_nobody_signs_up_by_themselves(stranger: Visitor) -> None:
    stranger.post("/accounts/signup/", {"email": "eve@evil.example", "password1": PASSWORD})

    assert User.objects.count() == 0


def test_signing_out_takes_a_button_and_ends_the_session(alice: Business, clock: TurnedClock) -> None:
    visitor = signed_in(alice, clock)

    looked = visitor.get("/accounts/logout/")
    still = visitor.get("/").status_code
    visitor.post("/accounts/logout/")

    assert (looked.status_code, still, visitor.get("/").status_code) == (200, 200, 302)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_asked_to_sign_in(stranger: Visitor, path: str) -> None:
    answer = stranger.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={path}")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", PAGES)
def test_a_person_without_a_business_is_told_what_to_do(clock: TurnedClock, path: str) -> None:
    eve = User.objects.create_user("eve@nowhere.example", PASSWORD)
    visitor = Visitor(clock).sign_in(eve)

    answer = visitor.get(path)

    assert answer.status_code == 403
    assert "Ask the owner of the business to add you as eve@nowhere.example ." in words(answer)
    check_page(answer)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        *[
            pytest.param(path, Role.VIEWER, id=f"viewer at {path}")
            for path in ("/stays/book", "/properties/add", "/nuki-accounts/connect")
        ],
        *[
            pytest.param(path, Role.STAFF, id=f"staff at {path}")
            for path in ("/properties/add", "/nuki-accounts/connect")
        ],
    ],
)
def test_a_page_that_the_role_does_not_include_says_so(
    alice: Business, clock: TurnedClock, path: str, role: Role
) -> None:
    answer = with_role(alice, clock, role).get(path)

    assert answer.status_code == 403
    assert "Your role in this business does not include it." in words(answer)
    check_page(answer)


def test_a_page_that_is_not_there_is_in_our_look(alice: Business, clock: TurnedClock) -> None:
    answer = signed_in(alice, clock).get("/no/such/page")

    assert answer.status_code == 404
    assert "There is nothing here" in words(answer)
    check_page(answer)


def test_a_form_without_its_token_is_refused_in_our_look_and_changes_nothing(
    alice: Business, clock: TurnedClock
) -> None:
    visitor = Visitor(clock, Client(enforce_csrf_checks=True)).sign_in(alice.owner)

    answer = visitor.post("/properties/add", {"name": "Unwanted"})

    assert answer.status_code == 403
    assert "This form had grown old" in words(answer)
    assert alice.organization.pk == alice.house.organization_id
    check_page(answer)
