"""Pictures of a door: the host puts them, the guests of the stays that lead through it see them."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from access import guest_links, stays
from access.models import AuditEntry, AuditKind, Stay
from nuki_gateway.simulator import TurnedClock
from properties import picture_forms, places
from properties.models import Door, DoorPicture
from properties.roles import Role
from tests import pictures
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

DAY = timedelta(days=1)
MOST_QUERIES = 12


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def guest(clock: TurnedClock) -> Visitor:
    """Somebody with a telephone, who is signed in nowhere."""
    return Visitor(clock)


@pytest.fixture
def stay(alice: Business, timeline: Timeline) -> Stay:
    """Two nights in Flat 1 from now on."""
    return alice.book(now=timeline.now)


@pytest.fixture
def path(alice: Business) -> str:
    return f"/doors/{alice.doors['Flat 1'].pk}/pictures"


def send(host: Visitor, path: str, content: bytes, description: str = "A blue door") -> Any:
    return host.post(path, {"picture": pictures.sent(content), "description": description})


def put(alice: Business, door: str, description: str, clock: TurnedClock, shade: int = 0) -> DoorPicture:
    """A picture of a door that differs from others by its shade."""
    pictures.put(
        alice.doors[door], added_by=alice.owner, now=clock.now(), description=description, shade=shade
    )
    return DoorPicture.objects.latest("pk")


def page_of(stay: Stay, clock: TurnedClock) -> str:
    link = guest_links.needed_for(stay, now=clock.now())
    assert link is not None
    return f"/g/{guest_links.token(link)}"


def in_order() -> list[tuple[int, str]]:
    return list(DoorPicture.objects.order_by("door", "position").values_list("position", "description"))


def written_down(kind: AuditKind) -> int:
    return AuditEntry.objects.filter(kind=kind).count()


def test_a_picture_is_added_and_shown_small_without_its_place(
    host: Visitor, alice: Business, path: str
) -> None:
    empty = host.get(path)

    answer = send(host, path, pictures.with_place(), " A  blue door ")
    page = host.get(path)

    kept = DoorPicture.objects.get()
    shown = host.get(f"/pictures/{kept.pk}.webp")
    check_page(empty)
    assert "Guests see no picture of this door yet." in words(empty)
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    assert "Guests see this picture. A blue door" in words(page)
    assert f'<img src="/pictures/{kept.pk}.webp"' in page.content.decode()
    assert (kept.description, kept.width, kept.height) == ("A blue door", 600, 800)
    assert shown.headers["Content-Type"] == "image/webp"
    assert shown.headers["Cache-Control"] == "private, max-age=3600"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(BytesIO(shown.content)).size == (600, 800)
    assert pictures.PLACE.encode() not in shown.content
    entry = AuditEntry.objects.get(kind=AuditKind.PICTURE_ADDED)
    assert (entry.by, entry.smart_lock) == (alice.owner, alice.locks["Flat 1"])
    assert "added a picture of the door for guests" in words(host.get("/audit"))


def test_a_form_that_is_sent_twice_adds_one_picture_and_a_fourth_is_refused(host: Visitor, path: str) -> None:
    for shade in (10, 10, 90, 170):
        send(host, path, pictures.picture((60, 40), colour=(shade, 0, 0)), f"Shade {shade}")
    full = host.get(path)

    send(host, path, pictures.picture((60, 40), colour=(250, 250, 0)))

    assert in_order() == [(1, "Shade 10"), (2, "Shade 90"), (3, "Shade 170")]
    assert "Guests see these 3 pictures. To add another one, remove one." in words(full)
    assert 'type="file"' not in full.content.decode()
    assert "three pictures of a door at most" in words(host.get(path))
    assert written_down(AuditKind.PICTURE_ADDED) == 3


@pytest.mark.parametrize(
    ("content", "description", "sentence"),
    [
        pytest.param(b"MZ\x90", "A door", "We cannot read this file.", id="no picture"),
        pytest.param(b"", "A door", "The submitted file is empty.", id="an empty file"),
        pytest.param(None, "A door", "This field is required.", id="no file"),
        pytest.param(pictures.picture(), " \x00 ", "This field is required.", id="no description"),
        pytest.param(pictures.picture(), "x" * 201, "at most 200 characters", id="a long one"),
        pytest.param(
            pictures.picture((7_100, 7_100), "PNG", colour=(1, 1, 1)),
            "A door",
            "more than 50 million pixels",
            id="a bomb",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_field(
    host: Visitor, path: str, content: bytes | None, description: str, sentence: str
) -> None:
    fields: dict[str, Any] = {"description": description}
    if content is not None:
        fields["picture"] = pictures.sent(content)

    answer = host.post(path, fields)

    assert answer.status_code == 200
    assert sentence in words(answer)
    assert in_order() == []
    assert written_down(AuditKind.PICTURE_ADDED) == 0


def test_a_file_that_is_too_large_is_not_even_read(
    host: Visitor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_forms, "MEGABYTE", 10)

    answer = send(host, path, b"x" * 151)

    assert "This file is larger than 15 MB." in words(answer)
    assert in_order() == []


def test_pictures_are_described_put_in_order_and_removed(
    host: Visitor, alice: Business, path: str, clock: TurnedClock
) -> None:
    first, second, third = (
        put(alice, "Flat 1", name, clock, shade) for name, shade in (("One", 10), ("Two", 90), ("Three", 170))
    )

    for _ in range(2):  # the second click is about what stood there before
        host.post(f"/pictures/{third.pk}/up", {"position": "3"})
    host.post(f"/pictures/{first.pk}/up", {"position": "1"})
    moved = in_order()
    described = host.post(f"/pictures/{third.pk}", {"description": "The bell"})
    refused = host.post(f"/pictures/{third.pk}", {"description": ""})
    asked = host.get(f"/pictures/{first.pk}/remove")
    for _ in range(2):
        host.post(f"/pictures/{first.pk}/remove")

    assert moved == [(1, "One"), (2, "Three"), (3, "Two")]
    assert described.headers["Location"] == path
    assert "This field is required." in words(refused)
    assert "Remove the picture “One”?" in words(asked)
    assert in_order() == [(1, "The bell"), (2, "Two")]
    assert DoorPicture.objects.filter(pk=second.pk).exists()
    assert written_down(AuditKind.PICTURE_REMOVED) == 1


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
def test_who_may_not_change_properties_finds_neither_the_button_nor_the_page(
    alice: Business, clock: TurnedClock, path: str, role: Role
) -> None:
    bob = with_role(alice, clock, role)
    one = put(alice, "Flat 1", "One", clock)

    house = bob.get(f"/properties/{alice.house.pk}")
    answers = [bob.get(path), send(bob, path, pictures.picture()), bob.post(f"/pictures/{one.pk}/remove")]

    assert "/pictures" not in house.content.decode()
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert in_order() == [(1, "One")]


def test_the_house_leads_managers_to_the_pictures_of_each_door(
    alice: Business, clock: TurnedClock, path: str
) -> None:
    bob = with_role(alice, clock, Role.MANAGER)

    house = bob.get(f"/properties/{alice.house.pk}")

    assert path in house.content.decode()
    assert bob.get(path).status_code == 200


def test_guests_see_the_pictures_of_their_doors_in_the_way_in(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    gate = put(alice, "Front door", "The green gate", clock)
    flat = put(alice, "Flat 1", "Third floor, left", clock)
    other = put(alice, "Flat 2", "Not theirs", clock)
    path = page_of(stay, clock)

    page = guest.get(path).content.decode()
    shown = guest.get(f"{path}/pictures/{flat.pk}.webp")
    not_theirs = guest.get(f"{path}/pictures/{other.pk}.webp")

    places_of = [page.index(f"{path}/pictures/{one.pk}.webp") for one in (gate, flat)]
    assert places_of == sorted(places_of)
    assert page.count('loading="lazy"') == 2
    assert 'width="60"\n             height="40"\n             alt="The green gate"' in page
    assert "Not theirs" not in page
    assert shown.status_code == 200
    assert shown.headers["Content-Type"] == "image/webp"
    assert shown.headers["Cache-Control"] == "private, max-age=3600"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert not shown.cookies
    assert shown.content[:4] == b"RIFF"
    assert not_theirs.status_code == 404
    assert "no-store" in not_theirs.headers["Cache-Control"]


def test_pictures_end_with_the_page(guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock) -> None:
    one = put(alice, "Flat 1", "Third floor, left", clock)
    path = f"{page_of(stay, clock)}/pictures/{one.pk}.webp"
    during = guest.get(path)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=clock.now())
    after = guest.get(path)
    stranger = guest.get(f"/g/{'x' * 32}/pictures/{one.pk}.webp")

    assert [answer.status_code for answer in (during, after, stranger)] == [200, 410, 404]
    assert ["no-store" in answer.headers["Cache-Control"] for answer in (after, stranger)] == [True, True]
    assert guest.post(path).status_code == 405


def test_a_guest_s_page_asks_as_often_for_many_pictures_and_a_picture_costs_little(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    path = page_of(stay, clock)
    guest.get(path)

    def asked(at: str) -> int:
        with CaptureQueriesContext(connection) as made:
            assert guest.get(at).status_code == 200
        return len(made)

    without = asked(path)
    for shade, door in enumerate(["Front door", "Flat 1"] * 3):
        last = put(alice, door, "A door", clock, shade * 40)

    assert asked(path) == without <= MOST_QUERIES
    assert asked(f"{path}/pictures/{last.pk}.webp") <= 4
    with CaptureQueriesContext(connection) as made:
        guest.get(path)
    assert not [query for query in made if '"webp"' in query["sql"]]


def test_a_picture_goes_with_its_door(alice: Business, clock: TurnedClock) -> None:
    shed = places.add_door(place=alice.house, name="Shed", smart_lock=None)
    alice.doors["Shed"] = shed
    put(alice, "Shed", "One", clock)

    Door.objects.filter(pk=shed.pk).delete()

    assert not DoorPicture.objects.exists()
