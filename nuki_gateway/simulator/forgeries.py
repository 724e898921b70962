"""Webhooks that the service never sent: forged, sent again, signed by somebody else, or far too large."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from nuki_gateway.simulator import deliveries, webhooks
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Event, EventKind

FEATURE = "forged"
NOT_OURS = 0  # the webhook id of what the service never sent
OVERSIZE = 2_000_000  # bytes of filling


class NothingToReplay(Exception):
    """No webhook was sent to this account's addresses yet."""


@dataclass(frozen=True)
class Letter:
    """A forged delivery as it waits in the queue of events."""

    url: str
    text: str
    headers: dict[str, str]


def forge(engine: Engine, account_id: int, *, text: str, secret: str | None) -> None:
    """Send this text to every address of the account, signed with the secret, or not at all (None)."""
    for one in deliveries.receivers(engine.world, account_id):
        plain = {"Content-Type": "application/json; charset=UTF-8"}
        headers = plain if secret is None else webhooks.headers(text.encode(), secret)
        _plan(engine, Letter(one.url, text, headers))


def replay(engine: Engine, account_id: int) -> None:
    """Send the last delivery once more, with its own good signature; raises NothingToReplay."""
    for one in reversed(engine.world.deliveries):
        if one.account_id == account_id:
            _plan(engine, Letter(one.url, one.text, one.headers))
            return
    raise NothingToReplay("No webhook was sent for this account yet.")


def sign_with_another_account(engine: Engine, account_id: int, *, text: str) -> None:
    """Send the text signed with another account's secret, or with a made up one where there is no other."""
    others = [secret for owner, secret in _secrets(engine) if owner != account_id]
    forge(engine, account_id, text=text, secret=others[0] if others else "somebody else's secret")


def oversize(engine: Engine, account_id: int, *, size: int = OVERSIZE) -> None:
    """Send a delivery larger than any real one, with a good signature."""
    for one in deliveries.receivers(engine.world, account_id):
        text = json.dumps({"feature": "DEVICE_LOGS", "filling": "x" * size})
        _plan(engine, Letter(one.url, text, webhooks.headers(text.encode(), one.secret)))


def forgery_due(engine: Engine, event: Event) -> None:
    """Hand a forged delivery to whoever sends."""
    letter = json.loads(event.body)
    engine.posts.append(
        Post(
            at=event.due_at,
            webhook_id=NOT_OURS,
            feature=FEATURE,
            url=letter["url"],
            body=letter["text"].encode(),
            headers=letter["headers"],
        )
    )


def _plan(engine: Engine, letter: Letter) -> None:
    engine.plan(EventKind.FORGERY_DUE, at=engine.now(), seconds=0, body=json.dumps(asdict(letter)))


def _secrets(engine: Engine) -> Iterator[tuple[int, str]]:
    for webhook in engine.world.webhooks.values():
        yield webhook.account_id, webhook.secret
    for key in engine.world.keys.values():
        yield key.account_id, key.secret
