"""App invites: who got which code for which authorization, and if it was redeemed in time."""

from datetime import datetime, timedelta

from nuki_gateway.simulator.answers import value_not_valid
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType
from nuki_gateway.simulator.calls import Call
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Entry, Invite, Lock, World

LOWEST_CODE, CODES_END = 100_000_000, 1_000_000_000  # nine digits (Nuki staff, developer forum)


def check(call: Call, lock: Lock, wanted: Authorization) -> None:
    """Refuse an invite without a user of the account, or a second one for the same user and lock.

    Source: developer forum 55 (the user comes first); one authorization per user and lock (Nuki staff). The
    status and body of both refusals are not recorded.
    """
    user = call.engine.world.users.get(wanted.account_user_id or 0)
    if user is None or user.account_id != call.account.account_id:
        raise value_not_valid("accountUserId", wanted.account_user_id)
    for entry in lock.copy.entries.values():
        same_user = entry.values.account_user_id == user.account_user_id
        if same_user and entry.values.type == AuthorizationType.APP:
            raise value_not_valid("accountUserId", wanted.account_user_id)


def send(call: Call, lock: Lock, entry: Entry, *, mailed: bool) -> None:
    """Make an app code, one for each lock (developer forum 28265), and mail it unless the caller gets it."""
    world = call.engine.world
    user = world.users[entry.values.account_user_id or 0]
    code = str(world.draw_number(LOWEST_CODE, CODES_END))
    world.invites.append(
        Invite(
            authorization_id=entry.id,
            smartlock_id=lock.smartlock_id,
            account_user_id=user.account_user_id,
            email=user.email,
            sent_at=call.at,
            code=code,
            mailed=mailed,
        )
    )


def redeem(engine: Engine, invite: Invite, *, at: datetime) -> bool:
    """Take the invite into the app; say whether that was still possible."""
    ends = invite.sent_at + timedelta(seconds=engine.timings.invite_seconds)
    lock = engine.world.locks.get(invite.smartlock_id)
    entry = None if lock is None else lock.copy.entries.get(invite.authorization_id)
    if at >= ends or invite.redeemed_at is not None or entry is None or not entry.serial:
        return False
    invite.redeemed_at = at
    invite.serial = entry.serial
    engine.changed = True
    return True


def with_code(world: World, code: str) -> Invite | None:
    """Return the invite whose nine digits these are."""
    return next((one for one in world.invites if one.code == code), None)
