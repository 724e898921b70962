"""The fire drills of one lock. Keys that begin with `app` are what somebody does in the Nuki app."""

from nuki_gateway.simulator.app import NukiApp
from nuki_gateway.simulator.drill import CARRIED_OUT, SECONDS, Drill, Parameter, Scope, Values
from nuki_gateway.simulator.scenes import Scenes
from nuki_gateway.simulator.world import Lock, OfflineWrites

AN_HOUR = 60 * 60
A_DAY = 24 * AN_HOUR


def _take_offline(scenes: Scenes, lock: Lock, values: Values) -> None:
    scenes.take_offline(
        lock,
        writes=OfflineWrites(values["writes"]),
        seconds=values["hours"] * AN_HOUR or None,
        dropped_after_seconds=values["dropped_after_hours"] * AN_HOUR,
        delivered_after_seconds=values["delivered_after_hours"] * AN_HOUR,
    )


def _app(scenes: Scenes, lock: Lock) -> NukiApp:
    return NukiApp(scenes.engine, lock.smartlock_id)


def _collide(scenes: Scenes, lock: Lock, values: Values) -> None:
    scenes.collide_with_next_code(lock, known_to_cloud=values["known_to_cloud"])


KNOWN = Parameter("known_to_cloud", "The cloud knows", default=False)
NAME = Parameter("name", "Name", "Cousin", pattern=".{1,32}")
CODE = Parameter("code", "Code", "987654", pattern="(?!12)[1-9]{6}")

LOCK_DRILLS = (
    Drill(
        "lose-next-write",
        "Lose the next write",
        "The next write is answered with 204 and never carried out (F1).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.lose_next_write(lock),
    ),
    Drill(
        "busy-storm",
        "Be busy for a while",
        "Every write on this lock is answered with 423 (F3).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.busy_for(lock, values["seconds"]),
        (SECONDS,),
    ),
    Drill(
        "freeze-copy",
        "Freeze the cloud's list",
        "The list stays as it is until a sync (F4).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.freeze_copy(lock),
    ),
    Drill(
        "leave-unread",
        "Do the next write unseen",
        "The next write is carried out, and listed only after a sync (F4).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.leave_next_write_unread(lock),
    ),
    Drill(
        "ghost-delete",
        "Leave a ghost",
        "The next deleted code is gone from the lock and stays listed until a sync (F5).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.ghost_next_delete(lock),
    ),
    Drill(
        "ignore-delete",
        "Ignore the next deletion",
        "The next deletion is answered with 204 and the code goes on opening (F5).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.ignore_next_delete(lock),
    ),
    Drill(
        "phantom-create",
        "List a phantom",
        "The next new code is listed, and the keypad does not take it (F6).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.phantom_next_create(lock),
    ),
    Drill(
        "break-next-write",
        "Break the next write's connection",
        "The caller gets no answer; whether it was carried out is the choice here (F8, F9).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.drop_connection_on_next_write(
            lock, carried_out=values["carried_out"]
        ),
        (CARRIED_OUT,),
    ),
    Drill(
        "offline",
        "Take it offline",
        "The keypad works on; writes are answered with 204 and wait, are lost, or come late (F13, F14).",
        Scope.LOCK,
        _take_offline,
        (
            Parameter(
                "writes",
                "Writes meanwhile are",
                str(OfflineWrites.DELIVERED_ON_RETURN),
                tuple(str(one) for one in OfflineWrites),
            ),
            Parameter("hours", "For how many hours (0: until brought back)", 0.0),
            Parameter("dropped_after_hours", "A waiting write is dropped after hours (0: never)", 0.0),
            Parameter("delivered_after_hours", "A waiting write goes on hours after the return", 0.0),
        ),
    ),
    Drill(
        "online",
        "Bring it online",
        "What waited goes on its way, and the log is sent (F13).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.bring_online(lock),
    ),
    Drill(
        "unpair-keypad",
        "Unpair the keypad",
        "No code opens; if the cloud knows, a new one is refused with 400 (F15).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.unpair_keypad(lock, known_to_cloud=values["known_to_cloud"]),
        (KNOWN,),
    ),
    Drill(
        "pair-keypad",
        "Pair a keypad",
        "Unknown to the cloud, new codes are refused with 400 until a sync (F15).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.pair_keypad(lock, known_to_cloud=values["known_to_cloud"]),
        (KNOWN,),
    ),
    Drill(
        "empty-keypad-battery",
        "Empty the keypad's battery",
        "Nothing opens at the keypad (F15).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.empty_keypad_battery(lock),
    ),
    Drill(
        "weaken-keypad-battery",
        "Weaken the keypad's battery",
        "The keypad works on, and a webhook warns (F15).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.weaken_keypad_battery(lock),
    ),
    Drill(
        "weaken-battery",
        "Weaken the lock's battery",
        "The lock works on, and a webhook warns.",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.weaken_battery(lock),
    ),
    Drill(
        "change-batteries",
        "Change the batteries",
        "Lock and keypad are full again.",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.change_batteries(lock),
    ),
    Drill(
        "foreign-codes",
        "Fill it with foreign codes",
        "Others' codes stand on the lock beside ours; a full lock takes no more (F16).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.fill_with_foreign_codes(
            lock, values["count"], known_to_cloud=values["known_to_cloud"]
        ),
        (
            Parameter("count", "How many", 100, most=200),
            Parameter("known_to_cloud", "The cloud knows", default=True),
        ),
    ),
    Drill(
        "collide",
        "Let the next code be taken",
        "Somebody makes the same code in the app first: 409, or silence if the cloud does not know (F17).",
        Scope.LOCK,
        _collide,
        (KNOWN,),
    ),
    Drill(
        "app-add",
        "Add a code",
        "The lock has it at once, the cloud's list after a sync (F18).",
        Scope.LOCK,
        lambda scenes, lock, values: _app(scenes, lock).add_code(values["name"], values["code"]),
        (NAME, CODE),
    ),
    Drill(
        "app-disable",
        "Disable a code",
        "It stops opening at once; the cloud's list says otherwise until a sync (F18).",
        Scope.LOCK,
        lambda scenes, lock, values: _app(scenes, lock).disable(values["name"]),
        (NAME,),
    ),
    Drill(
        "app-enable",
        "Enable a code",
        "It opens again at once (F18).",
        Scope.LOCK,
        lambda scenes, lock, values: _app(scenes, lock).enable(values["name"]),
        (NAME,),
    ),
    Drill(
        "app-rename",
        "Rename a code",
        "After a sync it is listed under a name that we do not know (F18).",
        Scope.LOCK,
        lambda scenes, lock, values: _app(scenes, lock).rename(values["name"], values["new_name"]),
        (NAME, Parameter("new_name", "New name", "Guest", pattern=".{1,32}")),
    ),
    Drill(
        "app-delete",
        "Delete a code",
        "It stops opening at once, stays listed until a sync, and its number is given out again (F18, F19).",
        Scope.LOCK,
        lambda scenes, lock, values: _app(scenes, lock).delete(values["name"]),
        (NAME,),
    ),
    Drill(
        "webhook-burst",
        "Send a burst of webhooks",
        "The lock's state is told so many times at once (F20).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.burst_of_webhooks(lock, values["count"]),
        (Parameter("count", "How many", 1000, most=5000),),
    ),
    Drill(
        "late-log-entry",
        "Delay the next log entry",
        "It reaches the cloud long after those that follow it (F23).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.delay_next_log_entry(lock, values["seconds"]),
        (SECONDS,),
    ),
    Drill(
        "lose-log-entry",
        "Lose the next log entry",
        "The door opens and no log ever says so (F23).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.lose_next_log_entry(lock),
    ),
    Drill(
        "strip-log-entry",
        "Strip the next log entry",
        "The log says that the door opened, and not for whom (F23).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.strip_next_log_entry(lock),
    ),
    Drill(
        "logging",
        "Switch the log",
        "Without a log nobody learns who came (F23).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.switch_log(lock, on=values["on"]),
        (Parameter("on", "Keep a log", default=False),),
    ),
    Drill(
        "end-subscription",
        "End the subscription",
        "Calls for this lock are refused (F24).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.end_subscription(lock),
    ),
    Drill(
        "renew-subscription",
        "Renew the subscription",
        "Calls for this lock are answered again (F24).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.renew_subscription(lock),
    ),
    Drill(
        "leave-account",
        "Take it out of the account",
        "The account no longer has the lock; its codes go on opening (F25).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.leave_account(lock),
    ),
    Drill(
        "replace-lock",
        "Replace the lock",
        "A new lock with another id and no codes hangs there (F25).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.replace_lock(lock),
    ),
    Drill(
        "change-id",
        "Change its id",
        "The same lock with its codes has another id; the old one is unknown (F25).",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.change_id(lock),
    ),
    Drill(
        "clock-offset",
        "Put its clock off",
        "Codes begin and end so much too early (F27).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.set_clock_offset(lock, values["seconds"]),
        (Parameter("seconds", "Seconds ahead", 120.0, least=-A_DAY, most=A_DAY),),
    ),
    Drill(
        "zone-rules",
        "Change the rules of its zone",
        "Daily times shift, as after new zone data (F28).",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.set_zone_rules(lock, values["offset_minutes"]),
        (Parameter("offset_minutes", "Minutes ahead of UTC", 0, least=-720, most=840),),
    ),
    Drill(
        "block-motor",
        "Block the motor",
        "Codes are right and nothing opens.",
        Scope.LOCK,
        lambda scenes, lock, values: scenes.block_motor(lock, blocked=values["blocked"]),
        (Parameter("blocked", "It sticks", default=True),),
    ),
    Drill(
        "door-ajar",
        "Leave the door ajar",
        "The log says that the door was left open.",
        Scope.LOCK,
        lambda scenes, lock, _: scenes.leave_door_ajar(lock),
    ),
)
