"""How many keypad codes a smart lock holds, and when to look again at one that is full. Pure."""

from datetime import timedelta

from nuki_gateway.models import DeviceType

# Keypad codes on one lock; those of the Nuki app and fobs count apart. Sources: 100 with a Smart Lock 2 or
# older, 200 with a Smart Lock 3 or newer (what other integrations have seen; some pages say 99 or 100 for
# all). Of boxes and openers nothing is said: the smaller number costs a wait, the larger one writes in vain.
MOST_CODES: dict[int, int] = {
    DeviceType.SMART_LOCK_1_2: 100,
    DeviceType.BOX: 100,
    DeviceType.OPENER: 100,
    DeviceType.SMART_DOOR: 100,
    DeviceType.SMART_LOCK_3_4: 200,
    DeviceType.SMART_LOCK_5: 200,
}
OF_A_NEWER_KIND = 200  # codes on a lock of a kind that came after these

KEPT_FOR_GUESTS = 10  # places on a lock that no backup code takes

SOONEST_LOOK = timedelta(minutes=20)  # while a guest stands at a lock that is full; 72 times a day
LATEST_LOOK = timedelta(hours=6)


def places_of(device_type: int) -> int:
    """How many keypad codes a lock of this type holds."""
    return MOST_CODES.get(device_type, OF_A_NEWER_KIND)


def free_places(*, device_type: int, listed: int, on_their_way: int) -> int:
    """How many codes may still be sent: beside those that are listed, whosever, and those that are to show.

    What is being removed counts until the list is without it.
    """
    return max(0, places_of(device_type) - listed - on_their_way)


def takes_a_spare(*, device_type: int, taken: int) -> bool:
    """Whether there is a place for one more backup code, beside those that guests may need."""
    return taken + KEPT_FOR_GUESTS < places_of(device_type)


def next_look(*, until_arrival: timedelta) -> timedelta:
    """How long until a full lock is read again: a tenth of the time that is left until somebody needs it.

    News of a code that went makes it due at once; this is for news that do not reach us.
    """
    return min(max(until_arrival / 10, SOONEST_LOOK), LATEST_LOOK)
