"""The calls about an account's push routes. They are kept and shown; nothing is pushed.

What Nuki pushes to such an address was recorded nowhere, so the simulator does not make it up.
"""

import json
from typing import Any

from nuki_gateway.simulator import bodies, wire
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, json_answer, status_page, value_not_valid
from nuki_gateway.simulator.calls import NOT_FOUND, Call
from nuki_gateway.simulator.world import Notification

UNPROCESSABLE = 422
SYSTEMS = (0, 1, 2)  # Android, iOS, web hook
LANGUAGES = ("cs", "de", "en", "es", "fr", "it", "nl", "sk")
TRIGGERS = frozenset(
    {"lock", "unlock", "unlatch", "lockngo", "open", "ring", "doorsensor", "warnings", "smartlock"}
)


def notifications(call: Call) -> Answer:
    """GET /notification."""
    reference = call.request.query.get("referenceId")
    found = [one for one in _own(call) if reference in {None, one.reference_id}]
    return json_answer([wire.notification(one) for one in found])


def notification(call: Call) -> Answer:
    """GET /notification/{id}."""
    return json_answer(wire.notification(_named(call)))


def create(call: Call) -> Answer:
    """PUT /notification: synchronous, gives the id."""
    made = Notification(call.engine.world.new_id(call.at), call.account.account_id)
    _fill(made, bodies.parsed_object(call.request))
    call.engine.world.notifications.append(made)
    return json_answer(wire.notification(made))


def update(call: Call) -> Answer:
    """POST /notification/{id}: the whole object."""
    _fill(_named(call), bodies.parsed_object(call.request))
    return NO_CONTENT


def delete(call: Call) -> Answer:
    """DELETE /notification/{id}."""
    call.engine.world.notifications.remove(_named(call))
    return NO_CONTENT


def _own(call: Call) -> list[Notification]:
    account_id = call.account.account_id
    return [one for one in call.engine.world.notifications if one.account_id == account_id]


def _named(call: Call) -> Notification:
    for one in _own(call):
        if one.id == call.names["notification_id"]:
            return one
    raise status_page(NOT_FOUND)


def _fill(one: Notification, body: dict[str, Any]) -> None:
    """Take the body over; raises Refused (422 what is missing, 400 what does not fit)."""
    push_id, system = bodies.text(body, "pushId"), bodies.whole_number(body, "os")
    settings, language = body.get("settings"), bodies.text(body, "language") or "en"
    if push_id is None or system is None or not isinstance(settings, list):
        raise status_page(UNPROCESSABLE)
    if system not in SYSTEMS:
        raise value_not_valid("os", system)
    if language not in LANGUAGES:
        raise value_not_valid("language", language)
    for setting in settings:
        _check_setting(setting)
    one.push_id, one.os, one.language = push_id, system, language
    one.reference_id = bodies.text(body, "referenceId")
    one.secret = bodies.text(body, "secret")
    one.settings = json.dumps(settings)


def _check_setting(setting: Any) -> None:
    events = setting.get("triggerEvents") if isinstance(setting, dict) else None
    if not isinstance(events, list):
        raise status_page(UNPROCESSABLE)
    for event in events:
        if event not in TRIGGERS:
            raise value_not_valid("triggerEvents", event)
