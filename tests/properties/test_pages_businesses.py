"""Which business one is in stands in the address: for people of several, in several windows."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import get_script_prefix
from pytest_django.fixtures import Settings

from access.models import Stay
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import addresses, organizations, tenancy
from properties.middleware import RequestLog
from properties.models import Membership, Organization, Property, User
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import PASSWORD, Business

ALICES, CHARLIES = "/b/harbour-stays", "/b/lindgren-lodging"
WHOLE_PAGE = {"Accept": "text/html,application/xhtml+xml"}
HTMX = {"HX-Request": "true", "Accept": "text/html, */*"}


@pytest.fixture
def host(alice: Business, charlie: Business, clock: TurnedClock) -> Visitor:
    """Alice, who is a manager of Charlie's business besides."""
    Membership.objects.create(organization=charlie.organization, user=alice.owner, role=Role.MANAGER)
    return signed_in(alice, clock)


def led_to(visitor: Visitor, path: str) -> str:
    """Where the way in leads; nowhere if the page is served as it is."""
    with visitor.now():
        answer = visitor.client.get(path)
    assert answer.status_code == (302 if "Location" in answer.headers else 200)
    return str(answer.headers.get("Location", ""))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        pytest.param("Harbour Stays", "harbour-stays", id="words"),
        pytest.param("Zürichs Häuser & Söhne", "zurichs-hauser-sohne", id="letters with marks"),
        pytest.param("_Flat_24_", "flat-24", id="underscores"),
        pytest.param("東京", "business", id="letters that addresses do not take"),
        pytest.param("x" * 100, "x" * 50, id="long"),
    ],
)
def test_a_business_is_called_in_addresses_after_its_name(name: str, slug: str) -> None:
    assert addresses.slug_of(name) == slug
    assert addresses.slug_of(name, 2) == f"{slug[:48]}-2"
    assert addresses.taken_apart(f"/b/{slug}/stays/7") == (slug, "/stays/7")


@pytest.mark.django_db
def test_businesses_of_one_name_differ_and_a_new_name_changes_no_address() -> None:
    ours = [
        organizations.found(name="Sea View", owner_email=f"{name}@sea.example") for name in ("a", "b", "c")
    ]
    organizations.change(organization=ours[0], name="Mountain View", reply_to="a@sea.example")

    slugs = [Organization.objects.get(pk=one.pk).slug for one in ours]
    assert slugs == ["sea-view", "sea-view-2", "sea-view-3"]


@pytest.mark.django_db
def test_businesses_that_were_there_before_are_called_after_their_names() -> None:
    names = ["Sea View", "sea view", "東京", "Sea-View 2"]
    made = [Organization.objects.create(name=name, reply_to="a@sea.example") for name in names]
    before = {Organization.objects.get(pk=one.pk).slug for one in made}

    with connection.schema_editor() as editor:
        import_module("properties.migrations.0018_slugs_from_names").name_them(apps, editor)

    slugs = [Organization.objects.get(pk=one.pk).slug for one in made]
    assert len(before) == 4
    assert slugs == ["sea-view", "sea-view-2", "business", "sea-view-2-2"]


def test_whoever_comes_in_is_led_to_the_business_and_stays_in_it(alice: Business, clock: TurnedClock) -> None:
    visitor = signed_in(alice, clock)

    came = led_to(visitor, "/")
    page = visitor.get(f"{ALICES}/")

    assert came == f"{ALICES}/"
    ways = [href for href in page.content.decode().split('href="')[1:] if href.startswith("/")]
    outside = [way.partition('"')[0] for way in ways if not way.startswith((f"{ALICES}/", "/static/"))]
    assert outside == ["/manifest.webmanifest"]
    assert f'data-live-url="{ALICES}/live"' in page.content.decode()
    assert get_script_prefix() == "/"
    check_page(page)


def test_other_addresses_are_served_as_they_are_to_people_of_one_business(
    alice: Business, clock: TurnedClock
) -> None:
    assert led_to(signed_in(alice, clock), "/properties") == ""


def test_people_of_several_are_led_to_the_one_used_last(host: Visitor) -> None:
    first = led_to(host, "/stays/all?q=ada")
    host.get(f"{CHARLIES}/doors", headers=WHOLE_PAGE)
    then = [led_to(host, path) for path in ("/", "/stays/all?q=ada")]

    assert first == f"{ALICES}/stays/all?q=ada"
    assert then == [f"{CHARLIES}/", f"{CHARLIES}/stays/all?q=ada"]


def test_what_an_open_page_asks_for_by_itself_is_no_use_of_its_business(host: Visitor) -> None:
    host.get(f"{CHARLIES}/doors", headers=WHOLE_PAGE)
    host.get(f"{ALICES}/activity/latest", headers=HTMX)
    host.post(f"{ALICES}/settings/alert-mail", {"mail-alert_mail": "all"})

    assert led_to(host, "/") == f"{CHARLIES}/"


def test_the_switcher_leads_to_the_other_business(host: Visitor) -> None:
    page = host.get(f"{ALICES}/properties")

    assert f'href="{CHARLIES}/"' in page.content.decode()
    assert "Lindgren Lodging" in words(page)
    assert "Harbour Stays" in words(host.get(f"{CHARLIES}/"))
    assert host.get(f"{CHARLIES}/").wsgi_request.organization.name == "Lindgren Lodging"


def test_forms_in_two_windows_are_each_about_the_business_of_their_window(
    host: Visitor, alice: Business, charlie: Business
) -> None:
    for path in (f"{ALICES}/properties/add", f"{CHARLIES}/properties/add"):
        host.get(path, headers=WHOLE_PAGE)
    fields = {
        "time_zone": "Europe/Vienna",
        "check_in_time": "15:00",
        "check_out_time": "10:00",
        "grace_minutes": "0",
    }

    led = [
        host.post(f"{prefix}/properties/add", fields | {"name": name}).headers["Location"]
        for prefix, name in ((ALICES, "Hers"), (CHARLIES, "His"), (ALICES, "Hers, too"))
    ]

    assert [place.rpartition("/")[0] for place in led] == [
        f"{prefix}/properties" for prefix in (ALICES, CHARLIES, ALICES)
    ]
    with tenancy.across_organizations(because="the test compares two businesses"):
        names = {
            business.organization.slug: set(
                Property.objects.filter(organization=business.organization).values_list("name", flat=True)
            )
            for business in (alice, charlie)
        }
    assert names == {"harbour-stays": {"House", "Hers", "Hers, too"}, "lindgren-lodging": {"House", "His"}}


def test_parts_of_pages_in_two_windows_are_each_of_the_business_of_their_window(
    host: Visitor, alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    with tenancy.within(charlie.organization):
        other = charlie.book(now=clock.now(), guest_name="Tom Berg")

    parts = {
        (prefix, key): host.get(f"{prefix}/stays/{key}/live", headers=HTMX)
        for prefix in (ALICES, CHARLIES)
        for key in (stay.pk, other.pk)
    }

    assert {where: part.status_code for where, part in parts.items()} == {
        (ALICES, stay.pk): 200,
        (ALICES, other.pk): 404,
        (CHARLIES, stay.pk): 404,
        (CHARLIES, other.pk): 200,
    }
    assert f'hx-get="{CHARLIES}/stays/{other.pk}/live"' in parts[CHARLIES, other.pk].content.decode()
    assert Stay.objects.count() == 1


@pytest.mark.parametrize("slug", ["harbour-stays", "of-nobody", "Harbour-Stays", "-"])
def test_strangers_sign_in_and_come_back_to_the_whole_address(slug: str, alice: Business) -> None:
    path = f"/b/{slug}/stays/book?unit=7"
    browser = Client()

    asked = browser.get(path)

    known = slug != "Harbour-Stays"
    assert asked.status_code == (302 if known else 404)
    if known:
        assert asked.headers["Location"] == f"/accounts/login/?next=/b/{slug}/stays/book%3Funit%3D7"
        fields = {"login": alice.owner.email, "password": PASSWORD, "next": path}
        assert browser.post("/accounts/login/", fields).headers["Location"] == path


def test_pages_of_the_person_are_within_reach_of_whoever_has_no_place_in_the_business(
    charlie: Business, alice: Business, clock: TurnedClock
) -> None:
    assert alice
    visitor = signed_in(charlie, clock)

    answer = visitor.get(f"{ALICES}/accounts/email/?next=/doors")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/email/?next=/doors")
    assert visitor.post(f"{ALICES}/accounts/email/", {"action_add": ""}).status_code == 404
    assert visitor.get(f"{CHARLIES}/accounts/email/").status_code == 200


def test_what_others_call_has_no_business_in_its_address(
    alice: Business, clock: TurnedClock, settings: Settings, simulator: Simulator
) -> None:
    settings.PUBLIC_URL = "https://keys.example"
    simulator.add_account(name="Second", token="second-token")

    signed_in(alice, clock).post(
        f"{ALICES}/nuki-accounts/connect", {"name": "Second", "token": "second-token"}
    )

    (webhook,) = simulator.world.webhooks.values()
    assert webhook.url.startswith("https://keys.example/webhooks/nuki/")


def test_who_has_left_gets_to_where_they_still_are(alice: Business, clock: TurnedClock) -> None:
    bob = with_role(alice, clock, Role.STAFF)

    answer = bob.post(f"{ALICES}/team/leave", {"organization": str(alice.organization.pk)})

    assert answer.headers["Location"] == "/"
    assert bob.get("/").status_code == 403
    assert bob.get(f"{ALICES}/").status_code == 404


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/b/harbour-stays/stays/7", "GET /b/…/stays/7"),
        ("/b/harbour-stays", "GET /b/…/"),
        ("/b/harbour-stays/accounts/password/reset/key/3-abc/", "GET /b/…/accounts/password/reset/key/…"),
        ("/invitations/secret", "GET /invitations/…"),
        ("/stays/7", "GET /stays/7"),
    ],
)
def test_a_log_names_neither_business_nor_token(path: str, logged: str) -> None:
    assert RequestLog.format_request(RequestFactory().get(path, {"code": "384174"})) == logged


def test_the_lines_of_a_request_in_the_log_name_no_business(
    alice: Business, clock: TurnedClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        signed_in(alice, clock).get(f"{ALICES}/properties")
        signed_in(alice, clock).get(f"{ALICES}/stays/999")

    lines = [record.getMessage() for record in caplog.records if "django_structlog" in record.name]
    assert len(lines) == 4
    assert "harbour" not in json.dumps(lines)


def test_nobody_without_a_place_learns_which_businesses_there_are(
    alice: Business, clock: TurnedClock
) -> None:
    assert alice
    visitor = Visitor(clock).sign_in(User.objects.create_user("eve@nowhere.example", PASSWORD))

    answers = [visitor.get(f"/b/{slug}/") for slug in ("harbour-stays", "of-nobody")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert words(answers[0]) == words(answers[1])
    check_page(answers[0])
