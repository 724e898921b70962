"""Signing up where that is open to everybody, and naming a business of one's own."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from pytest_django.fixtures import Settings

from nuki_gateway.simulator import TurnedClock
from properties import founding, tenancy
from properties.models import Membership, Organization, TeamEntry, User
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import PASSWORD, Business

pytestmark = pytest.mark.usefixtures("db")

NORA = "nora@newcomer.example"
SIGN_UP = {"name": "Nora Lind", "email": NORA, "password1": PASSWORD}
CODE_PAGE = "/accounts/confirm-email/"
FOUND = "/organization/found"


@pytest.fixture(autouse=True)
def _sign_up_is_open(settings: Settings) -> None:
    settings.SIGN_UP = "open"


@pytest.fixture
def stranger(clock: TurnedClock) -> Visitor:
    return Visitor(clock)


@pytest.fixture
def nora(clock: TurnedClock) -> Visitor:
    """Signed up, and without a business."""
    user = User.objects.create_user(NORA, PASSWORD, name="Nora Lind")
    EmailAddress.objects.create(user=user, email=NORA, verified=True, primary=True)
    return Visitor(clock).sign_in(user)


def sent_code() -> str:
    """The code in the latest letter."""
    return str(mail.outbox[-1].subject)[:6]


def test_who_signs_up_proves_the_address_names_a_business_and_is_led_on(stranger: Visitor) -> None:
    offered = stranger.get("/accounts/login/")
    form = stranger.get("/accounts/signup/")
    made = stranger.post("/accounts/signup/", SIGN_UP)
    asked = stranger.get(CODE_PAGE)
    out = stranger.get("/").status_code
    proved = stranger.post(CODE_PAGE, {"code": sent_code()})
    naming = stranger.get(proved.headers["Location"])
    named = stranger.post(FOUND, {"name": "Lind Rooms"})

    assert "Create an account" in words(offered)
    assert (made.headers["Location"], out) == (CODE_PAGE, 302)
    assert f"We sent six digits to {NORA} ." in words(asked)
    assert (proved.headers["Location"], named.headers["Location"]) == (FOUND, "/start")
    user = User.objects.get(email=NORA)
    assert (user.name, EmailAddress.objects.get(user=user).verified) == ("Nora Lind", True)
    business = Organization.objects.get()
    assert (business.name, business.reply_to) == ("Lind Rooms", NORA)
    assert list(Membership.objects.values_list("organization", "user", "role")) == [
        (business.pk, user.pk, Role.OWNER)
    ]
    assert "Nora Lind founded the business" in words(stranger.get("/team"))
    for page in (form, asked, naming):
        check_page(page)


def test_an_address_that_is_known_gets_the_same_answer_and_another_letter(
    stranger: Visitor, alice: Business
) -> None:
    before = User.objects.count()

    made = stranger.post("/accounts/signup/", SIGN_UP | {"email": alice.owner.email})
    page = words(stranger.get(CODE_PAGE))
    tried = stranger.post(CODE_PAGE, {"code": "123456"})

    assert made.headers["Location"] == CODE_PAGE
    assert f"We sent six digits to {alice.owner.email} ." in page
    assert (tried.status_code, stranger.get("/").status_code) == (200, 302)
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([alice.owner.email], "You have an account already")
    assert "so none was made" in str(letter.body)
    assert User.objects.count() == before


def test_three_wrong_codes_end_it_and_nobody_is_signed_in(stranger: Visitor) -> None:
    stranger.post("/accounts/signup/", SIGN_UP)
    wrong = "111111" if sent_code() != "111111" else "222222"

    answers = [stranger.post(CODE_PAGE, {"code": wrong}) for _ in range(3)]
    late = stranger.post(CODE_PAGE, {"code": sent_code()})

    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert late.headers["Location"] == "/accounts/login/"
    assert stranger.get("/").status_code == 302
    assert not EmailAddress.objects.get(email=NORA).verified


def test_another_code_can_be_asked_for_and_only_the_latest_counts(stranger: Visitor) -> None:
    stranger.post("/accounts/signup/", SIGN_UP)
    first = sent_code()
    stranger.clock.turn(seconds=30)

    stranger.post(CODE_PAGE, {"action": "resend"})
    second = sent_code()
    proved = stranger.post(CODE_PAGE, {"code": second})

    assert len(mail.outbox) == 2
    assert first != second
    assert proved.headers["Location"] == FOUND


def test_who_left_in_the_middle_signs_in_and_types_another_code(
    stranger: Visitor, clock: TurnedClock
) -> None:
    Visitor(clock).post("/accounts/signup/", SIGN_UP)
    clock.turn(seconds=30)

    again = stranger.post("/accounts/login/", {"login": NORA, "password": PASSWORD})
    stranger.post(CODE_PAGE, {"code": sent_code()})

    assert again.headers["Location"] == CODE_PAGE
    assert "set up a business of your own" in words(stranger.get("/"))


def test_too_many_sign_ups_from_one_place_are_stopped(stranger: Visitor) -> None:
    answers = [stranger.post("/accounts/signup/", {"email": f"a{number}"}) for number in range(21)]

    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        pytest.param("", "This field is required.", id="nothing"),
        pytest.param("   ", "This field is required.", id="spaces"),
        pytest.param("x" * 101, "Ensure this value has at most 100 characters (it has 101).", id="too long"),
    ],
)
def test_what_cannot_be_a_name_is_said_at_the_field(nora: Visitor, name: str, sentence: str) -> None:
    answer = nora.post(FOUND, {"name": name})

    assert answer.context["form"].errors == {"name": [sentence]}
    assert Organization.objects.count() == 0
    check_page(answer)


def test_a_business_that_is_named_twice_is_founded_once(nora: Visitor) -> None:
    answers = [nora.post(FOUND, {"name": "Lind Rooms"}) for _ in range(2)]
    user = User.objects.get(email=NORA)
    again = founding.found(name="Lind Rooms", founder=user, now=nora.clock.now())

    assert [answer.headers["Location"] for answer in answers] == ["/start", "/start"]
    assert Organization.objects.get() == again
    with tenancy.within(again):
        assert TeamEntry.objects.count() == 1


def test_who_works_for_a_business_founds_no_other(alice: Business, clock: TurnedClock) -> None:
    answer = signed_in(alice, clock).post(FOUND, {"name": "Another"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/start")
    assert Organization.objects.get() == alice.organization


def test_where_sign_up_is_closed_nobody_founds_a_business(nora: Visitor, settings: Settings) -> None:
    settings.SIGN_UP = "invited"

    answers = [nora.get(FOUND), nora.post(FOUND, {"name": "Lind Rooms"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "a business of your own" not in words(answers[0])
    assert Organization.objects.count() == 0


def test_a_stranger_is_asked_to_sign_in_before_naming_a_business(stranger: Visitor) -> None:
    answer = stranger.post(FOUND, {"name": "Lind Rooms"})

    assert answer.headers["Location"] == f"/accounts/login/?next={FOUND}"


def test_a_forgotten_password_is_answered_alike_whether_or_not_the_address_is_known(
    stranger: Visitor, alice: Business
) -> None:
    path = "/accounts/password/reset/"
    known = stranger.post(path, {"email": alice.owner.email})
    (letter,) = mail.outbox
    unknown = stranger.post(path, {"email": "nobody@nowhere.example"})
    link = next(word for word in str(letter.body).split() if "/reset/key/" in word)
    form = stranger.get(link.partition("testserver")[2], follow=True)

    assert known.headers["Location"] == unknown.headers["Location"] == "/accounts/password/reset/done/"
    assert len(mail.outbox) == 1
    assert "Choose a password" in words(form)
    for page in (stranger.get(path), stranger.get("/accounts/password/reset/done/"), form):
        check_page(page)
