"""What the mix does to webhooks and to the log."""

from collections.abc import Callable

import pytest

from nuki_gateway.simulator import Mix, Simulator, TurnedClock
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import HOUR


def into(sent: list[bytes]) -> Callable[[Post], int]:
    """Return a way to deliver that keeps each body and answers 204."""

    def deliver(post: Post) -> int:
        sent.append(post.body)
        return 204

    return deliver


@pytest.mark.parametrize(
    ("mix", "fewest", "most"),
    [
        pytest.param(Mix(webhooks_lost=1), 0, 0, id="F20 lost"),
        pytest.param(Mix(webhooks_doubled=1), 80, 80, id="F20 doubled"),
        pytest.param(Mix(webhooks_late=1), 0, 20, id="F20 late"),
    ],
)
def test_webhooks_go_wrong_at_a_rate_of_one(
    *,
    simulator: Simulator,
    clock: TurnedClock,
    nuki: Caller,
    door: Lock,
    mix: Mix,
    fewest: int,
    most: int,
) -> None:
    sent: list[bytes] = []
    simulator.deliver = into(sent)
    body = {"webhookUrl": "https://hooks.example.org/nuki", "webhookFeatures": ["DEVICE_STATUS"]}
    nuki("PUT", "/api/decentralWebhook", body)
    simulator.mix = mix
    for _ in range(20):
        simulator.take_offline(door.smartlock_id)
        simulator.bring_online(door.smartlock_id)

    clock.turn(seconds=10)
    assert fewest <= len(sent) <= most
    clock.turn(seconds=HOUR)

    assert len(sent) == (40 if mix.webhooks_late else fewest)


def test_webhooks_overtake_each_other_f20(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    sent: list[bytes] = []
    simulator.deliver = into(sent)
    body = {"webhookUrl": "https://hooks.example.org/nuki", "webhookFeatures": ["DEVICE_STATUS"]}
    nuki("PUT", "/api/decentralWebhook", body)
    simulator.mix = Mix(name="test", webhooks_overtaken=0.5)
    for _ in range(20):
        simulator.take_offline(door.smartlock_id)
        simulator.bring_online(door.smartlock_id)

    clock.turn(seconds=60)

    told = [b'"serverState":4' in one for one in sent]
    assert len(told) == 40
    assert told != [True, False] * 20


def test_log_entries_are_late_missing_or_nobodys_f23(
    simulator: Simulator, clock: TurnedClock, nuki: Caller, door: Lock
) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Ada", "384174")
    nuki("POST", f"/smartlock/{door.smartlock_id}/sync")
    simulator.settle()
    simulator.mix = Mix(name="test", odd_log_entries=1)
    for _ in range(30):
        simulator.type_code(door.smartlock_id, "384174")
    log = f"/smartlock/{door.smartlock_id}/log?limit=50"

    clock.turn(seconds=10)
    soon = nuki("GET", log).json
    clock.turn(seconds=HOUR)
    later = nuki("GET", log).json

    assert {one["name"] for one in soon} == {""}
    assert 0 < len(soon) < len(later) < 30
