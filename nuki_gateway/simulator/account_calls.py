"""The calls about an account's people and its decentral webhooks; these are answered at once."""

import ipaddress
import re
from urllib.parse import urlsplit

from nuki_gateway.simulator import bodies, news, wire, writes
from nuki_gateway.simulator.answers import (
    NO_CONTENT,
    Answer,
    empty_exception,
    json_answer,
    status_page,
    value_not_valid,
)
from nuki_gateway.simulator.calls import NOT_FOUND, Call
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import AccountUser, Event, EventKind, Webhook

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "cs", "sk")
KINDS = (0, 1)  # a person, a company
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
CONFLICT = 409
BUSY = 423
UNPROCESSABLE = 422


def users(call: Call) -> Answer:
    """GET /account/user."""
    email = call.request.query.get("email")
    offset = bodies.query_number(call.request, "offset") or 0
    limit = bodies.query_number(call.request, "limit")
    found = [user for user in _own_users(call) if email in {None, user.email}]
    chosen = found[offset:] if limit is None else found[offset : offset + limit]
    return json_answer([wire.account_user(user) for user in chosen])


def user(call: Call) -> Answer:
    """GET /account/user/{id}."""
    return json_answer(wire.account_user(_user(call)))


def create_user(call: Call) -> Answer:
    """PUT /account/user: synchronous, and gives the id; a known address gives the person who has it."""
    body = bodies.parsed_object(call.request)
    email, name = bodies.text(body, "email"), bodies.text(body, "name")
    if email is None or name is None:
        raise status_page(UNPROCESSABLE)
    _check_person(email, name, bodies.text(body, "language"))
    kind = bodies.whole_number(body, "type") or 0
    if kind not in KINDS:
        raise value_not_valid("type", kind)
    known = next((one for one in _own_users(call) if one.email == email), None)
    if known is not None:
        return json_answer(wire.account_user(known))
    world = call.engine.world
    made = AccountUser(
        account_user_id=world.draw_number(10_000_000, 1_000_000_000),
        account_id=call.account.account_id,
        email=email,
        name=name,
        language=bodies.text(body, "language") or "en",
        type=kind,
        created_at=call.at,
        updated_at=call.at,
    )
    world.users[made.account_user_id] = made
    _announce(call, made)
    return json_answer(wire.account_user(made))


def update_user(call: Call) -> Answer:
    """POST /account/user/{id}: what is not sent is kept; 409 for an address that another person has."""
    known, body = _user(call), bodies.parsed_object(call.request)
    email, name, language = (bodies.text(body, one) for one in ("email", "name", "language"))
    _check_person(email, name, language)
    if known.operation_id:
        raise empty_exception(BUSY)
    if any(one.email == email and one is not known for one in _own_users(call)):
        raise empty_exception(CONFLICT)
    known.email = known.email if email is None else email
    known.name = known.name if name is None else name
    known.language = known.language if language is None else language
    known.updated_at = call.at
    _announce(call, known)
    return json_answer(wire.account_user(known))


def delete_user(call: Call) -> Answer:
    """DELETE /account/user/{id}: asynchronous, and takes the person's authorizations along."""
    gone = _user(call)
    theirs = [
        (lock, entry)
        for lock in call.locks()
        for entry in lock.copy.entries.values()
        if entry.values.account_user_id == gone.account_user_id
    ]
    if gone.operation_id or any(entry.operation_id for _, entry in theirs):
        raise empty_exception(BUSY)
    for lock, entry in theirs:
        writes.accept_delete(call, lock, entry)
    gone.operation_id = call.engine.world.new_id(call.at)
    seconds = call.engine.timings.operation_seconds
    call.engine.plan(EventKind.USER_REMOVED, at=call.at, seconds=seconds, subject_id=gone.account_user_id)
    return NO_CONTENT


def user_removed(engine: Engine, event: Event) -> None:
    """Forget a person whose deletion was accepted."""
    gone = engine.world.users.pop(event.subject_id, None)
    if gone is not None:
        news.announce(engine, gone.account_id, wire.user_news(gone, deleted=True), at=event.due_at)


def webhooks(call: Call) -> Answer:
    """GET /api/decentralWebhook: without the secrets."""
    return json_answer([wire.webhook(one, with_secret=False) for one in _own_webhooks(call)])


def create_webhook(call: Call) -> Answer:
    """PUT /api/decentralWebhook: the only answer that holds the secret."""
    body = bodies.parsed_object(call.request)
    url, features = bodies.text(body, "webhookUrl"), body.get("webhookFeatures")
    if url is None or not isinstance(features, list):
        raise status_page(UNPROCESSABLE)
    if not is_allowed_address(url, loopback=call.engine.switches.allow_loopback_webhooks):
        raise value_not_valid("webhookUrl", url)
    for feature in features:
        if feature not in news.FEATURES:
            raise value_not_valid("webhookFeatures", feature)
    world = call.engine.world
    made = Webhook(
        id=world.draw_number(1_000, 1_000_000_000),
        account_id=call.account.account_id,
        url=url,
        features=features,
        secret=world.new_secret(),
    )
    world.webhooks[made.id] = made
    return json_answer(wire.webhook(made, with_secret=True))


def delete_webhook(call: Call) -> Answer:
    """DELETE /api/decentralWebhook/{id}."""
    wanted = int(call.names["webhook_id"])
    if wanted not in {one.id for one in _own_webhooks(call)}:
        raise status_page(NOT_FOUND)
    del call.engine.world.webhooks[wanted]
    return NO_CONTENT


def _check_person(email: str | None, name: str | None, language: str | None) -> None:
    """Refuse what cannot be an address, a name or a language (400, the vendor's API definition)."""
    if email is not None and ADDRESS.fullmatch(email) is None:
        raise value_not_valid("email", email)
    if name is not None and not name.strip():
        raise value_not_valid("name", name)
    if language is not None and language not in LANGUAGES:
        raise value_not_valid("language", language)


def _announce(call: Call, person: AccountUser) -> None:
    news.announce(call.engine, person.account_id, wire.user_news(person), at=call.at)


def _own_users(call: Call) -> list[AccountUser]:
    account_id = call.account.account_id
    return [one for one in call.engine.world.users.values() if one.account_id == account_id]


def _user(call: Call) -> AccountUser:
    wanted = int(call.names["account_user_id"])
    for one in _own_users(call):
        if one.account_user_id == wanted:
            return one
    raise status_page(NOT_FOUND)


def _own_webhooks(call: Call) -> list[Webhook]:
    account_id = call.account.account_id
    return [one for one in call.engine.world.webhooks.values() if one.account_id == account_id]


def is_allowed_address(url: str, *, loopback: bool) -> bool:
    """Say whether webhooks may go there: by https, or where allowed by http on this very machine."""
    try:
        address = urlsplit(url)
        host, _port = address.hostname, address.port
    except ValueError:
        return False
    if address.scheme == "https" and host:
        return True
    return address.scheme == "http" and loopback and is_loopback(host)


def is_loopback(host: str | None) -> bool:
    """Say whether the host is this very machine."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
