"""The page for people and its control calls under /-/: for this machine only, since codes are shown there."""

import json
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from nuki_gateway.simulator import doors, page_state
from nuki_gateway.simulator.account_calls import is_loopback
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, Request, json_answer
from nuki_gateway.simulator.api import Api
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import OfflineWrites

FILES = {
    "/": ("index.html", "text/html; charset=UTF-8"),
    "/-/simulator.css": ("simulator.css", "text/css; charset=UTF-8"),
    "/-/simulator.js": ("simulator.js", "text/javascript; charset=UTF-8"),
    "/-/simulator.svg": ("simulator.svg", "image/svg+xml"),
}
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
LOCK_CALL = "/-/locks/"


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
    return _write(engine, request)


def _read(engine: Engine, api: Api, path: str) -> Answer:
    if path == "/-/state.json":
        engine.run_due()
        with engine.guard:
            state = page_state.state(engine, list(api.calls))
        whole = json_answer(state)
        return Answer(whole.status, whole.body, {**whole.headers, **PAGE_HEADERS})
    if path not in FILES:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such page.")
    name, content_type = FILES[path]
    return Answer(HTTPStatus.OK, _file(name), {"Content-Type": content_type, **PAGE_HEADERS})


def _write(engine: Engine, request: Request) -> Answer:
    smartlock_id, _, action = request.path.removeprefix(LOCK_CALL).partition("/")
    known = request.path.startswith(LOCK_CALL) and smartlock_id.isdecimal() and action in _ACTIONS
    if not known or request.method != "POST":
        return _problem(HTTPStatus.NOT_FOUND, "There is no such call.")
    if int(smartlock_id) not in engine.world.locks:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such lock.")
    return _ACTIONS[action](engine, int(smartlock_id), request)


def _type_code(engine: Engine, smartlock_id: int, request: Request) -> Answer:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
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


@cache
def _file(name: str) -> bytes:
    return (Path(__file__).parent / "page" / name).read_bytes()


_ACTIONS: dict[str, Callable[[Engine, int, Request], Answer]] = {
    "type-code": _type_code,
    "offline": _take_offline,
    "online": _bring_online,
    "lose-next-write": _lose_next_write,
}
