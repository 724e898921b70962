"""Who is limited to one property finds nothing of the others: on every page, walked through by its address.

Dora works in Alice's boathouse alone, and Victor may look at it. All that is in Alice's other house is called
by a word that stands nowhere else. Each address that they reach needs a row here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import stays
from access.models import Alert, AlertKind, Guest, Holder, OtherAuthorization, Stay
from nuki_gateway.models import ServerState
from properties import places, tenancy
from properties.models import (
    Door,
    Membership,
    NukiAccount,
    Property,
    PropertyText,
    SmartLock,
    Unit,
    User,
)
from properties.reach import Reach
from properties.roles import Role
from tests.conftest import Rings
from tests.statements import asked
from tests.tenancy import addresses
from tests.tenancy.conftest import TwoBusinesses, member
from tests.tenancy.test_pages import LIVE, MAY_REACH, reached, rows_of, signed_in, statuses
from tests.timeline import Timeline
from tests.worlds import Business

pytestmark = pytest.mark.slow  # a walk over everything

CANARY = "Zaunkoenig"
OLGA = {"guest_name": "Olga Olsen", "guest_email": "olga@guests.example"}
PART_OF_IT = "Zaunk"  # what is looked for stands on the page anyway
MOST_QUERIES = 12  # with the one that asks which properties there are for them
# what else of the other house each address could be asked for; a new one needs a row
ASKED: dict[str, list[str]] = {
    "access:activity": ["?before={activity}"],
    "access:activity_latest": ["?before={activity}"],
    "access:alerts": [],
    "access:all_stays": [
        "?q={word}",
        "?property={house}",
        "?show=here",
        "?show=coming",
        "?before={stay}",
    ],
    "access:book_again": [],
    "access:book_stay": ["?unit={unit}"],
    "access:cancel_stay": [],
    "access:change_party": [],
    "access:change_stay": ["?unit={unit}&starts=2030-06-15T15:00&ends=2030-06-17T10:00"],
    "access:doors": ["?needs=attention", "?after=0.{door}"],
    "access:edit_guest": [],
    "access:end_test": [],
    "access:export_activity": ["?who={word}"],
    "access:guest": [],
    "access:guests": ["?q={word}", "?after={guest}"],
    "access:hand_out_backup": [],
    "access:known_guests": ["?field=guest_name&guest_name={word}"],
    "access:known_units": ["?unit_like={word}"],
    "access:live": [],
    "access:lock": ["?who={word}", "?before={activity}"],
    "access:open_lock": [],
    "access:others": [],
    "access:past_alerts": ["?before={alert}"],
    "access:print_sheet": [],
    "access:read_lock": [],
    "access:renew_code": [],
    "access:renew_link": [],
    "access:reveal_backup": [],
    "access:reveal_code": [],
    "access:revoke_link": [],
    "access:settle_help": [],
    "access:show_link": [],
    "access:start_test": ["?door={door}"],
    "access:stay": [],
    "access:stay_live": [],
    "access:stays": [],
    "access:tell_again": [],
    "access:timeline": ["?property={house}", "?after={unit}"],
    "access:today_live": [],
    "properties:choose_alert_mail": [],
    "properties:choose_language": [],
    "properties:leave_team": [],
    "properties:nuki_accounts": [],
    "properties:properties": [],
    "properties:property": [],
    "properties:settings": [],
    "properties:team": ["?after=0"],
}
# where whoever is limited finds what is theirs, so that an empty page proves nothing
SHOWN_THERE = {
    "access:activity": "Jetty",
    "access:alerts": "Jetty",
    "access:all_stays": "Olga Olsen",
    "access:doors": "Jetty",
    "access:guest": "Olga Olsen",
    "access:guests": "Olga Olsen",
    "access:known_guests": "Olga Olsen",
    "access:known_units": "Berth",
    "access:lock": "Gate",
    "access:past_alerts": "Jetty",
    "access:stay": "Olga Olsen",
    "access:stays": "Olga Olsen",
    "access:timeline": "Olga Olsen",
    "properties:nuki_accounts": "Jetty",
    "properties:properties": "Boathouse",
    "properties:property": "Berth",
    "properties:team": "Staff for Boathouse",
}
# the forms in which somebody chooses something of a property
CHOOSING = {"access:book_stay", "access:change_stay", "access:start_test"}


@dataclass(frozen=True)
class Limited:
    """Alice's business with its two houses, and who is limited to the boathouse."""

    alice: Business
    dora: User
    victor: User
    numbers: dict[str, int]  # of rows of the boathouse
    others: dict[str, int]  # of rows of the other house
    asked: dict[str, str | int]  # of rows of the other house, as addresses ask for them


@pytest.fixture
def limited(both: TwoBusinesses, timeline: Timeline) -> Iterator[Limited]:
    alice = both.alice
    others = addresses.numbers_of(alice)
    with tenancy.within(alice.organization):
        stay = _on_the_doors_of_the_other_house(alice, timeline)
        berth, jetty = _boathouse(alice, timeline)
        _moves_to(berth, stay, alice, timeline)
        _front_door_lock_goes_to(jetty.property, alice)
        _is_well_alerted(alice, jetty, timeline)
        _is_called_by_the_word(besides=jetty.property)
        reach = Reach(frozenset({berth.property_id}))
        dora = member(alice, "dora@harbour.example", Role.STAFF, reach)
        victor = member(alice, "victor@harbour.example", Role.VIEWER, reach)
        asked: dict[str, str | int] = {
            "word": PART_OF_IT,
            "house": others["property_id"],
            "unit": others["unit_id"],
            "door": others["door_id"],
            "stay": others["stay_id"],
            "guest": others["guest_id"],
            "alert": Alert.objects.filter(smart_lock=alice.locks["Cellar"]).earliest("pk").pk,
            "activity": alice.locks["Front door"].activity.earliest("pk").pk,
        }
        grant_id = stay.grants.get(door=jetty).pk
    numbers = {
        "door_id": jetty.pk,
        "grant_id": grant_id,
        "guest_id": stay.guest_id,
        "lock_id": alice.locks["Front door"].pk,  # which hangs in the boathouse now
        "property_id": berth.property_id,
        "stay_id": stay.pk,
        "unit_id": berth.pk,
    }
    with time_machine.travel(timeline.now, tick=False):
        yield Limited(alice, dora, victor, numbers, others, asked)


def _boathouse(alice: Business, timeline: Timeline) -> tuple[Unit, Door]:
    """A house with one unit, behind a door whose lock is of an account of its own."""
    ours = alice.organization
    house = places.add_property(
        organization=ours,
        name="Boathouse",
        time_zone="Europe/Vienna",
        check_in_time=time(15),
        check_out_time=time(10),
    )
    account = NukiAccount.objects.create(
        organization=ours, name="Boats", token="t", connected_at=timeline.now
    )
    lock = SmartLock.objects.create(
        organization=ours,
        nuki_account=account,
        smartlock_id=900_001,
        device_type=4,
        name="Jetty",
        has_keypad=True,
        server_state=ServerState.OK,
        listed_at=timeline.now,
    )
    jetty = places.add_door(place=house, name="Jetty", smart_lock=lock)
    return places.add_unit(place=house, name="Berth", way_in=[jetty]), jetty


def _on_the_doors_of_the_other_house(alice: Business, timeline: Timeline) -> Stay:
    """A stay in the other house whose code is on its doors."""
    stay = alice.book(now=timeline.now, unit="Flat 2", **OLGA)
    timeline.pass_seconds(60)
    return stay


def _moves_to(berth: Unit, stay: Stay, alice: Business, timeline: Timeline) -> None:
    """The same stay is in the boathouse from now on; the same guest comes to the other house again."""
    stays.change(
        stay=stay,
        unit=berth,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        changed_by=alice.owner,
        now=timeline.now,
    )
    alice.book(now=timeline.now, unit="Flat 2", **OLGA)


def _front_door_lock_goes_to(house: Property, alice: Business) -> None:
    """A lock changes houses with all that its log knows of guests of the other one."""
    lock = alice.locks["Front door"]
    Door.objects.filter(smart_lock=lock).update(smart_lock=None)
    SmartLock.objects.filter(pk=lock.pk).update(name="Gate", own_name="Gate")
    gate = places.add_door(place=house, name="Gate", smart_lock=lock)
    assert gate.smart_lock is not None


def _is_well_alerted(alice: Business, jetty: Door, timeline: Timeline) -> None:
    """Both houses have alerts, open ones and one that is over; an account with no lock here is refused."""
    whose = {"organization": alice.organization, "opened_at": timeline.now}
    of_both = (alice.locks["Flat 1"], jetty.smart_lock)
    for lock in of_both:
        Alert.objects.create(**whose, kind=AlertKind.KEYPAD_BATTERY_LOW, smart_lock=lock)
        Alert.objects.create(**whose, kind=AlertKind.LOCK_OFFLINE, smart_lock=lock, closed_at=timeline.now)
    account = NukiAccount.objects.create(
        organization=alice.organization, name=CANARY, token="t", connected_at=timeline.now
    )
    Alert.objects.create(**whose, kind=AlertKind.ACCOUNT_BROKEN, nuki_account=account)
    log = alice.locks["Front door"].activity.earliest("pk")
    log.pk, log.smart_lock_id, log.source, log.grant = None, jetty.smart_lock_id or 0, "another", None
    log.save()


def _is_called_by_the_word(*, besides: Property) -> None:
    """Everything of the other house, and what is on no door."""
    of_house: list[Any] = [
        Property.objects.exclude(pk=besides.pk),
        Unit.objects.exclude(property=besides),
        Door.objects.exclude(property=besides),
        Guest.objects.exclude(email__startswith="olga"),
        OtherAuthorization.objects.all(),
        Holder.objects.all(),
    ]
    for rows in of_house:
        rows.filter(name__regex=f"^(?!{CANARY})").update(name=Concat(Value(f"{CANARY} "), F("name")))
    others = SmartLock.objects.exclude(door__property=besides)
    others.update(name=Concat(Value(f"{CANARY} "), F("name")))
    PropertyText.objects.update(text=CANARY)


def path_to(address: addresses.Address, numbers: dict[str, int]) -> str:
    return reverse(address.name, kwargs={name: numbers[name] for name in address.numbers})


def own_path(address: addresses.Address, limited: Limited) -> str:
    """The address with numbers of the boathouse."""
    return path_to(address, limited.numbers)


def reachable(role: Role) -> list[addresses.Address]:
    return [address for address in addresses.all_of_ours() if address.name in MAY_REACH[role]]


def content(browser: Client, path: str, **extra: Any) -> tuple[int, str]:
    answer = browser.get(path, **extra)
    return answer.status_code, b"".join(answer).decode()


def test_every_address_that_staff_reach_has_its_row() -> None:
    assert {address.name for address in reachable(Role.STAFF)} == ASKED.keys()


def test_no_page_shows_anything_of_the_other_house(limited: Limited) -> None:
    for user, role in ((limited.dora, Role.STAFF), (limited.victor, Role.VIEWER)):
        browser = signed_in(user)
        for address in reachable(role):
            if address.name == LIVE:
                continue  # it tells ids only, and never ends
            path = addresses.within(limited.alice, own_path(address, limited))
            for query in ["", *ASKED[address.name]]:
                status, page = content(browser, path + query.format(**limited.asked))

                assert status in {*reached(address.name), 200}, (address.name, query)
                assert CANARY not in page, (role, address.name, query)
                if role is Role.STAFF and not query and address.name in SHOWN_THERE:
                    typed = "?field=guest_name&guest_name=Olga" if "known_guests" in address.name else ""
                    assert SHOWN_THERE[address.name] in content(browser, path + typed)[1], address.name


def test_whoever_sees_all_sees_both_houses_on_those_pages(limited: Limited) -> None:
    browser = signed_in(member(limited.alice, "walter@harbour.example", Role.STAFF))
    shown = SHOWN_THERE.keys() - {"access:known_guests", "properties:team"}

    missing = {
        address.name
        for address in reachable(Role.STAFF)
        if address.name in shown
        and CANARY not in content(browser, addresses.within(limited.alice, own_path(address, limited)))[1]
    }

    assert missing == {"properties:property"}  # the boathouse alone


def test_numbers_of_the_other_house_are_404_and_change_nothing(limited: Limited, rings: Rings) -> None:
    before = rows_of(limited.alice.organization)
    calls, rung = len(limited.alice.simulator.calls), len(rings.sent)

    for user, role in ((limited.dora, Role.STAFF), (limited.victor, Role.VIEWER)):
        browser = signed_in(user)
        answers = {
            address.name: statuses(browser, path_to(address, limited.others), _fields(limited))
            for address in addresses.with_numbers()
        }

        expected = {name: {404} if name in MAY_REACH[role] else {403} for name in answers}
        assert answers == expected, role
    assert rows_of(limited.alice.organization) == before
    assert (len(limited.alice.simulator.calls), len(rings.sent)) == (calls, rung)


def test_nothing_of_the_other_house_can_be_chosen_in_a_form(limited: Limited, rings: Rings) -> None:
    browser = signed_in(limited.dora)
    before, rung = rows_of(limited.alice.organization), len(rings.sent)

    answers = {
        address.name: browser.post(own_path(address, limited), _fields(limited))
        for address in reachable(Role.STAFF)
        if address.name in CHOOSING
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(CHOOSING, 200)
    assert [name for name, answer in answers.items() if CANARY in answer.content.decode()] == []
    assert rows_of(limited.alice.organization) == before
    assert len(rings.sent) == rung


def test_what_is_asked_for_of_ones_own_shows_nothing_of_the_other_house(
    limited: Limited, rings: Rings
) -> None:
    browser = signed_in(limited.dora)
    posted = ("access:reveal_code", "access:print_sheet", "access:tell_again", "access:read_lock")

    for address in reachable(Role.STAFF):
        if address.name in posted:
            answer = browser.post(own_path(address, limited), follow=True)
            assert answer.status_code == 200
            assert CANARY not in answer.content.decode(), address.name
    assert rings is not None


def test_whoever_is_limited_to_a_property_that_is_gone_sees_nothing(limited: Limited) -> None:
    with tenancy.within(limited.alice.organization):
        Membership.objects.get(user=limited.dora).limits.all().delete()
    browser = signed_in(limited.dora)

    for address in reachable(Role.STAFF):
        if address.name == LIVE:
            continue
        path = addresses.within(limited.alice, own_path(address, limited))
        status, page = content(browser, path)

        assert status in ({404, 405} if address.numbers else {200, 405}), address.name
        assert not any(word in page for word in (CANARY, "Boathouse", "Jetty", "Olga")), address.name


def test_a_limit_costs_one_query_a_page(limited: Limited) -> None:
    browser, wide = signed_in(limited.dora), signed_in(member(limited.alice, "w@harbour.example", Role.STAFF))
    counted: dict[str, tuple[int, int]] = {}

    for address in reachable(Role.STAFF):
        if address.name == LIVE:
            continue
        path = addresses.within(limited.alice, own_path(address, limited))
        with CaptureQueriesContext(connection) as for_all:
            content(wide, path)
        with CaptureQueriesContext(connection) as for_one:
            content(browser, path)
        counted[address.name] = (len(asked(for_all)), len(asked(for_one)))

    assert {name: pair for name, pair in counted.items() if pair[1] > min(pair[0] + 1, MOST_QUERIES)} == {}


def _fields(limited: Limited) -> dict[str, Any]:
    """What would put something into the other house, if any form took it."""
    return {
        "unit": limited.asked["unit"],
        "door": limited.asked["door"],
        "starts": "2030-06-15T15:00",
        "ends": "2030-06-17T10:00",
        "guest_name": "Mallory",
        "guest_email": "mallory@guests.example",
        "name": "Mallory",
        "email": "mallory@guests.example",
        "language": "en",
    }
