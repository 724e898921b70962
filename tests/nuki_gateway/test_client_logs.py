"""The log: newest first, in pages of fifty, walked by a cursor that may not run for ever."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.models import (
    LogAction,
    LogEntry,
    LogSource,
    LogState,
    LogTrigger,
    OfAnotherShape,
)
from nuki_gateway.simulator import Account, Lock, Simulator, TurnedClock
from tests.nuki_gateway.answering import answer, answering
from tests.nuki_gateway.conftest import CODE, ENTRY, TOKEN

LINE = {
    "id": "66aa00000000000000000001",
    "smartlockId": 5,
    "action": 1,
    "trigger": 255,
    "state": 0,
    "date": "2026-03-01T14:03:11.000Z",
}
CAME_IN = LogEntry(
    id="66aa00000000000000000001",
    smartlock_id=5,
    authorization_id=None,
    account_user_id=None,
    name="",
    action=LogAction.UNLOCK,
    trigger=LogTrigger.KEYPAD,
    state=LogState.SUCCESS,
    source=LogSource.KEYPAD_CODE,
    at=datetime(2026, 3, 1, 14, 3, 11, tzinfo=UTC),
    device_type=None,
)


def type_codes(simulator: Simulator, clock: TurnedClock, door: Lock, count: int) -> None:
    for _ in range(count):
        simulator.type_code(door.smartlock_id, "999999")
        clock.turn(seconds=120)
    simulator.settle()


def test_what_happened_at_the_door_is_read_with_the_authorization_that_was_used(
    simulator: Simulator, clock: TurnedClock, door: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code(door.smartlock_id, replace(ENTRY, window=replace(ENTRY.window, weekdays=127)))
    simulator.settle()
    (known,) = nuki.keypad_codes(door.smartlock_id)
    clock.turn_to(datetime(2026, 6, 15, 14, 30, tzinfo=UTC))
    simulator.type_code(door.smartlock_id, CODE)
    clock.turn(seconds=60)
    simulator.type_code(door.smartlock_id, "999999")
    simulator.settle()

    refused, opened = nuki.log(door.smartlock_id)

    assert opened == LogEntry(
        id=opened.id,
        smartlock_id=door.smartlock_id,
        authorization_id=known.id,
        account_user_id=None,
        name="Ada",
        action=LogAction.UNLOCK,
        trigger=LogTrigger.KEYPAD,
        state=LogState.SUCCESS,
        source=LogSource.KEYPAD_CODE,
        at=datetime(2026, 6, 15, 14, 30, tzinfo=UTC),
        device_type=5,
    )
    assert (opened.was_opened_by_keypad, opened.is_refused_code) == (True, False)
    assert (refused.was_opened_by_keypad, refused.is_refused_code) == (False, True)
    assert refused.at == datetime(2026, 6, 15, 14, 31, tzinfo=UTC)


def test_the_log_of_the_account_holds_that_of_all_its_locks(
    simulator: Simulator, account: Account, clock: TurnedClock, door: Lock, nuki: NukiClient
) -> None:
    cellar = simulator.add_lock(account, name="Cellar", keypad="keypad")
    type_codes(simulator, clock, door, 1)
    type_codes(simulator, clock, cellar, 1)

    assert [entry.smartlock_id for entry in nuki.log()] == [cellar.smartlock_id, door.smartlock_id]
    assert [entry.smartlock_id for entry in nuki.log(door.smartlock_id)] == [door.smartlock_id]


def test_the_walk_goes_through_all_pages_and_gives_each_line_once(
    simulator: Simulator, clock: TurnedClock, door: Lock, nuki: NukiClient
) -> None:
    type_codes(simulator, clock, door, 120)
    before = len(simulator.calls)

    found = list(nuki.log_by_page(door.smartlock_id))

    assert len(found) == len({entry.id for entry in found}) == 120
    assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
    assert len(simulator.calls) - before == 4  # 50, 50, 20 and none


def test_a_page_is_bounded_by_two_instants_and_by_the_cursor(
    simulator: Simulator, clock: TurnedClock, door: Lock, nuki: NukiClient
) -> None:
    type_codes(simulator, clock, door, 5)
    newest, second, third, fourth, oldest = nuki.log(door.smartlock_id)

    assert nuki.log(door.smartlock_id, limit=2) == [newest, second]
    assert nuki.log(door.smartlock_id, before_id=third.id) == [fourth, oldest]
    assert nuki.log(door.smartlock_id, since=second.at) == [newest, second]
    assert nuki.log(door.smartlock_id, until=fourth.at) == [fourth, oldest]
    assert list(nuki.log_by_page(since=fourth.at, until=second.at)) == [second, third, fourth]
    assert list(nuki.log_by_page(before_id=fourth.id)) == [oldest]


def test_instants_go_out_in_utc_and_no_more_than_fifty_lines_are_asked_for() -> None:
    in_vienna = datetime(2026, 6, 15, 14, 0, tzinfo=timezone(timedelta(hours=2)))

    with answering(answer("200 OK", b"[]")) as service:
        NukiClient(service.url, TOKEN).log(5, before_id="66aa", since=in_vienna, until=in_vienna, limit=500)
        NukiClient(service.url, TOKEN).log()

    moment = "2026-06-15T12%3A00%3A00.000Z"
    assert [asked.line for asked in service.asked] == [
        f"GET /smartlock/5/log?id=66aa&fromDate={moment}&toDate={moment}&limit=50 HTTP/1.1",
        "GET /smartlock/log?limit=50 HTTP/1.1",
    ]


def test_a_service_that_repeats_its_page_ends_the_walk() -> None:
    with answering(answer("200 OK", json.dumps([LINE]).encode())) as service:
        found = list(NukiClient(service.url, TOKEN).log_by_page(5))

    assert [entry.id for entry in found] == ["66aa00000000000000000001"]
    assert len(service.asked) == 2


def test_a_walk_reads_no_more_pages_than_it_may(
    simulator: Simulator, clock: TurnedClock, door: Lock, nuki: NukiClient
) -> None:
    type_codes(simulator, clock, door, 60)

    found = list(nuki.log_by_page(door.smartlock_id, most_pages=1))

    assert len(found) == 50


def test_a_token_without_the_scope_reads_no_log(simulator: Simulator, url: str) -> None:
    simulator.add_account(name="Reader", token="reads-only", scopes=["smartlock.readOnly"])

    with pytest.raises(errors.NukiForbidden):
        NukiClient(url, "reads-only").log()


@pytest.mark.parametrize(
    ("entry", "by_keypad", "refused", "left_open"),
    [
        pytest.param(CAME_IN, True, False, False, id="a code"),
        pytest.param(replace(CAME_IN, source=LogSource.FINGERPRINT), True, False, False, id="a finger"),
        pytest.param(replace(CAME_IN, action=LogAction.UNLATCH), True, False, False, id="unlatched"),
        pytest.param(replace(CAME_IN, source=LogSource.TAP_TO_UNLOCK), False, False, False, id="a phone"),
        pytest.param(replace(CAME_IN, source=None), False, False, False, id="an unknown source"),
        pytest.param(replace(CAME_IN, action=LogAction.LOCK), False, False, False, id="locked by code"),
        pytest.param(replace(CAME_IN, trigger=LogTrigger.APP), False, False, False, id="by the app"),
        pytest.param(replace(CAME_IN, state=LogState.BUSY), False, False, False, id="a code that failed"),
        pytest.param(replace(CAME_IN, state=LogState.INVALID_CODE), False, True, False, id="a wrong code"),
        pytest.param(
            replace(CAME_IN, state=LogState.INVALID_CODE, trigger=LogTrigger.APP),
            False,
            False,
            False,
            id="that number from elsewhere",
        ),
        pytest.param(
            replace(CAME_IN, action=LogAction.DOOR_AJAR, trigger=LogTrigger.SYSTEM, source=None),
            False,
            False,
            True,
            id="a door ajar",
        ),
        pytest.param(
            replace(CAME_IN, action=77, trigger=78, state=79), False, False, False, id="new numbers"
        ),
    ],
)
def test_a_line_says_what_happened(
    *, entry: LogEntry, by_keypad: bool, refused: bool, left_open: bool
) -> None:
    assert (entry.was_opened_by_keypad, entry.is_refused_code, entry.is_left_open) == (
        by_keypad,
        refused,
        left_open,
    )


@pytest.mark.parametrize(
    ("more", "meant"),
    [
        pytest.param({"source": 1}, CAME_IN, id="nothing but what is needed"),
        pytest.param({}, replace(CAME_IN, source=None), id="no source"),
        pytest.param(
            {"source": 1, "authId": None, "name": None, "openerLog": {}, "error": "x"}, CAME_IN, id="null"
        ),
        pytest.param(
            {"source": 1, "authId": 5, "deviceType": "x", "autoUnlock": "yes"}, CAME_IN, id="other types"
        ),
        pytest.param(
            {
                "source": 1,
                "action": 999,
                "authId": "66aa",
                "name": "Ada",
                "autoUnlock": True,
                "deviceType": 4,
            },
            replace(
                CAME_IN, action=999, authorization_id="66aa", name="Ada", auto_unlock=True, device_type=4
            ),
            id="an action that is new to us",
        ),
    ],
)
def test_a_line_is_read(more: dict[str, Any], meant: LogEntry) -> None:
    assert LogEntry.from_json({**LINE, **more}) == meant


@pytest.mark.parametrize("key", LINE)
def test_a_line_without_what_it_is_made_of_cannot_be_read(key: str) -> None:
    with pytest.raises(OfAnotherShape):
        LogEntry.from_json({**LINE, key: None})


def test_a_line_is_shown_without_the_name() -> None:
    entry = LogEntry.from_json({**LINE, "name": "Ada Vogel"})

    assert f"{entry!r} {entry}" == "<LogEntry 66aa00000000000000000001> <LogEntry 66aa00000000000000000001>"
