"""What an invited person does on the phone: take an invite into the Nuki app, open the door with it."""

import json
from http import HTTPStatus
from typing import Any

from nuki_gateway.simulator import app_door, invites
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, Request, json_answer
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Invite


def redeem(engine: Engine, request: Request) -> Answer:
    """Redeem the invite for {"authorization_id"}."""
    engine.run_due()
    invite = _invite(engine, request)
    if invite is None:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such invite.")
    with engine.change() as at:
        redeemed = invites.redeem(engine, invite, at=at)
    if not redeemed:
        sentence = "The invite is too old, was taken already, or its authorization is not on the lock."
        return _problem(HTTPStatus.CONFLICT, sentence)
    return NO_CONTENT


def open_door(engine: Engine, request: Request) -> Answer:
    """Open the door of {"authorization_id"}, standing in front of it; gives {"opened", "reason"}."""
    invite = _invite(engine, request)
    if invite is None:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such invite.")
    seen = app_door.open_with_app(engine, invite.authorization_id, remote=False)
    return json_answer({"opened": seen.opened, "reason": str(seen.reason)})


def _invite(engine: Engine, request: Request) -> Invite | None:
    wanted = _body(request).get("authorization_id")
    return next((one for one in engine.world.invites if one.authorization_id == wanted), None)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _problem(status: HTTPStatus, sentence: str) -> Answer:
    return json_answer({"problem": sentence}, status)
