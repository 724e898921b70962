"""The API's list of stays, beside a bare list of REST framework in the same run; among few stays and many."""

import argparse
import io
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from wsgiref.util import setup_testing_defaults

from bench import installation, pages
from bench.pages import SMALL, Found
from config.embedded.postgres import DATABASE

STAYS_OF_A_DOOR = (
    100  # so that a typical business, of fifty doors, has the same stays among few and among many
)
WARM_UP, TIMES, ROUNDS = 5, 25, 4
LEAST_SHARE = 0.5  # of the bare list's speed
MOST_QUERIES = 5
MOST_TIMES_THE_SMALL = 1.25
AS_OFTEN_AS_ONE_LIKES = "999999999"  # calls a minute
FAR_BACK = 20  # pages

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass(frozen=True)
class Room:
    """A business in one of the databases, and a key of its."""

    title: str
    database: str
    organization: Any
    key: str


def main(words: Sequence[str] = ()) -> None:
    """Build two samples, ask for the same lists in both, and print a table."""
    chosen = _chosen(words)
    with installation.servers(durable=False) as environment:
        installation.prepare(environment | {"API_CALLS_PER_MINUTE": AS_OFTEN_AS_ONE_LIKES})
        logging.disable(logging.INFO)  # a line for each request takes longer than some of the answers
        from config.sample.plan import Sizes

        pages.copy_database(environment["DATABASE_OWNER_URL"])
        for database, stays in ((DATABASE, chosen.stays), (SMALL, chosen.small)):
            with pages.database_of(database):
                pages.build_sample(Sizes(stays // STAYS_OF_A_DOOR, stays, stays))
        rooms = [
            _room("largest", DATABASE, "Largest Stays"),
            _room("typical", DATABASE, "Typical Stays 1"),
            _room("among few", SMALL, "Typical Stays 1"),
        ]
        sys.stdout.write(
            f"Lists of 50 stays in {chosen.stays:,} and in {chosen.small:,}; {TIMES * ROUNDS} requests each\n"
            "Milliseconds: half were quicker, 95 in 100 were, processors worked; ! is beyond the goal\n"
        )
        _measure(rooms)


def _chosen(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench api", description=__doc__)
    parser.add_argument("--stays", type=int, default=200_000)
    parser.add_argument("--small", type=int, default=10_000)
    return parser.parse_args(words)


def _room(title: str, database: str, name: str) -> Room:
    from properties import api_keys, tenancy
    from properties.api_scopes import Scope
    from properties.clock import now
    from properties.models import Organization
    from properties.roles import Role

    with pages.database_of(database):
        organization = Organization.objects.get(name=name)
        with tenancy.within(organization):
            owner = organization.memberships.get(role=Role.OWNER).user
            _, key = api_keys.make(
                organization=organization,
                name="Bench",
                scopes=[Scope.READ],
                expires_at=None,
                made_by=owner,
                now=now(),
            )
    return Room(title, database, organization, key)


def _measure(rooms: Sequence[Room]) -> None:
    from config.wsgi import application

    sys.stdout.write(_line("", [f"{room.title:>23s}" for room in rooms], "of few", "queries"))
    bare = _table("bare list", {room.title: (room, _bare(room.organization), "/") for room in rooms})
    known = {room.title: (room, _bare(room.organization, asks_who=True), "/") for room in rooms}
    guarded = _table("bare, with key and limit", known)
    whole = {room.title: (room, _bare(room.organization, of_the_same_facts()), "/") for room in rooms}
    same = _table("bare, of the same facts", whole)
    lists = {
        "list_stays": "/api/v1/stays",
        "far back": "/api/v1/stays?cursor={cursor}",
        "of one unit": "/api/v1/stays?unit=unit_{unit}",
        "to come": "/api/v1/stays?status=coming",
        "guest and unit whole": "/api/v1/stays?expand=guest,unit",
        "units": "/api/v1/units",
    }
    for title, path in lists.items():
        asked = {
            room.title: (room, application, path.format(cursor=_cursor(room), unit=_unit(room)))
            for room in rooms
        }
        found = _table(title, asked)
        if title == "list_stays":
            _compare("of the bare list's speed", bare, found)
            _compare("of that with key and limit", guarded, found)
            _compare("of that of the same facts", same, found)


def _table(title: str, asked: Mapping[str, tuple[Room, Application, str]]) -> dict[str, Found]:
    found = {name: Found([], [], 0) for name in asked}
    for _ in range(ROUNDS):
        for name, (room, application, path) in asked.items():
            with pages.database_of(room.database):
                _ask_often(application, path, room.key, found[name])
    cells = [f"{one.median:7.1f}{one.slow:8.1f}{one.work:8.1f}" for one in found.values()]
    ratio = found["typical"].work / found["among few"].work
    most = max(one.queries for one in found.values())
    sys.stdout.write(
        _line(
            title,
            cells,
            f"{ratio:.2f}{'' if ratio <= MOST_TIMES_THE_SMALL else '!'}",
            f"{most}{'' if most <= MOST_QUERIES else '!'}",
        )
    )
    sys.stdout.flush()
    return found


def _compare(title: str, bare: dict[str, Found], ours: dict[str, Found]) -> None:
    shares = [bare[name].work / ours[name].work for name in bare]
    cells = [f"{share:22.2f}{' ' if share >= LEAST_SHARE else '!'}" for share in shares]
    sys.stdout.write(_line(title, cells, "", ""))


def _ask_often(application: Application, path: str, key: str, found: Found) -> None:
    from django.db import connection

    asked = 0

    def count(execute: Callable[..., Any], *words: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*words)

    for number in range(WARM_UP + TIMES):
        asked = 0
        worked, began = pages.processor(), time.perf_counter()
        with connection.execute_wrapper(count):
            _ask(application, path, key)
        took = time.perf_counter() - began
        found.queries = asked
        if number >= WARM_UP:
            found.milliseconds.append(took * 1e3)
            found.processor.append(pages.processor() - worked)


def _ask(application: Application, path: str, key: str) -> dict[str, Any]:
    """What is answered to one request, from its first byte to its last in this process."""
    place, _, query = path.partition("?")
    environ: dict[str, Any] = {"PATH_INFO": place, "QUERY_STRING": query, "HTTP_HOST": "testserver"}
    environ |= {"HTTP_AUTHORIZATION": f"Bearer {key}", "wsgi.input": io.BytesIO()}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    answer = application(environ, lambda status, *_: statuses.append(status))
    content = b"".join(answer)
    answer.close()
    if not statuses[0].startswith("200"):
        raise RuntimeError(f"{path} was answered with {statuses[0]}: {content!r}")
    read: dict[str, Any] = json.loads(content)
    return read


@dataclass(frozen=True)
class Plain:
    """How REST framework would show a stay if nobody gave it a thought."""

    serializer: Any
    rows: Callable[[], Any]


def of_all_columns() -> Plain:
    """Its own columns and nothing else: no unit's name, no zone, nobody who comes along, no door."""
    from rest_framework.serializers import ModelSerializer

    from access.models import Stay

    class BareStay(ModelSerializer[Stay]):
        class Meta:
            model = Stay
            fields = "__all__"

    def rows() -> Any:
        return Stay.objects.all()  # in the scope of the request

    return Plain(BareStay, rows)


def of_the_same_facts() -> Plain:
    """What our list answers with, by serializers in serializers, with the rows that a state is made of."""
    from django.db.models import Prefetch
    from rest_framework import serializers

    from access.models import Grant, Stay

    class BareGrant(serializers.ModelSerializer[Grant]):
        door = serializers.CharField(source="door.name")
        is_online = serializers.BooleanField(source="smart_lock.is_online")

        class Meta:
            model = Grant
            fields = ("id", "door", "is_online", "is_wanted", "problem", "asked_at", "confirmed_at")

    class StayWithDoors(serializers.ModelSerializer[Stay]):
        property = serializers.IntegerField(source="unit.property_id")
        time_zone = serializers.CharField(source="unit.property.time_zone")
        guest_name = serializers.CharField(source="guest.name")
        companions: Any = serializers.PrimaryKeyRelatedField(source="party", many=True, read_only=True)
        grants = BareGrant(many=True)

        class Meta:
            model = Stay
            fields = (
                *("id", "external_id", "unit", "property", "guest", "guest_name", "companions", "starts_at"),
                *("ends_at", "time_zone", "grants", "revision", "booked_at", "cancelled_at"),
            )

    def rows() -> Any:
        live = Grant.objects.filter(closed_at=None).select_related("smart_lock", "door")
        stays = Stay.objects.select_related("unit__property", "guest")
        return stays.prefetch_related("party", Prefetch("grants", live))

    return Plain(StayWithDoors, rows)


def _bare(organization: Any, plain: Plain | None = None, *, asks_who: bool = False) -> Application:
    """What REST framework does by itself for the same rows, by default every column; and a cursor at the end.

    It may ask who calls, and how often, as no API can do without: it finds the key and counts the request.
    """
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest
    from rest_framework.generics import ListAPIView
    from rest_framework.pagination import CursorPagination

    from access.api import limits
    from access.api.keys import KeyAuthentication
    from properties import tenancy
    from properties.models import ApiKey

    chosen = plain or of_all_columns()

    class ByStart(CursorPagination):
        page_size = 50
        ordering = "-starts_at"

    class Bare(ListAPIView[Any]):
        authentication_classes: Sequence[Any] = [KeyAuthentication] if asks_who else []
        permission_classes: Sequence[Any] = []
        serializer_class = chosen.serializer
        pagination_class = ByStart

        def get_queryset(self) -> Any:
            if isinstance(self.request.auth, ApiKey):
                limits.count(self.request.auth, seconds=time.time())
            return chosen.rows().filter(organization=organization)

    view = Bare.as_view()

    class Handler(WSGIHandler):
        def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
            del is_async
            self._middleware_chain = self._answer

        @staticmethod
        def _answer(request: HttpRequest) -> Any:
            with tenancy.within(organization):  # without which there are no rows
                return view(request).render()

    return Handler()


def _cursor(room: Room) -> str:
    """The place of a page far back."""
    from config.wsgi import application

    with pages.database_of(room.database):
        cursor = ""
        for _ in range(FAR_BACK):
            path = "/api/v1/stays" + (f"?cursor={cursor}" if cursor else "")
            cursor = _ask(application, path, room.key)["next_cursor"]
    return cursor


def _unit(room: Room) -> int:
    from properties import tenancy
    from properties.models import Unit

    with pages.database_of(room.database), tenancy.within(room.organization):
        return Unit.objects.filter(organization=room.organization).earliest("pk").pk


def _line(title: str, cells: Sequence[str], *more: str) -> str:
    return f"  {title:28s}{''.join(cells)}{''.join(f'{one:>10s}' for one in more)}\n"
