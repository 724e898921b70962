"""The pages about guests."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import Guest, Stay
from nuki_gateway.simulator import TurnedClock
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def add_guests(alice: Business, *names: str) -> None:
    for name in names:
        email = f"{name.lower().replace(' ', '.')}@guests.example"
        Guest.objects.create(organization=alice.organization, name=name, email=email)


def test_guests_are_listed_by_name_and_found_by_name_or_address(host: Visitor, alice: Business) -> None:
    add_guests(alice, "cleo Marsh", "Ada Vogel", "Ben Ito")

    page = host.get("/guests")
    found = words(host.get("/guests?q=ITO@guests"))
    nobody = words(host.get("/guests?q=%00%25"))

    check_page(page)
    names = [name for name in ("Ada Vogel", "Ben Ito", "cleo Marsh") if name in words(page)]
    assert names == sorted(names, key=words(page).index)
    assert [name for name in names if name in found] == ["Ben Ito"]
    assert "Nobody is called so." in nobody


def test_every_guest_is_on_one_of_the_pages(host: Visitor, alice: Business) -> None:
    add_guests(alice, *(f"Guest {number:03}" for number in range(102)))

    told, url, pages = "", "/guests", 0
    while url:
        page = host.get(url)
        told, pages = told + words(page), pages + 1
        url = (
            "/guests" + page.context["page"].next_url.partition("/guests")[2]
            if page.context["page"].next_url
            else ""
        )

    assert pages == 3
    assert all(told.count(f"Guest {number:03} ") == 1 for number in range(102))


@pytest.mark.parametrize("junk", ["?after=x", "?after=99999999", "?after=-1", "?q=" + "a" * 3000])
def test_junk_in_the_address_is_no_error(host: Visitor, junk: str) -> None:
    assert host.get(f"/guests{junk}").status_code == 200


def test_pages_ask_as_often_for_many_rows_as_for_few(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert host.get(path).status_code == 200
        return len(queries.captured_queries)

    stay = alice.book(now=clock.now())
    before = asked("/guests"), asked(f"/guests/{stay.guest_id}")
    add_guests(alice, *(f"Guest {number}" for number in range(30)))
    for day in range(3, 30):
        starts_at = clock.now() + timedelta(days=day)
        alice.book(now=clock.now(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=20))

    assert (asked("/guests"), asked(f"/guests/{stay.guest_id}")) == before
    assert max(before) <= 12


def test_a_guest_has_stays_and_messages_on_one_page(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)

    page = host.get(f"/guests/{stay.guest_id}")

    check_page(page)
    for part in ("Ada Vogel", "In Flat 1 now.", "ada@guests.example", "“Your code is ready” sent"):
        assert part in words(page)
    assert f'href="/stays/{stay.pk}"' in page.content.decode()


def test_an_address_is_corrected_by_the_form(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    guest = alice.book(now=clock.now()).guest
    path = f"/guests/{guest.pk}/edit"

    refused = host.post(path, {"name": " ", "email": "ada at home", "language": "en"})
    done = host.post(path, {"name": "Ada Vogel", "email": "ada@home.example", "language": "en"})

    assert (refused.status_code, done.status_code) == (200, 302)
    assert "Enter a valid email address." in words(refused)
    guest.refresh_from_db()
    assert (guest.name, guest.email) == ("Ada Vogel", "ada@home.example")


def test_erasing_says_what_goes_and_what_stays_and_then_does_it(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    path = f"/guests/{stay.guest_id}/erase"

    asked = host.get(path)
    refused = host.post(path)
    told = words(host.get(f"/guests/{stay.guest_id}"))
    clock.turn(seconds=(stay.ends_at - clock.now()).total_seconds() + 3600)
    host.post(path)

    assert "One stay is kept" in words(asked)
    assert refused.status_code == 302
    assert "Ada Vogel has a stay that is not over." in told
    page = words(host.get(f"/guests/{stay.guest_id}"))
    assert "A former guest" in page
    assert "Ada" not in page
    assert "A former guest" in words(host.get(f"/stays/{stay.pk}"))
    assert "Ada" not in words(host.get("/guests"))
    assert Stay.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.VIEWER, []), (Role.STAFF, ["edit"]), (Role.MANAGER, ["edit", "erase"])]
)
def test_nobody_is_offered_what_the_role_may_not_do(
    alice: Business, clock: TurnedClock, role: Role, offered: list[str]
) -> None:
    guest = alice.book(now=clock.now()).guest
    bob = with_role(alice, clock, role)

    page = bob.get(f"/guests/{guest.pk}").content.decode()

    assert [what for what in ("edit", "erase") if f"/guests/{guest.pk}/{what}" in page] == offered
