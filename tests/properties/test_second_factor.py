"""Second factors: in our look, asked for at sign-in, encrypted, and required where a business says so."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from nuki_gateway.simulator import TurnedClock
from properties.models import Membership, User
from properties.roles import Role
from tests.properties.teams import code_now, give_second_factor, works_for
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import PASSWORD, Business

LOGIN = {"login": "alice@harbour.example", "password": PASSWORD}


@pytest.fixture
def visitor(clock: TurnedClock) -> Visitor:
    return Visitor(clock)


def require(business: Business) -> None:
    business.organization.requires_second_factor = True
    business.organization.save(update_fields=["requires_second_factor"])


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/second-factor/",
        "/accounts/second-factor/totp/activate/",
        "/accounts/second-factor/webauthn/add/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/sessions/",
    ],
)
@pytest.mark.usefixtures("alice")
def test_the_pages_of_an_account_have_our_frame(visitor: Visitor, path: str) -> None:
    visitor.post("/accounts/login/", LOGIN)
    if "activate" in path or "add" in path:
        visitor.post(f"/accounts/reauthenticate/?next={path}", {"password": PASSWORD})

    answer = visitor.get(path)

    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<header class="sidebar">' in page
    assert 'class="tabs"' in page
    check_page(answer)


def test_an_app_is_set_up_with_its_code_and_asked_for_from_then_on(
    visitor: Visitor, alice: Business, clock: TurnedClock
) -> None:
    visitor.post("/accounts/login/", LOGIN)
    activate = "/accounts/second-factor/totp/activate/"
    visitor.post(f"/accounts/reauthenticate/?next={activate}", {"password": PASSWORD})
    secret = visitor.get(activate).context["form"].secret

    wrong = visitor.post(activate, {"code": "000000"})
    right = visitor.post(activate, {"code": code_now(secret, now=clock.now())})

    assert "code" in wrong.context["form"].errors
    assert right.status_code == 302
    types = set(Authenticator.objects.filter(user=alice.owner).values_list("type", flat=True))
    assert types == {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}
    codes = visitor.get("/accounts/second-factor/recovery-codes/")
    assert len(codes.context["unused_codes"]) == 10
    check_page(codes)


def test_signing_in_takes_the_code_of_the_app(visitor: Visitor, alice: Business, clock: TurnedClock) -> None:
    secret = give_second_factor(alice.owner)

    first = visitor.post("/accounts/login/", LOGIN)
    between = visitor.get("/").status_code
    asked = visitor.get("/accounts/second-factor/authenticate/")
    visitor.post("/accounts/second-factor/authenticate/", {"code": "000000"})
    wrong = visitor.get("/").status_code
    visitor.post("/accounts/second-factor/authenticate/", {"code": code_now(secret, now=clock.now())})

    assert first.headers["Location"] == "/accounts/second-factor/authenticate/"
    assert (between, wrong, visitor.get("/").status_code) == (302, 302, 200)
    check_page(asked)


def test_secrets_are_stored_encrypted(alice: Business) -> None:
    secret = give_second_factor(alice.owner)

    stored = Authenticator.objects.get()
    assert secret not in str(stored.data)
    assert stored.wrap().validate_code("") is False


def test_who_has_none_is_led_to_set_it_up_before_anything_else(alice: Business, clock: TurnedClock) -> None:
    require(alice)
    visitor = signed_in(alice, clock)

    answers = {path: visitor.get(path).status_code for path in ("/", "/team", "/properties", "/live")}
    answer = visitor.get("/stays/book")

    assert set(answers.values()) == {403}
    assert "Harbour Stays asks for a second factor" in words(answer)
    assert "a stolen password alone opens none" in words(answer)
    assert 'href="/accounts/second-factor/"' in answer.content.decode()
    assert visitor.get("/accounts/second-factor/").status_code == 200
    assert visitor.post("/properties/add", {"name": "Unwanted"}).status_code == 403
    check_page(answer)


def test_who_has_one_goes_on(alice: Business, clock: TurnedClock) -> None:
    require(alice)
    give_second_factor(alice.owner)

    assert signed_in(alice, clock).get("/").status_code == 200


def test_codes_for_emergencies_alone_are_no_second_factor(alice: Business, clock: TurnedClock) -> None:
    require(alice)
    Authenticator.objects.create(user=alice.owner, type=Authenticator.Type.RECOVERY_CODES, data={})

    assert signed_in(alice, clock).get("/").status_code == 403


def test_another_business_of_theirs_stays_within_reach(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    require(alice)
    bob = works_for(alice, "bob@harbour.example", Role.STAFF).user
    Membership.objects.create(organization=charlie.organization, user=bob, role=Role.VIEWER)
    visitor = Visitor(clock).sign_in(bob)

    answer = visitor.get("/")

    assert "Go to Lindgren Lodging" in words(answer)
    assert 'href="/b/lindgren-lodging/"' in answer.content.decode()
    assert visitor.get("/b/lindgren-lodging/").status_code == 200


@pytest.mark.usefixtures("db")
def test_a_person_without_a_business_has_an_account_page(clock: TurnedClock) -> None:
    eve = User.objects.create_user("eve@nowhere.example", PASSWORD)

    answer = Visitor(clock).sign_in(eve).get("/accounts/second-factor/")

    assert answer.status_code == 200
    assert '<header class="sidebar">' not in answer.content.decode()
    check_page(answer)


def test_another_address_counts_once_its_code_was_typed(visitor: Visitor, alice: Business) -> None:
    visitor.post("/accounts/login/", LOGIN)
    wanted = {"email": "alice@new.example", "action_add": ""}
    visitor.post("/accounts/reauthenticate/?next=/accounts/email/", {"password": PASSWORD})

    led = visitor.post("/accounts/email/", wanted)
    asked = visitor.get(led.headers["Location"])
    before = User.objects.get(pk=alice.owner.pk).email
    (sent,) = mail.outbox
    visitor.post(led.headers["Location"], {"code": str(sent.subject)[:6]})

    assert "We sent six digits to alice@new.example ." in words(asked)
    assert (sent.to, before) == (["alice@new.example"], "alice@harbour.example")
    assert User.objects.get(pk=alice.owner.pk).email == "alice@new.example"
    check_page(asked)


@pytest.mark.usefixtures("alice")
def test_other_sessions_are_signed_out(visitor: Visitor, clock: TurnedClock) -> None:
    elsewhere = Visitor(clock)
    for one in (visitor, elsewhere):
        one.post("/accounts/login/", LOGIN)

    listed = visitor.get("/accounts/sessions/")
    visitor.post("/accounts/sessions/")

    assert len(listed.context["sessions"]) == 2
    assert (visitor.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)
