"""Which answers are packed for the wire, and which never are."""

import gzip

import pytest
from django.test import Client

from nuki_gateway.simulator import TurnedClock
from tests.timeline import Timeline
from tests.visitors import Visitor, signed_in
from tests.worlds import Business, code_of

PACKS = {"Accept-Encoding": "gzip"}
HOME = "/b/harbour-stays"


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def test_pages_of_hosts_are_packed_for_browsers_that_take_it(host: Visitor) -> None:
    packed, plain = host.get(f"{HOME}/", headers=PACKS), host.get(f"{HOME}/")

    assert (packed.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
    assert b"Harbour Stays" in gzip.decompress(packed.content)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_the_same_page_is_never_of_the_same_length_for_long(host: Visitor) -> None:
    lengths = {len(host.get(f"{HOME}/properties", headers=PACKS).content) for _ in range(12)}

    assert len(lengths) > 1


def test_a_code_is_never_packed(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    code = code_of(stay)

    answers = [
        host.post(f"{HOME}/stays/{stay.pk}/{what}", headers=PACKS | more)
        for what, more in (("code", {}), ("code", {"HX-Request": "true"}), ("sheet", {}))
    ]

    assert ["Content-Encoding" in answer.headers for answer in answers] == [False] * 3
    grouped = f"{code[:2]} {code[2:4]} {code[4:]}"
    assert [grouped in answer.content.decode() for answer in answers] == [True] * 3


@pytest.mark.parametrize("path", [f"{HOME}/accounts/second-factor/", "/accounts/email/"])
def test_pages_of_the_account_are_not_packed(host: Visitor, path: str) -> None:
    answer = host.get(path, headers=PACKS)

    assert (answer.status_code, "Content-Encoding" in answer.headers) == (200, False)


@pytest.mark.django_db
def test_what_strangers_get_is_not_packed() -> None:
    answers = [Client().get(path, headers=PACKS) for path in ("/accounts/login/", "/no/such/page")]

    assert ["Content-Encoding" in answer.headers for answer in answers] == [False, False]
