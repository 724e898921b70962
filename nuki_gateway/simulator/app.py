"""What somebody does in the Nuki app at the door: the device changes, the cloud hears of it at a sync."""

from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack

from nuki_gateway.simulator import telling
from nuki_gateway.simulator.authorization import Authorization, AuthorizationType
from nuki_gateway.simulator.engine import Engine


class Window(TypedDict, total=False):
    """When a keypad code lets somebody in; instants, weekday bits, minutes in the lock's own zone."""

    enabled: bool
    allowed_from: datetime | None
    allowed_until: datetime | None
    weekdays: int | None
    from_minute: int | None
    until_minute: int | None


class Changes(Window, total=False):
    """What can be changed about a keypad code."""

    code: str


class NukiApp:
    """The app, connected to one lock. Names that the device does not have raise KeyError."""

    def __init__(self, engine: Engine, smartlock_id: int) -> None:
        self._engine = engine
        self._lock = engine.lock(smartlock_id)
        self._device = self._lock.device

    def add_code(self, name: str, code: str, **changes: Unpack[Window]) -> Authorization:
        """Make a keypad code; raises DeviceRefused when the device holds that code already or is full."""
        with self._engine.change():
            wanted = Authorization(name=name, type=AuthorizationType.KEYPAD_CODE, code=code)
            made = self._device.add(replace(wanted, **changes))
            telling.changed_in_the_app(self._engine, self._lock, "added", made)
            return made

    def edit(self, name: str, **changes: Unpack[Changes]) -> Authorization:
        """Change a keypad code; raises DeviceRefused when another one has that code."""
        with self._engine.change():
            known = self._device.named(name)
            changed = self._device.change(known.serial, replace(known, **changes))
            telling.changed_in_the_app(self._engine, self._lock, "changed", changed)
            return changed

    def rename(self, name: str, new_name: str) -> Authorization:
        """Give an authorization another name."""
        with self._engine.change():
            known = self._device.named(name)
            renamed = self._device.change(known.serial, replace(known, name=new_name))
            telling.changed_in_the_app(self._engine, self._lock, f"renamed {name}, now", renamed)
            return renamed

    def disable(self, name: str) -> Authorization:
        """Switch an authorization off without deleting it."""
        return self.edit(name, enabled=False)

    def enable(self, name: str) -> Authorization:
        """Switch an authorization on again."""
        return self.edit(name, enabled=True)

    def delete(self, name: str) -> None:
        """Delete an authorization."""
        with self._engine.change():
            known = self._device.named(name)
            self._device.remove(known.serial)
            telling.changed_in_the_app(self._engine, self._lock, "deleted", known)
