"""Which call goes where, and which scopes allow it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from nuki_gateway.simulator import (
    account_calls,
    advanced_calls,
    config_calls,
    key_calls,
    lock_calls,
    notification_calls,
    oauth_calls,
    reads,
    writes,
)
from nuki_gateway.simulator.answers import Answer, Request, status_page
from nuki_gateway.simulator.calls import FORBIDDEN, NOT_FOUND, Call, bearer
from nuki_gateway.simulator.engine import Engine

METHOD_NOT_ALLOWED = 405
LOCKS = frozenset({"smartlock"})
CONFIGURATION = frozenset({"smartlock.config"})
LOCK_READ = frozenset({"smartlock", "smartlock.readOnly"})
LOCK_ACTION = frozenset({"smartlock.action"})
AUTHORIZATIONS = frozenset({"smartlock.auth"})
LOGS = frozenset({"smartlock.log"})
USERS = frozenset({"account", "smartlock.auth"})
WEBHOOKS = frozenset({"webhook.decentral"})
KEYS = frozenset({"account"})


@dataclass(frozen=True)
class Route:
    """One call: any one of the scopes allows it."""

    method: str
    path: re.Pattern[str]
    scopes: frozenset[str]
    answer: Callable[[Call], Answer]


def _route(method: str, template: str, scopes: frozenset[str], answer: Callable[[Call], Answer]) -> Route:
    path = (
        template.replace("{lock}", r"(?P<smartlock_id>\d{1,18})")
        .replace("{authorization}", r"(?P<authorization_id>[0-9a-f]{24})")
        .replace("{notification}", r"(?P<notification_id>[0-9a-f]{24})")
        .replace("{user}", r"(?P<account_user_id>\d{1,18})")
        .replace("{webhook}", r"(?P<webhook_id>\d{1,18})")
        .replace("{key}", r"(?P<key_id>\d{1,18})")
    )
    return Route(method, re.compile(path), scopes, answer)


ROUTES = (
    _route("GET", "/smartlock", LOCK_READ, reads.smartlocks),
    _route("GET", "/smartlock/{lock}", LOCK_READ, reads.smartlock),
    _route("POST", "/smartlock/{lock}", LOCKS, config_calls.change),
    _route("DELETE", "/smartlock/{lock}", LOCKS, config_calls.remove),
    _route("POST", "/smartlock/{lock}/config", CONFIGURATION, config_calls.config),
    _route("POST", "/smartlock/{lock}/advanced/config", CONFIGURATION, config_calls.advanced_config),
    _route("POST", "/smartlock/{lock}/advanced/openerconfig", CONFIGURATION, config_calls.opener_config),
    _route(
        "POST", "/smartlock/{lock}/advanced/smartdoorconfig", CONFIGURATION, config_calls.smart_door_config
    ),
    _route("POST", "/smartlock/{lock}/web/config", CONFIGURATION, config_calls.web_config),
    _route("POST", "/smartlock/{lock}/admin/pin", CONFIGURATION, config_calls.admin_pin),
    _route("POST", "/bulk-web-config", CONFIGURATION, config_calls.web_config_of_many),
    _route("POST", "/smartlock/{lock}/sync", LOCK_ACTION, lock_calls.sync),
    _route("POST", "/smartlock/{lock}/action", LOCK_ACTION, lock_calls.action),
    _route("POST", "/smartlock/{lock}/action/lock", LOCK_ACTION, lock_calls.lock),
    _route("POST", "/smartlock/{lock}/action/unlock", LOCK_ACTION, lock_calls.unlock),
    _route("POST", "/smartlock/{lock}/action/advanced", LOCK_ACTION, advanced_calls.action),
    _route("POST", "/smartlock/{lock}/action/lock/advanced", LOCK_ACTION, advanced_calls.lock),
    _route("POST", "/smartlock/{lock}/action/unlock/advanced", LOCK_ACTION, advanced_calls.unlock),
    _route("GET", "/smartlock/auth", AUTHORIZATIONS, reads.authorizations),
    _route("GET", "/smartlock/auth/paged", AUTHORIZATIONS, reads.authorizations_paged),
    _route("PUT", "/smartlock/auth", AUTHORIZATIONS, writes.create_on_many),
    _route("POST", "/smartlock/auth", AUTHORIZATIONS, writes.update_many),
    _route("DELETE", "/smartlock/auth", AUTHORIZATIONS, writes.delete_many),
    _route("PUT", "/smartlock/auth/advanced", AUTHORIZATIONS, advanced_calls.create),
    _route("GET", "/smartlock/{lock}/auth", AUTHORIZATIONS, reads.lock_authorizations),
    _route("PUT", "/smartlock/{lock}/auth", AUTHORIZATIONS, writes.create),
    _route("GET", "/smartlock/{lock}/auth/{authorization}", AUTHORIZATIONS, reads.authorization),
    _route("POST", "/smartlock/{lock}/auth/{authorization}", AUTHORIZATIONS, writes.update),
    _route("DELETE", "/smartlock/{lock}/auth/{authorization}", AUTHORIZATIONS, writes.delete),
    _route("GET", "/smartlock/log", LOGS, reads.logs),
    _route("GET", "/smartlock/{lock}/log", LOGS, reads.lock_log),
    _route("GET", "/notification", LOGS, notification_calls.notifications),
    _route("PUT", "/notification", LOGS, notification_calls.create),
    _route("GET", "/notification/{notification}", LOGS, notification_calls.notification),
    _route("POST", "/notification/{notification}", LOGS, notification_calls.update),
    _route("DELETE", "/notification/{notification}", LOGS, notification_calls.delete),
    _route("GET", "/account/user", USERS, account_calls.users),
    _route("PUT", "/account/user", USERS, account_calls.create_user),
    _route("GET", "/account/user/{user}", USERS, account_calls.user),
    _route("POST", "/account/user/{user}", USERS, account_calls.update_user),
    _route("DELETE", "/account/user/{user}", USERS, account_calls.delete_user),
    _route("GET", "/api/decentralWebhook", WEBHOOKS, account_calls.webhooks),
    _route("PUT", "/api/decentralWebhook", WEBHOOKS, account_calls.create_webhook),
    _route("DELETE", "/api/decentralWebhook/{webhook}", WEBHOOKS, account_calls.delete_webhook),
    _route("GET", "/api/key", KEYS, key_calls.keys),
    _route("GET", "/api/key/{key}/advanced", KEYS, key_calls.advanced),
    _route("POST", "/api/key/{key}/advanced", KEYS, key_calls.set_central_webhook),
    _route("POST", "/api/key/{key}/advanced/reactivate", KEYS, key_calls.reactivate),
    _route("GET", "/api/key/{key}/webhook/logs", KEYS, key_calls.logs),
)


def answer(engine: Engine, request: Request) -> Answer:
    """Answer a call to the API; raises Refused. The caller holds the engine's guard."""
    if request.path.startswith("/oauth/"):
        return oauth_calls.answer(engine, request)
    caller = bearer(engine, request)
    at_path = [
        (route, found) for route in ROUTES if (found := route.path.fullmatch(request.path)) is not None
    ]
    if not at_path:
        raise status_page(NOT_FOUND)
    for route, found in at_path:
        if route.method == request.method:
            if route.scopes.isdisjoint(caller.scopes):
                raise status_page(FORBIDDEN)
            return route.answer(Call(engine, caller.account, request, found.groupdict(), engine.now()))
    raise status_page(METHOD_NOT_ALLOWED)
