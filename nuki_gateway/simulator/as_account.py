"""Calls to the API on behalf of an account, from the page, which has no token."""

import json
from http import HTTPStatus
from typing import Any

from nuki_gateway.simulator.answers import Answer, Request, json_answer
from nuki_gateway.simulator.api import Api
from nuki_gateway.simulator.engine import Engine


def answer(engine: Engine, api: Api, request: Request) -> Answer:
    """Make the call that {"account_id", "method", "path", "body"} describes.

    Gives {"status", "body"}; the status is 0 when the caller would have seen no answer. The call is noted
    and fares like any other.
    """
    wanted = _wanted(request.body)
    accounts = {one.account_id: one for one in engine.world.accounts}
    account = accounts.get(wanted.get("account_id", 0))
    method, path = wanted.get("method"), wanted.get("path")
    if account is None or not isinstance(method, str) or not isinstance(path, str):
        problem = 'The body is {"account_id": 1, "method": "PUT", "path": "/smartlock/1/auth", "body": {}}.'
        return json_answer({"problem": problem}, HTTPStatus.BAD_REQUEST)
    headers = {"authorization": f"Bearer {account.token}", "content-type": "application/json"}
    body = b"" if wanted.get("body") is None else json.dumps(wanted["body"]).encode()
    outcome = api.answer(Request(method=method, path=path, query={}, headers=headers, body=body))
    if outcome.answer is None:
        return json_answer({"status": 0, "body": None})
    return json_answer({"status": outcome.answer.status, "body": _json(outcome.answer.body)})


def _wanted(body: bytes) -> dict[str, Any]:
    wanted = _json(body)
    return wanted if isinstance(wanted, dict) else {}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
