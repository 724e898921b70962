"""A key that is limited to some properties finds, books and opens nothing in the others."""

from datetime import time, timedelta
from typing import Any

import pytest

from access.models import Stay
from nuki_gateway.simulator import TurnedClock
from properties import api_keys, places
from properties.api_scopes import Scope
from properties.models import SmartLock
from properties.reach import Reach
from tests.access.api.programs import Program, problem, two_nights
from tests.worlds import ZONE, Business

DAY = timedelta(days=1)


@pytest.fixture
def boathouse(alice: Business, clock: TurnedClock) -> Program:
    """A program that sees the boathouse alone, where the lock of the second flat is now."""
    house = places.add_property(
        organization=alice.organization,
        name="Boathouse",
        time_zone=ZONE,
        check_in_time=time(15),
        check_out_time=time(10),
    )
    places.take_lock_off(door=alice.doors["Flat 2"])
    lock = SmartLock.objects.get(pk=alice.locks["Flat 2"].pk)
    door = places.add_door(place=house, name="Gate", smart_lock=lock)
    places.add_unit(place=house, name="Berth", way_in=[door])
    _, text = api_keys.make(
        organization=alice.organization,
        name="Boats",
        scopes=set(Scope) - {Scope.ADMIN},
        expires_at=None,
        made_by=alice.owner,
        now=clock.now(),
        reach=Reach(frozenset({house.pk})),
    )
    return Program(clock, text)


def names(program: Program, path: str) -> list[str]:
    return [one["name"] for one in program.get(path).json()["data"]]


def test_only_what_is_within_reach_is_listed(boathouse: Program, alice: Business, clock: TurnedClock) -> None:
    alice.book(now=clock.now())

    assert names(boathouse, "/properties") == ["Boathouse"]
    assert names(boathouse, "/units") == ["Berth"]
    assert names(boathouse, "/doors") == ["Gate"]
    assert names(boathouse, "/locks") == ["Flat 2"]
    assert names(boathouse, "/guests") == []
    assert boathouse.get("/stays").json()["data"] == []


def test_what_is_beyond_reach_is_not_there(boathouse: Program, alice: Business, clock: TurnedClock) -> None:
    stay = alice.book(now=clock.now())
    paths = [
        f"/properties/prop_{alice.house.pk}",
        f"/units/unit_{alice.flats['Flat 1'].pk}",
        f"/doors/door_{alice.doors['Flat 1'].pk}",
        f"/locks/lock_{alice.locks['Flat 1'].pk}",
        f"/guests/guest_{stay.guest_id}",
        f"/stays/stay_{stay.pk}",
        f"/stays/stay_{stay.pk}/grants",
    ]
    actions = [
        f"/stays/stay_{stay.pk}/cancel",
        f"/stays/stay_{stay.pk}/reveal-code",
        f"/locks/lock_{alice.locks['Flat 1'].pk}/unlock",
    ]

    answers: list[Any] = [boathouse.get(path) for path in paths]
    answers += [boathouse.post(path) for path in actions]
    answers.append(boathouse.post("/stays", two_nights(alice, clock.now() + 9 * DAY)))

    assert {problem(one) for one in answers} == {(404, "not_found")}
    assert Stay.objects.get().cancelled_at is None


def test_a_number_that_is_taken_beyond_reach_is_refused_without_naming_the_stay(
    boathouse: Program, alice: Business, clock: TurnedClock
) -> None:
    alice.book(now=clock.now(), external_id="R-1")
    unit = boathouse.get("/units").json()["data"][0]["id"]
    body = two_nights(alice, clock.now(), unit=unit)

    posted = boathouse.post("/stays", body | {"external_id": "R-1"})
    put = boathouse.put("/stays/by-external-id/R-1", body)

    assert problem(posted) == problem(put) == (409, "external_id_taken")
    assert "other_stay" not in posted.json() | put.json()
    assert boathouse.post("/stays", body).status_code == 201


def test_a_limited_key_cannot_look_after_keys(alice: Business, clock: TurnedClock) -> None:
    with pytest.raises(api_keys.LimitedKeyManagesNone):
        api_keys.make(
            organization=alice.organization,
            name="Boats",
            scopes=[Scope.ADMIN],
            expires_at=None,
            made_by=alice.owner,
            now=clock.now(),
            reach=Reach(frozenset({alice.house.pk})),
        )
