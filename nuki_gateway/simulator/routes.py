"""Which call goes where, and which scopes allow it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from nuki_gateway.simulator import account_calls, lock_calls, reads, writes
from nuki_gateway.simulator.answers import Answer, Request, status_page
from nuki_gateway.simulator.calls import FORBIDDEN, NOT_FOUND, Call, authenticate
from nuki_gateway.simulator.engine import Engine

METHOD_NOT_ALLOWED = 405
LOCK_READ = frozenset({"smartlock", "smartlock.readOnly"})
LOCK_ACTION = frozenset({"smartlock.action"})
AUTHORIZATIONS = frozenset({"smartlock.auth"})
LOGS = frozenset({"smartlock.log"})
USERS = frozenset({"account", "smartlock.auth"})
WEBHOOKS = frozenset({"webhook.decentral"})


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
        .replace("{user}", r"(?P<account_user_id>\d{1,18})")
        .replace("{webhook}", r"(?P<webhook_id>\d{1,18})")
    )
    return Route(method, re.compile(path), scopes, answer)


ROUTES = (
    _route("GET", "/smartlock", LOCK_READ, reads.smartlocks),
    _route("GET", "/smartlock/{lock}", LOCK_READ, reads.smartlock),
    _route("POST", "/smartlock/{lock}/sync", LOCK_ACTION, lock_calls.sync),
    _route("POST", "/smartlock/{lock}/action", LOCK_ACTION, lock_calls.action),
    _route("POST", "/smartlock/{lock}/action/lock", LOCK_ACTION, lock_calls.lock),
    _route("POST", "/smartlock/{lock}/action/unlock", LOCK_ACTION, lock_calls.unlock),
    _route("GET", "/smartlock/auth", AUTHORIZATIONS, reads.authorizations),
    _route("GET", "/smartlock/auth/paged", AUTHORIZATIONS, reads.authorizations_paged),
    _route("PUT", "/smartlock/auth", AUTHORIZATIONS, writes.create_on_many),
    _route("POST", "/smartlock/auth", AUTHORIZATIONS, writes.update_many),
    _route("DELETE", "/smartlock/auth", AUTHORIZATIONS, writes.delete_many),
    _route("GET", "/smartlock/{lock}/auth", AUTHORIZATIONS, reads.lock_authorizations),
    _route("PUT", "/smartlock/{lock}/auth", AUTHORIZATIONS, writes.create),
    _route("GET", "/smartlock/{lock}/auth/{authorization}", AUTHORIZATIONS, reads.authorization),
    _route("POST", "/smartlock/{lock}/auth/{authorization}", AUTHORIZATIONS, writes.update),
    _route("DELETE", "/smartlock/{lock}/auth/{authorization}", AUTHORIZATIONS, writes.delete),
    _route("GET", "/smartlock/log", LOGS, reads.logs),
    _route("GET", "/smartlock/{lock}/log", LOGS, reads.lock_log),
    _route("GET", "/account/user", USERS, account_calls.users),
    _route("PUT", "/account/user", USERS, account_calls.create_user),
    _route("GET", "/account/user/{user}", USERS, account_calls.user),
    _route("DELETE", "/account/user/{user}", USERS, account_calls.delete_user),
    _route("GET", "/api/decentralWebhook", WEBHOOKS, account_calls.webhooks),
    _route("PUT", "/api/decentralWebhook", WEBHOOKS, account_calls.create_webhook),
    _route("DELETE", "/api/decentralWebhook/{webhook}", WEBHOOKS, account_calls.delete_webhook),
)


def answer(engine: Engine, request: Request) -> Answer:
    """Answer a call to the API; raises Refused. The caller holds the engine's guard."""
    account = authenticate(engine, request)
    at_path = [
        (route, found) for route in ROUTES if (found := route.path.fullmatch(request.path)) is not None
    ]
    if not at_path:
        raise status_page(NOT_FOUND)
    for route, found in at_path:
        if route.method == request.method:
            if route.scopes.isdisjoint(account.scopes):
                raise status_page(FORBIDDEN)
            return route.answer(Call(engine, account, request, found.groupdict(), engine.now()))
    raise status_page(METHOD_NOT_ALLOWED)
