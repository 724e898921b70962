"""Trying a door: a stay of thirty minutes for whoever asks, seen as its code arrives."""

from datetime import timedelta

import pytest
from django.core import mail

from access import door_trials, stays
from access.models import Grant, Stay
from nuki_gateway.simulator import TurnedClock
from properties import places
from properties.models import Door
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business, code_of

MINUTES = timedelta(minutes=30)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def try_door(host: Visitor, alice: Business, door: str = "Flat 1") -> str:
    answer = host.post("/start/test", {"door": alice.doors[door].pk})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/start/test")
    return words(host.get("/start/test"))


def test_the_code_of_a_trial_goes_the_way_of_all_codes_and_is_seen_on_the_ladder(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    offered = host.get(f"/start/test?door={alice.doors['Flat 1'].pk}")
    at_first = try_door(host, alice)
    timeline.pass_seconds(60)
    answer = host.get("/start/test")

    stay = Stay.objects.get()
    assert (stay.unit.name, stay.ends_at - stay.starts_at) == ("Flat 1", MINUTES)
    assert (stay.guest.name, stay.guest.email, stay.booked_by) == ("Test", alice.owner.email, alice.owner)
    assert offered.context["form"]["door"].value() == str(alice.doors["Flat 1"].pk)
    assert "Test's code is on its way to Front door and Flat 1." in at_first
    assert "Test's code is on both doors." in words(answer)
    assert [alice.opens(door, code_of(stay)) for door in alice.doors] == [True, True, False, False]
    assert [letter.to for letter in mail.outbox] == [[f"Test <{alice.owner.email}>"]]
    assert code_of(stay) not in answer.content.decode()
    for page in (offered, answer):
        check_page(page)


def test_a_trial_is_ended_by_its_button_and_pressing_it_again_does_nothing(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    try_door(host, alice)
    timeline.pass_seconds(60)
    code = code_of(Stay.objects.get())

    answers = [host.post("/start/test/end") for _ in range(2)]
    timeline.pass_time(timedelta(minutes=3))

    assert [answer.headers["Location"] for answer in answers] == ["/start", "/start"]
    assert Stay.objects.get().cancelled_at is not None
    assert [alice.opens(door, code) for door in ("Front door", "Flat 1")] == [False, False]
    assert "Put a test code on it" in words(host.get("/start/test"))


def test_pressed_twice_there_is_one_trial(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    try_door(host, alice)
    try_door(host, alice, "Flat 2")
    again = door_trials.begin(
        organization=alice.organization, door=alice.doors["Flat 2"], user=alice.owner, now=clock.now()
    )

    assert Stay.objects.get() == again


def test_another_unit_behind_the_door_is_taken_where_one_has_a_guest(host: Visitor, alice: Business) -> None:
    alice.book(now=host.clock.now(), unit="Cellar")

    try_door(host, alice, "Front door")

    assert Stay.objects.get(guest__name="Test").unit.name == "Flat 1"


def test_where_every_unit_has_a_guest_the_page_says_who_and_books_nothing(
    host: Visitor, alice: Business
) -> None:
    alice.book(now=host.clock.now())

    answer = host.post("/start/test", {"door": alice.doors["Flat 1"].pk})

    assert answer.context["form"].errors == {
        "door": ["Ada Vogel has Flat 1 until 17 Jun 14:00, and no other unit behind this door is free."]
    }
    assert Stay.objects.count() == 1
    check_page(answer)


def test_a_guest_who_comes_before_the_trial_would_end_is_in_the_way(host: Visitor, alice: Business) -> None:
    soon = host.clock.now() + timedelta(minutes=20)
    alice.book(now=host.clock.now(), starts_at=soon, ends_at=soon + timedelta(days=1))

    answer = host.post("/start/test", {"door": alice.doors["Flat 1"].pk})

    assert answer.status_code == 200
    assert Grant.objects.exclude(stay__guest__name="Ada Vogel").count() == 0


def test_a_trial_that_is_over_makes_room_for_the_next(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    try_door(host, alice)
    timeline.pass_time(MINUTES + timedelta(minutes=5))

    try_door(host, alice)

    assert Stay.objects.count() == 2


@pytest.mark.parametrize("door", ["", "x", "99999999999999999999", "without a lock", "of nobody's"])
def test_a_door_that_cannot_be_tried_is_refused_at_its_field(
    host: Visitor, alice: Business, door: str
) -> None:
    bare = places.add_door(place=alice.house, name="Bare", smart_lock=None)
    known = {"without a lock": bare.pk, "of nobody's": Door.objects.latest("pk").pk + 1}

    answer = host.post("/start/test", {"door": known.get(door, door)})

    assert "door" in answer.context["form"].errors
    assert Stay.objects.count() == 0


def test_without_any_door_the_page_says_what_comes_first(host: Visitor, alice: Business) -> None:
    Door.objects.update(smart_lock=None)

    answer = host.get("/start/test")

    assert "There is no door to try yet." in words(answer)
    assert alice.flats
    check_page(answer)


def test_a_trial_of_a_colleague_is_not_ones_own(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    try_door(host, alice)
    bob = with_role(alice, clock, Role.STAFF)

    bob.post("/start/test/end")
    page = words(bob.get("/start/test"))

    assert Stay.objects.get().cancelled_at is None
    assert "Put a test code on it" in page
    assert bob.post("/start/test/end").headers["Location"] == "/doors"


def test_a_viewer_puts_no_code_on_a_door(alice: Business, clock: TurnedClock) -> None:
    visitor = with_role(alice, clock, Role.VIEWER)

    answers = [visitor.get("/start/test"), visitor.post("/start/test", {"door": alice.doors["Flat 1"].pk})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert Stay.objects.count() == 0


def test_a_stay_that_was_cancelled_elsewhere_ends_the_trial_too(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    try_door(host, alice)
    stays.cancel(stay=Stay.objects.get(), cancelled_by=None, now=clock.now())

    assert host.post("/start/test/end").status_code == 302
    assert "Put a test code on it" in words(host.get("/start/test"))
