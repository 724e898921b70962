"""A session that has ended, and a form that grew old: people get back to what they were doing."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from access.models import AuditEntry, Stay
from nuki_gateway.simulator import TurnedClock
from properties.models import Property
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import PASSWORD, Business

HERE = "http://testserver"
BOOK = "/b/harbour-stays/stays/book?unit=7"
NOTHING_SAVED = "You had been signed out, so nothing was saved. Please do it once more."


@pytest.fixture(autouse=True)
def _forgotten_tries() -> None:
    cache.clear()


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    """Alice, whose session ends while a page of hers is open."""
    visitor = signed_in(alice, clock)
    Session.objects.all().delete()
    return visitor


def login(visitor: Visitor, led: Any) -> Any:
    """Sign in on the page that one was led to; the page after it."""
    wanted = parse_qs(urlsplit(led).query)["next"][0]
    fields = {"login": "alice@harbour.example", "password": PASSWORD, "next": wanted}
    return visitor.get(visitor.post("/accounts/login/", fields).headers["Location"])


def htmx(page: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Current-URL": HERE + page}


def test_a_page_leads_to_signing_in_and_back_to_itself(host: Visitor) -> None:
    led = host.get(BOOK)

    assert (led.status_code, led.headers["Location"]) == (
        302,
        "/accounts/login/?next=/b/harbour-stays/stays/book%3Funit%3D7",
    )
    back = login(host, led.headers["Location"])
    assert back.wsgi_request.get_full_path() == BOOK
    assert NOTHING_SAVED not in words(back)


def test_a_form_that_was_sent_leads_back_to_its_page_which_says_that_nothing_was_saved(
    host: Visitor,
) -> None:
    led = host.post("/b/harbour-stays/stays/book", {"guest_name": "Ada"}, headers={"Referer": HERE + BOOK})
    at_sign_in = host.get(led.headers["Location"])
    back = login(host, led.headers["Location"])

    assert "You are signed out, so nothing was saved. Sign in to go on." in words(at_sign_in)
    assert back.wsgi_request.get_full_path() == BOOK
    assert NOTHING_SAVED in words(back)
    assert NOTHING_SAVED not in words(host.get(BOOK))
    assert Stay.objects.count() == 0
    check_page(back)


def test_what_has_no_page_of_its_own_leads_back_to_where_its_button_was(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    audited = AuditEntry.objects.count()
    page = f"/b/harbour-stays/stays/{stay.pk}"

    led = host.post(f"{page}/code", headers={"Referer": HERE + page})

    assert login(host, led.headers["Location"]).wsgi_request.get_full_path() == page
    assert AuditEntry.objects.count() == audited


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Referer": "https://evil.example/stays"}, id="another site"),
        pytest.param({"Referer": f"{HERE}//evil.example/"}, id="another site in disguise"),
        pytest.param({"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}, id="htmx elsewhere"),
        pytest.param({"HX-Request": "true", "HX-Current-URL": f"{HERE}//evil.example/"}, id="htmx disguised"),
    ],
)
def test_where_it_is_not_known_which_page_it_was_the_way_back_is_the_start(
    host: Visitor, said: dict[str, str]
) -> None:
    led = host.post("/b/harbour-stays/stays/book", headers=said)

    where = led.headers.get("Location") or led.headers["HX-Redirect"]
    assert where == "/accounts/login/?next=/b/harbour-stays/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_part_of_a_page_is_not_answered_with_a_page_but_leads_all_of_it_to_signing_in(
    host: Visitor, method: str
) -> None:
    page = "/b/harbour-stays/stays/7"
    ask = host.get if method == "get" else host.post

    led = ask(f"{page}/{'live' if method == 'get' else 'code'}", headers=htmx(page))

    assert (led.status_code, led.content) == (200, b"")
    assert led.headers["HX-Redirect"] == f"/accounts/login/?next={page}"


def test_a_stream_ends_without_a_page(host: Visitor) -> None:
    answer = host.get("/b/harbour-stays/live", headers={"Accept": "text/event-stream"})

    assert (answer.status_code, answer.content) == (204, b"")


def test_nothing_of_a_form_is_kept_for_later(host: Visitor) -> None:
    host.post("/b/harbour-stays/stays/book", {"guest_name": "Ada Vogel"}, headers={"Referer": HERE + BOOK})

    (kept,) = Session.objects.all()
    assert kept.get_decoded() == {"unsaved": True}


def test_a_form_that_grew_old_leads_back_to_its_page_and_changes_nothing(
    alice: Business, clock: TurnedClock
) -> None:
    visitor = Visitor(clock, Client(enforce_csrf_checks=True)).sign_in(alice.owner)
    path = "/b/harbour-stays/properties/add"

    answer = visitor.post(path, {"name": "Unwanted"}, headers={"Referer": f"{HERE}{path}?again=1"})

    assert answer.status_code == 403
    assert "Nothing was changed. Open the page again and do it once more." in words(answer)
    assert f'href="{path}?again=1"' in answer.content.decode()
    assert [place.name for place in Property.objects.all()] == ["House"]
    check_page(answer)


def test_a_part_of_a_page_that_grew_old_has_it_loaded_anew(alice: Business, clock: TurnedClock) -> None:
    visitor = Visitor(clock, Client(enforce_csrf_checks=True)).sign_in(alice.owner)
    stay = alice.book(now=clock.now())
    page = f"/b/harbour-stays/stays/{stay.pk}"

    answer = visitor.post(f"{page}/code", headers=htmx(page))

    assert answer.headers["HX-Refresh"] == "true"
    assert "This page had grown old, so nothing was done." in words(visitor.get(page))
