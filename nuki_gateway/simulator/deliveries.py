"""What the service remembers of its webhooks: the last deliveries, how many failed, and who gets no more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.webhooks import KEPT_DELIVERIES, Delivery
from nuki_gateway.simulator.world import Account, ApiKey, Traffic, Webhook, World

FEWEST_RESULTS = 20  # deliveries before a share of them means anything (ours)
MOST_FAILURES = 0.05  # of the deliveries; beyond, delivery may be switched off (documentation on monitoring)
LOWEST_KEY_ID = 1_000_000_000  # decentral webhooks are numbered below
HIGHEST_KEY_ID = 2_000_000_000

Receiver = Webhook | ApiKey


def key_of(world: World, account: Account, *, at: datetime) -> ApiKey:
    """Return the account's first API key, which every account is given when it is first asked for."""
    for known in world.keys.values():
        if known.account_id == account.account_id:
            return known
    stream = f"key:{account.account_id}"
    drawn = [int(world.chance(stream) * 2**32) for _ in range(5)]
    made = ApiKey(
        id=LOWEST_KEY_ID + int(world.chance(stream) * (HIGHEST_KEY_ID - LOWEST_KEY_ID)),
        account_id=account.account_id,
        name="API key",
        secret="".join(f"{part:08x}" for part in drawn),
        url="",
        features=[],
        accounts=[account.account_id],
        created_at=at,
    )
    world.keys[made.id] = made
    return made


def receivers(world: World, account_id: int) -> Iterator[Receiver]:
    """Yield the addresses that hear of this account: its own webhooks, and the keys that serve it."""
    yield from [one for one in world.webhooks.values() if one.account_id == account_id]
    yield from [one for one in world.keys.values() if one.url and account_id in one.accounts]


def receiver(world: World, receiver_id: int) -> Receiver | None:
    """Return the address with this id, or None when it is gone."""
    return world.webhooks.get(receiver_id) or world.keys.get(receiver_id)


def note(engine: Engine, delivery: Delivery) -> Delivery:
    """Remember a delivery, and stop sending to an address that fails too often."""
    with engine.change():
        world = engine.world
        world.deliveries_so_far += 1
        one = receiver(world, delivery.webhook_id)
        account_id = 0 if one is None else one.account_id
        kept = replace(delivery, serial=world.deliveries_so_far, account_id=account_id)
        world.deliveries.append(kept)
        _forget_the_oldest(world, account_id)
        if one is not None:
            _count(one.traffic, kept)
            if _fails_too_often(one.traffic) and _may_be_stopped(engine, one):
                one.traffic.active = False
        return kept


def activate(one: Receiver) -> None:
    """Send to this address again, and judge it by what comes from now on."""
    one.traffic.active = True
    one.traffic.results = []


def _forget_the_oldest(world: World, account_id: int) -> None:
    of_account = [one for one in world.deliveries if one.account_id == account_id]
    if len(of_account) > KEPT_DELIVERIES:
        world.deliveries.remove(of_account[0])


def _count(traffic: Traffic, delivery: Delivery) -> None:
    traffic.results = [*traffic.results, delivery.succeeded][-KEPT_DELIVERIES:]
    traffic.last_at, traffic.last_milliseconds = delivery.at, delivery.milliseconds
    if delivery.succeeded:
        traffic.sent += 1
        traffic.last_success_at = delivery.at
    else:
        traffic.failed += 1


def _fails_too_often(traffic: Traffic) -> bool:
    total, failed = len(traffic.results), traffic.results.count(False)
    return total >= FEWEST_RESULTS and failed > MOST_FAILURES * total


def _may_be_stopped(engine: Engine, one: Receiver) -> bool:
    return isinstance(one, ApiKey) or engine.switches.deactivate_decentral_webhooks
