"""Links to guests' pages in wrong hands: ended, guessed, fetched by machines, looked for in logs."""

import io
import logging
import logging.config
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from access import guest_links, stays, visits
from access.models import AuditEntry, AuditKind, Stay
from config import logs
from nuki_gateway.simulator import TurnedClock
from properties import texts
from properties.models import Property
from tests.access.test_pages_welcome import GROUPED, check_guest_page, path_of, write_texts
from tests.conftest import Rings
from tests.tenancy.test_pages import rows_of
from tests.timeline import Timeline
from tests.visitors import Visitor, words
from tests.worlds import CODE, Business

HEAVIEST = 60_000  # bytes, as they are before anything packs them
PARTS = (
    "keyturn/guest.css",
    "keyturn/door.css",
    "keyturn/guest.js",
    "keyturn/door.js",
    "keyturn/favicon.svg",
)
GUESSES = 10_000


@pytest.fixture
def guest(clock: TurnedClock) -> Visitor:
    return Visitor(clock)


@pytest.fixture
def stay(alice: Business, timeline: Timeline) -> Stay:
    write_texts(alice)
    booked = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    return booked


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that the program logs, down to what only developers want."""
    stream = io.StringIO()
    configuration = logs.configuration(as_json=True)
    configuration["handlers"]["stderr"]["stream"] = stream
    configuration["root"]["level"] = "DEBUG"
    configuration["loggers"]["django.request"]["level"] = "DEBUG"
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    logging.config.dictConfig(configuration)
    yield stream
    logging.config.dictConfig(settings.LOGGING)
    root.handlers[:], root.level = before


def answers(guest: Visitor, path: str, **extra: Any) -> list[Any]:
    """Every way in which a link is used."""
    return [
        guest.get(path, **extra),
        guest.post(f"{path}/code", **extra),
        guest.get(f"{path}/stay.ics", **extra),
    ]


def test_whoever_fetches_the_link_ahead_changes_nothing_and_leaves_it_working(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, rings: Rings
) -> None:
    path = path_of(stay, clock)
    before, calls, rung = rows_of(alice.organization), len(alice.simulator.calls), len(rings.sent)

    fetched = [guest.get(path) for _ in range(100)]
    with guest.now():
        fetched += [guest.client.get(f"{path}/stay.ics"), guest.client.head(path)]

    assert {answer.status_code for answer in fetched} == {200}
    assert not [answer for answer in fetched if GROUPED.encode() in answer.content]
    assert rows_of(alice.organization) == before
    assert (len(alice.simulator.calls), len(rings.sent)) == (calls, rung)
    assert GROUPED in words(guest.post(f"{path}/code"))


def test_looking_is_no_way_to_the_code_and_a_form_none_to_the_page(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    path = path_of(stay, clock)

    refused = [guest.get(f"{path}/code"), guest.post(path), guest.post(f"{path}/stay.ics")]

    assert [answer.status_code for answer in refused] == [405, 405, 405]
    assert not AuditEntry.objects.filter(kind=AuditKind.GUEST_SAW_CODE).exists()


@pytest.mark.parametrize("ended", ["over", "cancelled", "revoked", "renewed"])
def test_a_link_that_has_ended_is_gone_and_tells_nobody_why(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock, ended: str
) -> None:
    path, now = path_of(stay, clock), clock.now()
    if ended == "over":
        clock.turn(seconds=(stay.ends_at - now).total_seconds())
    if ended == "cancelled":
        stays.cancel(stay=stay, cancelled_by=alice.owner, now=now)
    if ended == "revoked":
        guest_links.revoke(stay=stay, revoked_by=alice.owner, now=now)
    if ended == "renewed":
        link = guest_links.latest(stay)
        assert link is not None
        guest_links.renew(stay=stay, instead_of=link.pk, renewed_by=alice.owner, now=now)

    gone = answers(guest, path)

    assert [answer.status_code for answer in gone] == [410, 410, 410]
    assert len({answer.content for answer in gone}) == 1
    assert "Harbour Stays This page has ended It lasts as long as the stay" in words(gone[0])
    assert words(gone[0]).endswith("or ask your host. alice@harbour.example")
    for answer in gone:
        check_guest_page(answer)
        assert not [name for name in ("Ada", "Flat 1", "Hafengasse") if name in answer.content.decode()]
    assert not AuditEntry.objects.filter(kind=AuditKind.GUEST_SAW_CODE).exists()


def test_a_cancelled_stay_has_no_page_at_once_and_no_code_soon(
    guest: Visitor, alice: Business, timeline: Timeline, stay: Stay
) -> None:
    path = path_of(stay, timeline.clock)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)

    at_once = guest.get(path).status_code
    timeline.pass_time((stay.ends_at - timeline.now) / 100)

    assert at_once == 410
    assert (alice.opens("Front door", CODE), alice.opens("Flat 1", CODE)) == (False, False)


def test_tokens_that_were_never_given_have_one_answer(guest: Visitor, stay: Stay, clock: TurnedClock) -> None:
    token = path_of(stay, clock).removeprefix("/g/")
    wrong = ["x", token[:-1], token.swapcase(), f"{token}A", secrets.token_urlsafe(24), "%00", "é" * 32]

    found = [answer for one in wrong for answer in answers(guest, f"/g/{one}")][: visits.MOST_MISSES]

    assert {answer.status_code for answer in found} == {404}
    assert len({answer.content for answer in found}) == 1
    assert "This link leads nowhere" in words(found[0])
    for answer in found:
        check_guest_page(answer)


def guesses(guest: Visitor, count: int) -> Counter[int]:
    return Counter(guest.get(f"/g/{secrets.token_urlsafe(24)}").status_code for _ in range(count))


def test_whoever_guesses_is_stopped_and_others_are_not(
    guest: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    path = path_of(stay, clock)

    found = guesses(guest, 3 * visits.MOST_MISSES)

    stopped = guest.get(path)
    assert found == {404: visits.MOST_MISSES, 429: 2 * visits.MOST_MISSES}
    assert (stopped.status_code, stopped.headers["Retry-After"]) == (429, "60")
    assert "Wait a minute" in words(stopped)
    check_guest_page(stopped)
    assert guest.get(path, REMOTE_ADDR="192.0.2.7").status_code == 200
    clock.turn(seconds=60)
    assert guest.get(path).status_code == 200


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_ten_thousand_guesses_find_nothing(guest: Visitor, stay: Stay, clock: TurnedClock) -> None:
    path_of(stay, clock)
    logging.disable(logging.ERROR)  # a line for each guess takes longer than the answer
    try:
        found = guesses(guest, GUESSES)
    finally:
        logging.disable(logging.NOTSET)

    assert found == {404: visits.MOST_MISSES, 429: GUESSES - visits.MOST_MISSES}


def test_a_token_stands_in_no_log_whatever_happens(
    alice: Business, stay: Stay, clock: TurnedClock, timeline: Timeline, written: io.StringIO
) -> None:
    path, guest = path_of(stay, clock), Visitor(clock, Client(raise_request_exception=False))
    token = path.removeprefix("/g/")
    near = f"{token[:-1]}{'y' if token.endswith('x') else 'x'}"

    statuses = [answer.status_code for answer in answers(guest, path)]
    statuses += [guest.get(f"{path}/code").status_code, guest.get(f"/b/harbour-stays{path}").status_code]
    statuses += [guest.get(f"{path}/no-page").status_code, guest.get(f"/g/{near}").status_code]
    Property.objects.filter(pk=alice.house.pk).update(time_zone="Nowhere/Land")  # what breaks every page
    statuses += [guest.get(path).status_code]
    Property.objects.filter(pk=alice.house.pk).update(time_zone=alice.house.time_zone)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=clock.now())
    statuses += [guest.get(path).status_code]
    timeline.pass_seconds(60)

    log = written.getvalue()
    assert statuses == [200, 200, 200, 405, 200, 404, 404, 500, 410]
    assert "Nowhere/Land" in log  # the trace is there
    assert r'"GET /g/\u2026"' in log
    assert [word for word in (token, token[:-1], CODE, GROUPED) if word in log] == []


def test_the_page_with_everything_on_it_is_light(
    guest: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    texts.note_facts(place=alice.house, wifi_name="x" * 32, wifi_password="y" * 63, phone="+43 1 234567")

    page = guest.post(f"{path_of(stay, clock)}/code")

    asked = [part for part in PARTS if f"/static/{part}" in page.content.decode()]
    files = sum(Path(str(finders.find(part))).stat().st_size for part in PARTS)
    assert asked == [*PARTS]
    assert page.content.decode().count("/static/") == len(PARTS)
    assert len(page.content) + files < HEAVIEST
