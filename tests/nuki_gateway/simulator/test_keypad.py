"""Standing at the door: truth and the device's own clock decide."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nuki_gateway.simulator import KeypadAnswer, Simulator, TurnedClock
from nuki_gateway.simulator.world import Account, Lock
from tests.nuki_gateway.simulator.caller import Caller

FROM = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
MONDAY_AND_FRIDAY = 64 + 4


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def window(**fields: Any) -> dict[str, Any]:
    return {"allowed_from": FROM, **fields}


@pytest.mark.parametrize(
    ("fields", "when", "reason"),
    [
        pytest.param({}, "2026-05-09T03:00Z", "open", id="no window at all"),
        pytest.param(
            {"allowed_until": FROM, "weekdays": 1, "from_minute": 1, "until_minute": 2},
            "2026-05-11T03:00Z",
            "open",
            id="without a first day nothing bites",
        ),
        pytest.param(window(), "2026-05-04T08:00Z", "open", id="from the first instant"),
        pytest.param(
            {"allowed_from": at("2026-05-04T09:00Z")}, "2026-05-04T08:59:59Z", "too early", id="before"
        ),
        pytest.param(
            window(allowed_until=at("2026-05-06T08:00Z")), "2026-05-06T07:59:59Z", "open", id="to the end"
        ),
        pytest.param(
            window(allowed_until=at("2026-05-06T08:00Z")), "2026-05-06T08:00Z", "ended", id="no longer"
        ),
        pytest.param(window(weekdays=MONDAY_AND_FRIDAY), "2026-05-08T21:59Z", "open", id="Friday in Berlin"),
        pytest.param(
            window(weekdays=MONDAY_AND_FRIDAY),
            "2026-05-08T22:00Z",
            "not on this weekday",
            id="Saturday in Berlin",
        ),
        pytest.param(window(weekdays=0), "2026-05-05T08:00Z", "not on this weekday", id="no weekday"),
        pytest.param(
            window(from_minute=0, until_minute=0), "2026-05-05T00:00Z", "open", id="0 and 0 are all day"
        ),
        pytest.param(
            window(from_minute=540, until_minute=720),
            "2026-05-05T06:59Z",
            "not at this time of day",
            id="08:59",
        ),
        pytest.param(window(from_minute=540, until_minute=720), "2026-05-05T07:00Z", "open", id="09:00"),
        pytest.param(
            window(from_minute=540, until_minute=720),
            "2026-05-05T10:00Z",
            "not at this time of day",
            id="12:00",
        ),
        pytest.param(
            window(from_minute=1320, until_minute=360), "2026-05-05T03:59Z", "open", id="across midnight"
        ),
        pytest.param(
            window(from_minute=540, until_minute=720), "2026-10-24T07:00Z", "open", id="09:00 in summer time"
        ),
        pytest.param(
            window(from_minute=540, until_minute=720),
            "2026-10-26T07:00Z",
            "not at this time of day",
            id="08:00 in winter time",
        ),
        pytest.param(
            window(from_minute=540, until_minute=720), "2026-10-26T08:00Z", "open", id="09:00 in winter time"
        ),
        pytest.param(window(enabled=False), "2026-05-05T08:00Z", "disabled", id="disabled"),
    ],
)
def test_a_code_opens_within_its_window_only(
    *, simulator: Simulator, clock: TurnedClock, door: Lock, fields: dict[str, Any], when: str, reason: str
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174", **fields)
    clock.turn_to(at(when))

    answer = simulator.type_code(door.smartlock_id, "384174")

    assert answer == KeypadAnswer(opened=reason == "open", reason=reason)


def test_the_devices_own_clock_decides(simulator: Simulator, clock: TurnedClock, alice: Account) -> None:
    late = simulator.add_lock(alice, name="Slow", keypad="keypad", clock_offset_seconds=-120)
    simulator.in_the_app(late.smartlock_id).add_code("Ada", "384174", allowed_from=FROM)

    assert simulator.type_code(late.smartlock_id, "384174").reason == "too early"
    clock.turn(seconds=120)
    assert simulator.type_code(late.smartlock_id, "384174").opened


def test_three_wrong_codes_in_a_row_lock_the_keypad_for_a_minute(
    simulator: Simulator, clock: TurnedClock, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")
    wrong = [simulator.type_code(door.smartlock_id, "999999").reason for _ in range(3)]

    assert wrong == ["unknown code"] * 3
    assert simulator.type_code(door.smartlock_id, "384174").reason == "locked out for a minute"
    clock.turn(seconds=59)
    assert not simulator.type_code(door.smartlock_id, "384174").opened
    clock.turn(seconds=1)
    assert simulator.type_code(door.smartlock_id, "384174").opened


def test_a_right_code_in_between_starts_the_count_anew(simulator: Simulator, door: Lock) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")

    typed = ["999999", "999999", "384174", "999999", "999999", "384174"]
    opened = [simulator.type_code(door.smartlock_id, code).opened for code in typed]

    assert opened == [False, False, True, False, False, True]


@pytest.mark.parametrize(
    ("keypad", "battery_empty", "reason"),
    [
        pytest.param(None, False, "no keypad", id="none"),
        pytest.param("keypad", True, "keypad battery empty", id="empty"),
    ],
)
def test_without_a_working_keypad_nothing_opens(
    *, simulator: Simulator, door: Lock, keypad: str | None, battery_empty: bool, reason: str
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")

    simulator.set_keypad(door.smartlock_id, keypad, battery_empty=battery_empty)

    assert simulator.type_code(door.smartlock_id, "384174").reason == reason


def test_the_log_reaches_the_cloud_some_seconds_later_and_counts_the_use(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")
    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    simulator.type_code(door.smartlock_id, "384174")
    simulator.type_code(door.smartlock_id, "999999")
    assert nuki("GET", "/smartlock/log").json == []

    clock.turn(seconds=2)

    refused, opened = nuki("GET", "/smartlock/log").json
    (shape,) = nuki("GET", f"/smartlock/{door.smartlock_id}/auth").json
    common: dict[str, Any] = {
        "smartlockId": door.smartlock_id,
        "deviceType": 4,
        "action": 1,
        "trigger": 255,
        "source": 1,
    }
    common |= {"autoUnlock": False, "date": "2026-05-04T08:00:02.000Z"}
    assert opened == {"id": opened["id"], "authId": shape["id"], "name": "Ada", "state": 0, **common}
    assert refused == {"id": refused["id"], "name": "", "state": 224, **common}
    assert (shape["lockCount"], shape["lastActiveDate"]) == (1, "2026-05-04T08:00:02.000Z")


def test_an_offline_lock_opens_all_the_same_and_sends_its_log_on_return(
    simulator: Simulator, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")
    simulator.take_offline(door.smartlock_id)
    assert simulator.type_code(door.smartlock_id, "384174").opened
    simulator.settle()
    assert nuki("GET", f"/smartlock/{door.smartlock_id}/log").json == []

    simulator.bring_online(door.smartlock_id)
    simulator.settle()

    assert [one["name"] for one in nuki("GET", f"/smartlock/{door.smartlock_id}/log").json] == ["Ada"]
