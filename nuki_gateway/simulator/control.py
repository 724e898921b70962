"""The page for people and its control calls under /-/: for this machine only, since codes are shown there."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from nuki_gateway.simulator import as_account, doors, drills, mix, page_files, page_state, phone, spontaneous
from nuki_gateway.simulator.account_calls import is_loopback
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, Request, json_answer
from nuki_gateway.simulator.api import Api
from nuki_gateway.simulator.clock import TurnedClock
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import OfflineWrites

LOCK_CALL = "/-/locks/"
DRILL_CALL = "/-/drills/"
LONGEST_TURN = 366 * 24 * 60 * 60  # seconds


def answer(engine: Engine, api: Api, request: Request) -> Answer | None:
    """Answer a call that is not the API's; None when it is the API's."""
    if request.path == "/-/health":
        return json_answer({"status": "ok"})
    if request.path != "/" and not request.path.startswith("/-/"):
        return None
    if not _is_local(request):
        return _problem(
            HTTPStatus.FORBIDDEN, "This page answers on the machine it runs on, and nowhere else."
        )
    if request.method == "GET":
        return _read(engine, api, request.path)
    if request.method == "POST" and request.path in _CALLS:
        return _CALLS[request.path](engine, request)
    if request.method == "POST" and request.path.startswith(DRILL_CALL):
        return _drill(engine, request)
    if (request.method, request.path) == ("POST", "/-/as-account"):
        return as_account.answer(engine, api, request)
    return _write(engine, request)


def _read(engine: Engine, api: Api, path: str) -> Answer:
    if path == "/-/state.json":
        engine.run_due()
        with engine.guard:
            state = page_state.state(engine, list(api.calls))
        whole = json_answer(state)
        return Answer(whole.status, whole.body, {**whole.headers, **page_files.PAGE_HEADERS})
    if path == "/-/drills.json":
        return json_answer([one.shape() for one in drills.DRILLS])
    return page_files.answer(path) or _problem(HTTPStatus.NOT_FOUND, "There is no such page.")


def _write(engine: Engine, request: Request) -> Answer:
    smartlock_id, _, action = request.path.removeprefix(LOCK_CALL).partition("/")
    known = request.path.startswith(LOCK_CALL) and smartlock_id.isdecimal() and action in _ACTIONS
    if not known or request.method != "POST":
        return _problem(HTTPStatus.NOT_FOUND, "There is no such call.")
    if int(smartlock_id) not in engine.world.locks:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such lock.")
    return _ACTIONS[action](engine, int(smartlock_id), request)


def _type_code(engine: Engine, smartlock_id: int, request: Request) -> Answer:
    code = _body(request).get("code")
    if not isinstance(code, str):
        return _problem(HTTPStatus.BAD_REQUEST, 'The body is {"code": "123456"}.')
    typed = doors.type_code(engine, smartlock_id, code)
    return json_answer({"opened": typed.opened, "reason": str(typed.reason)})


def _take_offline(engine: Engine, smartlock_id: int, _request: Request) -> Answer:
    doors.take_offline(engine, smartlock_id, writes=OfflineWrites.DELIVERED_ON_RETURN)
    return NO_CONTENT


def _bring_online(engine: Engine, smartlock_id: int, _request: Request) -> Answer:
    doors.bring_online(engine, smartlock_id)
    return NO_CONTENT


def _lose_next_write(engine: Engine, smartlock_id: int, _request: Request) -> Answer:
    engine.script.lose_next_write(smartlock_id)
    return NO_CONTENT


def _drill(engine: Engine, request: Request) -> Answer:
    try:
        drills.run(engine, request.path.removeprefix(DRILL_CALL), _body(request))
    except drills.UnknownDrill:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such drill.")
    except drills.UnknownTarget as problem:
        return _problem(HTTPStatus.NOT_FOUND, str(problem))
    except drills.BadParameter as problem:
        return _problem(HTTPStatus.BAD_REQUEST, str(problem))
    except drills.CannotBeDone as problem:
        return _problem(HTTPStatus.CONFLICT, str(problem))
    return NO_CONTENT


def _set_mix(engine: Engine, request: Request) -> Answer:
    wanted = _body(request).get("mix")
    if not isinstance(wanted, str) or wanted not in mix.NAMED:
        return _problem(HTTPStatus.BAD_REQUEST, f"There are the mixes {', '.join(mix.NAMED)}.")
    spontaneous.change_mix(engine, mix.NAMED[wanted])
    return NO_CONTENT


def _turn_clock(engine: Engine, request: Request) -> Answer:
    if not isinstance(engine.clock, TurnedClock):
        return _problem(HTTPStatus.CONFLICT, "This simulator goes by the wall clock, which nobody turns.")
    seconds: Any = _body(request).get("seconds")
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not is_number or not 0 <= seconds <= LONGEST_TURN:
        return _problem(HTTPStatus.BAD_REQUEST, "The clock turns forward, by at most a year.")
    engine.clock.turn(seconds=seconds)
    return NO_CONTENT


def _body(request: Request) -> dict[str, Any]:
    """Return the body's object; anything else counts as an empty one."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _is_local(request: Request) -> bool:
    """Say whether both the address asked for and the page that asks belong to this machine.

    A page elsewhere on the web can reach a server on this machine, with another Host (rebinding) or another
    Origin.
    """
    host = request.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return is_loopback(name) and request.headers.get("origin") in {None, f"http://{host}"}


def _problem(status: HTTPStatus, sentence: str) -> Answer:
    return json_answer({"problem": sentence}, status)


_CALLS: dict[str, Callable[[Engine, Request], Answer]] = {
    "/-/mix": _set_mix,
    "/-/clock": _turn_clock,
    "/-/redeem": phone.redeem,
    "/-/open-with-app": phone.open_door,
}
_ACTIONS: dict[str, Callable[[Engine, int, Request], Answer]] = {
    "type-code": _type_code,
    "offline": _take_offline,
    "online": _bring_online,
    "lose-next-write": _lose_next_write,
}
