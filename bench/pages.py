"""Pages of hosts: how long each takes, and how often it asks the database, for businesses of all sizes."""

import argparse
import io
import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from wsgiref.util import setup_testing_defaults

import psycopg
from psycopg import sql

from bench import installation
from config.embedded.postgres import DATABASE

SMALL = "small"  # the database with the small sample, beside the usual one
SMALL_DOORS = 53  # of which a typical business has fifty
WARM_UP, TIMES, ROUNDS = 2, 15, 2
GOAL = {"largest": 150.0, "typical": 80.0}  # milliseconds, of 95 in 100
MOST_QUERIES = 12
MOST_TIMES_THE_SMALL = 1.25

# a page, and its address; numbers in braces are of rows of the business
PAGES = {
    "Today": "/",
    "Today, live": "/today/live",
    "Timeline": "/timeline",
    "Timeline of a house": "/timeline?property={property}",
    "Stays": "/stays/all",
    "Stays to come": "/stays/all?show=coming",
    "Stays that were cancelled": "/stays/all?show=cancelled",
    "Stays, far back": "/stays/all?before={old_stay}",
    "Stays, search": "/stays/all?q={name}",
    "Stays, search for one guest": "/stays/all?q={address}",
    "Stays, search without a find": "/stays/all?q=nobody-is-called-so",
    "Stay": "/stays/{stay}",
    "Stay, live": "/stays/{stay}/live",
    "Stay that is over": "/stays/{old_stay}",
    "Book a stay": "/stays/book",
    "Change a stay": "/stays/{stay}/change",
    "Guests": "/guests",
    "Guests, far on": "/guests?after={guest}",
    "Guests, search": "/guests?q={name}",
    "Guests to choose from": "/guests/known?q={name}",
    "Guests, search without a find": "/guests?q=nobody-is-called-so",
    "Guest": "/guests/{guest}",
    "Doors": "/doors",
    "Lock": "/locks/{lock}",
    "Others on a lock": "/locks/{lock}/others",
    "Another lock for a door": "/doors/{door}/lock",
    "Activity": "/activity",
    "Activity, far back": "/activity?before={activity}",
    "Who did what": "/audit",
    "Who and what did what": "/audit?who=all",
    "Alerts": "/alerts",
    "Past alerts": "/alerts/past",
    "Properties": "/properties",
    "Property": "/properties/{property}",
    "Texts of a property": "/properties/{property}/texts",
    "Unit": "/units/{unit}",
    "Door": "/doors/{door}",
    "Nuki accounts": "/nuki-accounts",
    "Team": "/team",
    "Settings": "/settings",
    "Messages": "/settings/messages",
    "Start": "/start",
}


@dataclass(frozen=True)
class Room:
    """A business in one of the databases, its owner's session, and rows to look at."""

    title: str
    database: str
    slug: str
    cookie: str
    numbers: dict[str, Any]


@dataclass
class Found:
    """What was measured of one page in one room."""

    milliseconds: list[float]
    processor: list[float]  # milliseconds of this process and of the database's
    queries: int

    @property
    def median(self) -> float:
        """Half were quicker."""
        return statistics.median(self.milliseconds)

    @property
    def work(self) -> float:
        """How long processors worked for it, on average: what another load on the machine hardly changes."""
        return statistics.mean(self.processor)

    @property
    def slow(self) -> float:
        """95 in 100 were quicker."""
        return statistics.quantiles(self.milliseconds, n=20, method="inclusive")[-1]


def main(words: Sequence[str] = ()) -> None:
    """Build two samples, look at every page, and print a table with the goals beside the figures."""
    chosen = _chosen(words)
    with installation.servers(durable=False) as environment:
        installation.prepare(environment)
        logging.disable(logging.INFO)  # a line for each request takes longer than some of the pages
        from config.sample.plan import Sizes

        copy_database(environment["DATABASE_OWNER_URL"])
        large = Sizes(chosen.doors, chosen.stays, chosen.events)
        each = SMALL_DOORS / chosen.doors
        small = Sizes(SMALL_DOORS, round(chosen.stays * each), round(chosen.events * each))
        for database, sizes in ((DATABASE, large), (SMALL, small)):
            with database_of(database):
                build_sample(sizes)
        rooms = [
            *_rooms(DATABASE, {"largest": "Largest Stays", "typical": "Typical Stays 1"}),
            *_rooms(SMALL, {"small data": "Typical Stays 1"}),
        ]
        sys.stdout.write(
            f"Pages, {large.doors:,} doors, {large.stays:,} stays, {large.events:,} events; "
            f"{TIMES * ROUNDS} requests each\n"
            "Milliseconds: half were quicker, 95 in 100 were, processors worked; ! is beyond the goal\n"
        )
        _measure(rooms, chosen.only)


def _chosen(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench pages", description=__doc__)
    parser.add_argument("--doors", type=int, default=2_000)
    parser.add_argument("--stays", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="pages whose title holds this")
    return parser.parse_args(words)


def copy_database(owner_url: str) -> None:
    """One more database with the same tables, all empty."""
    from django.db import connections

    connections.close_all()
    names = sql.Identifier(SMALL), sql.Identifier(DATABASE)
    elsewhere = urlunsplit(urlsplit(owner_url)._replace(path="/postgres"))
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


@contextmanager
def database_of(name: str) -> Iterator[None]:
    """Have all that follows work in this database."""
    from django.db import connections

    before = connections["default"].settings_dict["NAME"]
    _lead_to(name)
    try:
        yield
    finally:
        _lead_to(before)


def _lead_to(name: str) -> None:
    from django.db import connections

    connections.close_all()
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = name


def build_sample(sizes: Any) -> None:
    """Fill the database in which one works now, and say how long that took."""
    from config.sample import build
    from properties.clock import now

    began = time.monotonic()
    build.build(sizes, beside_others=False, say=lambda _: None, now=now())
    took = time.monotonic() - began
    sys.stdout.write(f"  {sizes.doors:,} doors, {sizes.stays:,} stays: built in {took:.0f} s\n")
    sys.stdout.flush()


def _rooms(database: str, names: dict[str, str]) -> list[Room]:
    from properties import tenancy
    from properties.models import Organization

    with database_of(database):
        rooms = []
        for title, name in names.items():
            organization = Organization.objects.get(name=name)
            with tenancy.within(organization):
                numbers = _numbers(organization)
                rooms.append(Room(title, database, organization.slug, _cookie(organization), numbers))
        return rooms


def _cookie(organization: Any) -> str:
    """A session of the owner's."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from properties.roles import Role

    owner = organization.memberships.get(role=Role.OWNER).user
    session = SessionStore()
    session[SESSION_KEY] = str(owner.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _numbers(organization: Any) -> dict[str, Any]:
    """Rows to look at: of the first house, and from the middle of what there is."""
    from access.models import Activity, Stay
    from properties.clock import now
    from properties.models import Property, Unit

    house = Property.objects.filter(organization=organization).earliest("pk")
    unit = Unit.objects.filter(property=house).earliest("pk")
    stays = Stay.objects.filter(unit=unit, cancelled_at=None).order_by("starts_at")
    stay = stays.filter(ends_at__gt=now()).select_related("guest")[0]
    middle = stays[stays.count() // 2]
    front = unit.way_in.order_by("position").select_related("door")[0].door
    activity = Activity.objects.filter(organization=organization, grant__stay=middle).order_by("pk")[0]
    return {
        "property": house.pk,
        "unit": unit.pk,
        "stay": stay.pk,
        "old_stay": middle.pk,
        "guest": middle.guest_id,
        "name": stay.guest.name.split()[1],
        "address": middle.guest.email,
        "door": front.pk,
        "lock": front.smart_lock_id,
        "activity": activity.pk,
    }


def _measure(rooms: Sequence[Room], only: str) -> None:
    sys.stdout.write(_line("", [f"{room.title:>21s}" for room in rooms], "of small", "queries"))
    for title, path in PAGES.items():
        if only.lower() not in title.lower():
            continue
        found = {room.title: Found([], [], 0) for room in rooms}
        for _ in range(ROUNDS):
            for room in rooms:
                with database_of(room.database):
                    _look(room, f"/b/{room.slug}{path.format(**room.numbers)}", found[room.title])
        _report(title, found)


def _look(room: Room, path: str, found: Found) -> None:
    """Ask for the page as a browser does, a few times for nothing first."""
    from django.db import connection

    asked = 0

    def count(execute: Callable[..., Any], *words: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*words)

    for number in range(WARM_UP + TIMES):
        asked = 0
        before = processor()
        with connection.execute_wrapper(count):
            took = _request(path, room.cookie)
        found.queries = asked
        if number >= WARM_UP:
            found.milliseconds.append(took)
            found.processor.append(processor() - before)


def processor() -> float:
    """Milliseconds that this thread and the database's process for it have worked; where that is told."""
    from django.db import connection

    connection.ensure_connection()
    status = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    theirs = int(status.read_text("utf-8").split()[0]) / 1e6 if status.exists() else 0.0
    return time.thread_time() * 1e3 + theirs


def _request(path: str, cookie: str) -> float:
    """Milliseconds from the request to the last byte, in this process."""
    from config.wsgi import application

    place, _, query = path.partition("?")
    environ: dict[str, Any] = {"PATH_INFO": place, "QUERY_STRING": query, "HTTP_COOKIE": cookie}
    environ |= {"HTTP_HOST": "testserver", "HTTP_ACCEPT": "text/html", "wsgi.input": io.BytesIO()}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    began = time.perf_counter()
    answer = application(environ, lambda status, *_: statuses.append(status))
    for _ in answer:
        pass
    took = time.perf_counter() - began
    answer.close()  # type: ignore[attr-defined]  # as the protocol asks
    if statuses[0][:3] not in {"200", "204"}:
        raise RuntimeError(f"{path} was answered with {statuses[0]}")
    return took * 1e3


def _report(title: str, found: dict[str, Found]) -> None:
    cells = []
    for room, one in found.items():
        goal = GOAL.get(room)
        sign = " " if goal is None or one.slow <= goal else "!"
        cells.append(f"{one.median:7.0f}{one.slow:7.0f}{sign}{one.work:6.0f}")
    ratio = found["typical"].work / found["small data"].work
    counts = {one.queries for one in found.values()}
    sign = "" if ratio <= MOST_TIMES_THE_SMALL else "!"
    many = "" if len(counts) == 1 and max(counts) <= MOST_QUERIES else "!"
    numbers = " to ".join(map(str, sorted(counts)))
    sys.stdout.write(_line(title, cells, f"{ratio:.2f}{sign}", f"{numbers}{many}"))
    sys.stdout.flush()


def _line(title: str, cells: Sequence[str], *more: str) -> str:
    return f"  {title:30s}{''.join(cells)}{''.join(f'{one:>10s}' for one in more)}\n"
