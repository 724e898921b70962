"""The calls that configure a lock, give it a name in the account, or take it out of the account."""

import json
from typing import Any

from nuki_gateway.simulator import bodies, configuration, news, operations, wire
from nuki_gateway.simulator.answers import NO_CONTENT, Answer, empty_exception, status_page, value_not_valid
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.configuration import ADVANCED, CONFIG, OPENER, SMART_DOOR, WEB, Section
from nuki_gateway.simulator.world import NOBODY, Lock, Operation, OperationKind

BUSY = 423
UNPROCESSABLE = 422
METHOD_NOT_ALLOWED = 405
LARGEST_ADMIN_PIN = 9999


def config(call: Call) -> Answer:
    """POST /smartlock/{id}/config: the whole object; name and time zone travel to the device."""
    return _configure(call, CONFIG)


def advanced_config(call: Call) -> Answer:
    """POST /smartlock/{id}/advanced/config."""
    return _configure(call, ADVANCED)


def opener_config(call: Call) -> Answer:
    """POST /smartlock/{id}/advanced/openerconfig."""
    return _configure(call, OPENER)


def smart_door_config(call: Call) -> Answer:
    """POST /smartlock/{id}/advanced/smartdoorconfig."""
    return _configure(call, SMART_DOOR)


def web_config(call: Call) -> Answer:
    """POST /smartlock/{id}/web/config: kept in the cloud, no device hears of it."""
    _keep_web_config(call.lock(), bodies.parsed_object(call.request))
    return NO_CONTENT


def web_config_of_many(call: Call) -> Answer:
    """POST /bulk-web-config."""
    changes: list[tuple[Lock, dict[str, Any]]] = []
    for one in bodies.parsed_object(call.request).get("webConfigRequests") or []:
        if not isinstance(one, dict) or not isinstance(one.get("webConfig"), dict):
            raise status_page(UNPROCESSABLE)
        changes.append((call.lock(bodies.whole_number(one, "smartlockId") or 0), one["webConfig"]))
    for lock, wanted in changes:
        _keep_web_config(lock, wanted)
    return NO_CONTENT


def admin_pin(call: Call) -> Answer:
    """POST /smartlock/{id}/admin/pin: accepted, and kept nowhere."""
    call.lock()
    pin = bodies.whole_number(bodies.parsed_object(call.request), "adminPin")
    if pin is None:
        raise status_page(UNPROCESSABLE)
    if not 0 <= pin <= LARGEST_ADMIN_PIN:
        raise value_not_valid("adminPin", pin)
    return NO_CONTENT


def change(call: Call) -> Answer:
    """POST /smartlock/{id}: the name and the star that the account gives the lock, at once."""
    lock, body = call.lock(), bodies.parsed_object(call.request)
    name, favorite = bodies.text(body, "name"), bodies.truth(body, "favorite")
    if name is not None and not name:
        raise value_not_valid("name", name)
    lock.name = lock.name if name is None else name
    lock.favorite = lock.favorite if favorite is None else favorite
    news.announce(call.engine, lock.account_id, wire.master_news(lock), at=call.at)
    return NO_CONTENT


def remove(call: Call) -> Answer:
    """DELETE /smartlock/{id}: the lock leaves the account; what is on the device stays there."""
    lock = call.lock()
    news.announce(call.engine, lock.account_id, wire.master_news(lock, deleted=True), at=call.at)
    lock.account_id = NOBODY
    return NO_CONTENT


def _configure(call: Call, section: Section) -> Answer:
    """Queue a section for the device. 405 for an unfit device and 423 while one is on its way are guesses."""
    lock = call.lock()
    if lock.device.device_type not in section.devices:
        raise status_page(METHOD_NOT_ALLOWED)
    wanted = configuration.wanted(section, bodies.parsed_object(call.request))
    if any(one.section == section.name for one in [*lock.queue, *lock.reading_back]):
        raise empty_exception(BUSY)
    operation = Operation(
        call.engine.world.new_id(call.at),
        OperationKind.CONFIGURE,
        section=section.name,
        settings=json.dumps(wanted),
    )
    operations.accept(call.engine, lock, operation, at=call.at)
    return NO_CONTENT


def _keep_web_config(lock: Lock, body: dict[str, Any]) -> None:
    lock.copy.settings[WEB.name] = json.dumps(configuration.wanted(WEB, body))
