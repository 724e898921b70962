"""A stand-in for the Nuki Web API that behaves as badly as the real one.

The device holds the truth, the cloud a lagging copy. It shares no code with the client and needs the standard
library only. Run it with `python -m nuki_gateway.simulator`, or use it in a test:

    simulator = Simulator(clock=TurnedClock(datetime(2026, 5, 1, tzinfo=UTC)))
    alice = simulator.add_account(name="Alice", token="a token")
    door = simulator.add_lock(alice, name="Front door", keypad="keypad2")
    with simulator.serve() as url:
        ...  # write through the API
        simulator.settle()
        simulator.type_code(door.smartlock_id, "384174")

Faults are ordered one by one through `simulator.script`, or drawn: `Simulator(mix=Mix.BASE)`, and
`simulator.mix = Mix.NONE` when it is enough. The same seed and the same calls give the same faults.
"""

from nuki_gateway.simulator.answers import ApiCall, Request
from nuki_gateway.simulator.app_door import AppAnswer
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType, KeypadReason
from nuki_gateway.simulator.clock import Clock, TurnedClock, WallClock
from nuki_gateway.simulator.device import DeviceRefused, KeypadAnswer
from nuki_gateway.simulator.making import CannotBeMade
from nuki_gateway.simulator.mix import Mix
from nuki_gateway.simulator.simulator import NotSettled, Simulator
from nuki_gateway.simulator.switches import Switches
from nuki_gateway.simulator.timings import Timings
from nuki_gateway.simulator.webhooks import Delivery, Post
from nuki_gateway.simulator.world import (
    ALL_SCOPES,
    Account,
    ApiToken,
    Invite,
    Lock,
    OAuthClient,
    OfflineWrites,
)

__all__ = [
    "ALL_SCOPES",
    "Account",
    "ApiCall",
    "ApiToken",
    "AppAnswer",
    "Authorization",
    "AuthorizationType",
    "CannotBeMade",
    "Clock",
    "Delivery",
    "DeviceRefused",
    "Invite",
    "KeypadAnswer",
    "KeypadReason",
    "Lock",
    "Mix",
    "NotSettled",
    "OAuthClient",
    "OfflineWrites",
    "Post",
    "Request",
    "Simulator",
    "Switches",
    "Timings",
    "TurnedClock",
    "WallClock",
]
