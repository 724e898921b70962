"""Where a test takes the simulator's webhooks: an inbox at a registered address, and news to fill it."""

import hashlib
import hmac
import json
from typing import Any

from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.webhooks import Post
from nuki_gateway.simulator.world import Lock
from tests.nuki_gateway.simulator.caller import Caller

HOOK = "https://hooks.example.org/nuki"


class Inbox:
    """Takes every delivery and answers with a status."""

    def __init__(self) -> None:
        self.status = 204
        self.posts: list[Post] = []

    def __call__(self, post: Post) -> int:
        self.posts.append(post)
        return self.status

    def offline(self) -> list[bool]:
        """Whether each delivery about the lock's state says that it is offline."""
        return [json.loads(one.body)["serverState"] == 4 for one in self.posts]


def register(nuki: Caller, url: str = HOOK, features: tuple[str, ...] = ("DEVICE_STATUS",)) -> dict[str, Any]:
    made = nuki("PUT", "/api/decentralWebhook", {"webhookUrl": url, "webhookFeatures": list(features)})
    assert made.status == 200
    shape: dict[str, Any] = made.json
    return shape


def tell(simulator: Simulator, door: Lock, count: int = 1) -> None:
    """Let the lock go offline and come back in turn, each told by one webhook."""
    for _ in range(count):
        if door.device.online:
            simulator.take_offline(door.smartlock_id)
        else:
            simulator.bring_online(door.smartlock_id)
    simulator.settle()


def is_signed(post: Post, secret: str) -> bool:
    told = post.headers.get("X-Nuki-Signature-SHA256", "")
    return told == hmac.new(secret.encode(), post.body, hashlib.sha256).hexdigest()
