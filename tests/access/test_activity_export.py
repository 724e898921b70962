"""What happened at a lock as a file: complete, in order, and harmless in a spreadsheet."""

import csv
import gc
import io
import tracemalloc
from datetime import timedelta

import pytest

from access import activity_export, lock_queries
from access.log_entries import ActivityKind, Means
from access.models import Activity
from nuki_gateway.simulator import TurnedClock
from properties.reach import EVERYWHERE
from tests.access.test_pages_activity import write_activity
from tests.visitors import Visitor, signed_in
from tests.worlds import Business, grant_on

MINUTE = timedelta(minutes=1)
TITLES = ["When (Europe/Vienna)", "Door", "What", "Who", "Means"]


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def export(visitor: Visitor, business: Business, query: str = "") -> list[list[str]]:
    answer = visitor.get(f"/locks/{business.locks['Flat 1'].pk}/activity.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def write_many(business: Business, clock: TurnedClock, count: int) -> None:
    """So much activity that it comes in several chunks; two of it at each moment."""
    Activity.objects.bulk_create(
        Activity(
            organization=business.organization,
            smart_lock=business.locks["Flat 1"],
            source=f"many-{number}",
            happened_at=clock.now() - (number // 2) * MINUTE,
            recorded_at=clock.now(),
            kind=ActivityKind.OPENED,
            means=Means.APP,
            name=f"Anna {number}",
        )
        for number in range(count)
    )


def test_each_line_says_when_where_what_who_and_how(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now(), guest_name="Zoë Ångström")
    write_activity(
        alice, clock, ActivityKind.OPENED, means=Means.KEYPAD, grant=grant_on(stay, "Flat 1"), ago=MINUTE
    )
    write_activity(alice, clock, ActivityKind.CODE_REFUSED, means=Means.KEYPAD, ago=2 * MINUTE)
    write_activity(alice, clock, ActivityKind.OPENED, door="Flat 2", name="Somebody elsewhere")
    write_activity(alice, clock, ActivityKind.OTHER)

    lines = export(host, alice)

    assert lines == [
        TITLES,
        ["2026-06-15 13:59:00", "Flat 1", "opened", "Zoë Ångström", "with a code"],
        ["2026-06-15 13:58:00", "Flat 1", "code refused", "", "with a code"],
    ]


def test_it_is_a_file_that_spreadsheets_read_as_utf_8(host: Visitor, alice: Business) -> None:
    answer = host.get(f"/locks/{alice.locks['Flat 1'].pk}/activity.csv")

    assert answer.streaming
    assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbfWhen")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="activity-flat-1-2026-06-15.csv"'
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("=HYPERLINK(1)", id="equals"),
        pytest.param("+1", id="plus"),
        pytest.param("-1", id="minus"),
        pytest.param("@SUM(1)", id="at"),
        pytest.param("\t=1", id="tab"),
        pytest.param("\r=1", id="return"),
        pytest.param("  =1", id="after spaces"),
        pytest.param("\uff1d1", id="wide equals"),
    ],
)
def test_a_name_that_a_spreadsheet_would_work_out_is_defused(
    host: Visitor, alice: Business, clock: TurnedClock, name: str
) -> None:
    write_activity(alice, clock, ActivityKind.OPENED, means=Means.APP, name=name)

    (_, line) = export(host, alice)

    assert line[3] == f"'{name}"


def test_names_of_ours_and_plain_names_stay_as_they_are(alice: Business) -> None:
    assert alice
    assert [activity_export.harmless(cell) for cell in ("Anna-Maria", "a=b", "")] == [
        "Anna-Maria",
        "a=b",
        "",
    ]


def test_a_label_of_ours_is_no_persons_name_in_the_file_either(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    label = grant_on(stay, "Flat 1").label
    write_activity(alice, clock, ActivityKind.OPENED, means=Means.KEYPAD, name=label)

    (_, line) = export(host, alice)

    assert line[3] == "A code that Keyturn cannot place"
    assert export(host, alice, f"?who={label[:4]}") == [TITLES]


def test_every_line_comes_once_and_in_order_over_all_chunks(
    host: Visitor, alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_queries, "CHUNK", 7)
    write_many(alice, clock, 50)

    _, *lines = export(host, alice)

    assert len({line[3] for line in lines}) == len(lines) == 50
    assert [line[0] for line in lines] == sorted((line[0] for line in lines), reverse=True)


def test_what_is_filtered_on_the_page_is_filtered_in_the_file(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    write_activity(alice, clock, ActivityKind.OPENED, name="Anna", ago=timedelta(days=1))
    write_activity(alice, clock, ActivityKind.OPENED, name="Anna")
    write_activity(alice, clock, ActivityKind.OPENED, name="Bert")

    found = [line[0][:10] + line[3] for line in export(host, alice, "?day=2026-06-15&who=ann")[1:]]

    assert found == ["2026-06-15Anna"]


def test_charlie_gets_no_file_of_alices_lock(alice: Business, charlie: Business, clock: TurnedClock) -> None:
    path = f"/locks/{alice.locks['Flat 1'].pk}/activity.csv"

    assert signed_in(charlie, clock).get(path).status_code == 404
    assert Visitor(clock).get(path).status_code == 302


@pytest.mark.slow  # thousands of rows
def test_the_file_is_never_whole_in_memory(
    alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_queries, "CHUNK", 50)
    lock = lock_queries.locks_of(alice.organization, EVERYWHERE).get(pk=alice.locks["Flat 1"].pk)
    write_many(alice, clock, 510)

    sizes = []
    tracemalloc.start()
    for _ in activity_export.export(lock, EVERYWHERE, lock_queries.Wanted(), zone="UTC"):
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert len(sizes) == 12  # the titles, and eleven chunks of rows
    assert sizes[-2] < 1.5 * sizes[1]
