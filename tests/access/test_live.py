"""Open pages are told what changed, by ids, over a real Redis and a real server."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from queue import Queue
from time import monotonic, sleep

import pytest
import redis
import requests
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from access import live
from access.broker import broker
from properties import limits, tenancy
from properties.clock import now
from properties.models import Membership, User
from properties.reach import Reach
from properties.roles import Role
from tests.worlds import Business

pytestmark = pytest.mark.django_db(transaction=True)

FOR_LONG_ENOUGH = 5  # seconds


@pytest.fixture(autouse=True)
def streams_end_when_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(live, "HEARTBEAT", 0.1)
    yield
    ends = monotonic() + FOR_LONG_ENOUGH
    while live._hub._streams and monotonic() < ends:
        sleep(0.02)
    assert not live._hub._streams


class Listener:
    """A page's EventSource, without the page."""

    def __init__(self, url: str, cookies: dict[str, str]) -> None:
        self._answer = requests.get(url, cookies=cookies, stream=True, timeout=FOR_LONG_ENOUGH)
        self.status = self._answer.status_code
        self.kind = self._answer.headers["Content-Type"]
        self._events: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def next_event(self) -> str:
        """The next line that says something."""
        return self._events.get(timeout=FOR_LONG_ENOUGH)

    def has_nothing(self) -> bool:
        return self._events.empty()

    def close(self) -> None:
        self._answer.close()

    def _read(self) -> None:
        try:
            for line in self._answer.iter_lines(chunk_size=1):
                if line.startswith((b"event:", b'data: ["')):
                    self._events.put(line.decode())
        except (requests.RequestException, AttributeError, ValueError):
            return  # closed while it was read


def listening(
    live_server: LiveServer, business: Business, path: str = "/live", user: User | None = None
) -> Listener:
    browser = Client()
    browser.force_login(user or business.owner)
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    listener = Listener(f"{live_server.url}{path}", cookies)
    assert listener.next_event() == "event: listening"
    return listener


@pytest.fixture
def two_listeners(
    live_server: LiveServer, alice: Business, charlie: Business
) -> Iterator[tuple[Listener, Listener]]:
    with (
        closing(listening(live_server, alice)) as alices,
        closing(listening(live_server, charlie)) as charlies,
    ):
        yield alices, charlies


def test_a_page_hears_of_its_own_organization_only(
    two_listeners: tuple[Listener, Listener], alice: Business, charlie: Business
) -> None:
    alices, charlies = two_listeners

    live.tell(alice.organization.pk, {"stay:1", "lock:2"})
    live.tell(charlie.organization.pk, {"stay:3"})

    assert json.loads(alices.next_event().removeprefix("data: ")) == ["lock:2", "stay:1"]
    assert json.loads(charlies.next_event().removeprefix("data: ")) == ["stay:3"]
    assert alices.has_nothing()
    assert charlies.has_nothing()


def test_two_windows_of_one_person_hear_each_of_the_business_that_its_address_names(
    live_server: LiveServer, alice: Business, charlie: Business
) -> None:
    Membership.objects.create(organization=charlie.organization, user=alice.owner, role=Role.VIEWER)
    with (
        closing(listening(live_server, alice, "/b/harbour-stays/live")) as hers,
        closing(listening(live_server, alice, "/b/lindgren-lodging/live")) as his,
    ):
        live.tell(alice.organization.pk, {"stay:1"})
        live.tell(charlie.organization.pk, {"stay:3"})

        assert json.loads(hers.next_event().removeprefix("data: ")) == ["stay:1"]
        assert json.loads(his.next_event().removeprefix("data: ")) == ["stay:3"]
        assert hers.has_nothing()
        assert his.has_nothing()


def test_whoever_is_limited_to_a_property_hears_of_its_stays_and_locks_alone(
    live_server: LiveServer, alice: Business
) -> None:
    with tenancy.within(alice.organization):
        stay = alice.book(now=now())
        bob = User.objects.create_user("bob@harbour.example")
        place = Membership.objects.create(organization=alice.organization, user=bob, role=Role.STAFF)
        limits.give(member=place, role=Role.STAFF, reach=Reach(frozenset({alice.house.pk})))
    own_stay, own_lock = live.stay_topic(stay.pk), live.lock_topic(alice.locks["Flat 1"].pk)
    foreign = {live.stay_topic(stay.pk + 1), live.lock_topic(9_999), live.ACTIVITY}

    with closing(listening(live_server, alice, user=bob)) as bobs:
        live.tell(alice.organization.pk, foreign)
        sleep(0.1)
        live.tell(alice.organization.pk, {*foreign, own_lock})
        live.tell(alice.organization.pk, {own_stay})

        told: set[str] = set()
        while own_stay not in told:
            told |= set(json.loads(bobs.next_event().removeprefix("data: ")))
        assert told == {own_stay, own_lock, live.ACTIVITY}
        assert bobs.has_nothing()


def test_what_comes_together_is_one_event(two_listeners: tuple[Listener, Listener], alice: Business) -> None:
    alices, _ = two_listeners

    for number in range(50):
        live.tell(alice.organization.pk, {f"stay:{number}"})

    told: set[str] = set()
    events = 0
    while len(told) < 50:
        told |= set(json.loads(alices.next_event().removeprefix("data: ")))
        events += 1
    assert events <= 10


def test_booking_is_told_once_it_is_committed(
    two_listeners: tuple[Listener, Listener], alice: Business, live_server: LiveServer
) -> None:
    alices, _ = two_listeners
    assert live_server

    with tenancy.within(alice.organization):
        stay = alice.book(now=alice.simulator.clock.now())

    assert live.stay_topic(stay.pk) in alices.next_event()


def test_more_pages_than_there_is_room_for_are_sent_away(
    live_server: LiveServer, alice: Business, settings: Settings
) -> None:
    settings.LIVE_STREAMS = 1
    browser = Client()
    browser.force_login(alice.owner)
    with closing(listening(live_server, alice)):
        answer = browser.get("/live")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_without_redis_nobody_is_told_and_nothing_fails(
    alice: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "rests_until", 0.0)
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1")
    monkeypatch.setattr(live, "connection", lambda: nowhere)

    live.tell(alice.organization.pk, {"stay:1"})

    assert broker.is_resting()


def test_who_is_not_signed_in_hears_nothing(live_server: LiveServer) -> None:
    answer = requests.get(f"{live_server.url}/live", allow_redirects=False, timeout=FOR_LONG_ENOUGH)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/live")
