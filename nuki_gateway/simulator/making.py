"""Making accounts and locks with numbers and versions like real ones."""

from datetime import datetime

from nuki_gateway.simulator import configuration, zones
from nuki_gateway.simulator.device import Device, DeviceState
from nuki_gateway.simulator.world import (
    KINDS,
    OFFLINE,
    ONLINE,
    ONLY_SECRET,
    Account,
    ApiToken,
    Copy,
    Lock,
    OAuthClient,
    World,
)

DEVICE_IDS = (
    2**32
)  # the type stands before eight hex digits of the device's own number (seen by several programs)
KEYPADS = ("keypad", "keypad2", None)
FIRMWARE = {
    0: 0x02080F,
    1: 0x010502,
    2: 0x010A02,
    3: 0x010805,
    4: 0x030A07,
    5: 0x050904,
}  # major, minor, patch: a byte each
TYPE_NAMES = {0: "Smart Lock 2", 1: "Box", 2: "Opener", 3: "Smart Door", 4: "Smart Lock 4", 5: "Smart Lock 5"}
CAPACITY = {0: 100, 1: 100, 2: 100, 3: 100, 4: 200, 5: 200}  # keypad codes: 200 from Smart Lock 3 on
APP_CAPACITY = {0: 100}  # app authorizations: 200, but 100 on the oldest lock, whose type the second one has
MOST_APP = 200


class CannotBeMade(Exception):
    """An account or a lock was described in a way that cannot exist; the text says why."""


def account(world: World, *, name: str, token: str, scopes: list[str], kind: str = ONLY_SECRET) -> Account:
    """Add an account; raises CannotBeMade when its token is taken or empty, or its kind unknown."""
    if _is_taken(world, token):
        raise CannotBeMade(f"The token of account '{name}' is empty or belongs to another account.")
    if kind not in KINDS:
        raise CannotBeMade(f"Account '{name}' has kind '{kind}'; there are {', '.join(KINDS)}.")
    made = Account(world.draw_number(100_000_000, 2_000_000_000), name, token, scopes, kind=kind)
    world.accounts.append(made)
    return made


def token(world: World, owner: Account, *, token: str, scopes: list[str]) -> ApiToken:
    """Add a further API token; raises CannotBeMade when it is taken or empty."""
    if _is_taken(world, token):
        raise CannotBeMade(f"A token of account '{owner.name}' is empty or exists already.")
    made = ApiToken(token, scopes)
    owner.tokens.append(made)
    return made


def oauth_client(world: World, *, client_id: str, secret: str, redirect_uris: list[str]) -> OAuthClient:
    """Add a program that may ask for consents; raises CannotBeMade."""
    if not client_id or any(one.id == client_id for one in world.oauth_clients):
        raise CannotBeMade(f"The OAuth client '{client_id}' has no name, or another one has it.")
    if not secret or not redirect_uris:
        raise CannotBeMade(f"The OAuth client '{client_id}' needs a secret and a redirect URI.")
    made = OAuthClient(client_id, secret, redirect_uris)
    world.oauth_clients.append(made)
    return made


def lock(
    world: World,
    owner: Account,
    *,
    name: str,
    device_type: int,
    keypad: str | None,
    time_zone_id: int,
    online: bool,
    smartlock_id: int | None,
    battery: int,
    clock_offset_seconds: float,
    at: datetime,
) -> Lock:
    """Add a lock to the account; raises CannotBeMade."""
    if device_type not in TYPE_NAMES:
        raise CannotBeMade(
            f"Lock '{name}' has type {device_type}; there are {', '.join(map(str, TYPE_NAMES))}."
        )
    if keypad not in KEYPADS:
        raise CannotBeMade(f"Lock '{name}' has keypad '{keypad}'; there are 'keypad', 'keypad2' and none.")
    if not 0 <= time_zone_id < len(zones.NAMES):
        raise CannotBeMade(
            f"Lock '{name}' has time_zone_id {time_zone_id}; there are 0 to {len(zones.NAMES) - 1}."
        )
    smartlock_id = smartlock_id or (device_type * DEVICE_IDS + world.draw_number(2**28, DEVICE_IDS))
    if smartlock_id in world.locks:
        raise CannotBeMade(f"Lock '{name}' has smartlock_id {smartlock_id}, which another lock has already.")
    device = Device(
        device_type=device_type,
        time_zone_id=time_zone_id,
        keypad=keypad,
        capacity=CAPACITY[device_type],
        app_capacity=APP_CAPACITY.get(device_type, MOST_APP),
        clock_offset_seconds=clock_offset_seconds,
        online=online,
        state=DeviceState(battery=battery),
    )
    made = Lock(
        smartlock_id=smartlock_id,
        account_id=owner.account_id,
        authorization_id=world.draw_number(100_000_000, 2_000_000_000),
        name=name,
        firmware=FIRMWARE[device_type],
        created_at=at,
        device=device,
        copy=Copy(
            updated_at=at, keypad=keypad, state=device.state, server_state=ONLINE if online else OFFLINE
        ),
    )
    world.locks[smartlock_id] = made
    configuration.start(made)
    return made


def _is_taken(world: World, token: str) -> bool:
    known = {account.token for account in world.accounts}
    known |= {one.token for account in world.accounts for one in account.tokens}
    return not token or token in known
