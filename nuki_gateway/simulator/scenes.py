"""Faults ordered while the simulation runs: those of `Script`, and those that change the world at once."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from nuki_gateway.simulator import (
    deliveries,
    doors,
    foreign_codes,
    forgeries,
    incidents,
    news,
    subscriptions,
    wire,
)
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.orders import Span
from nuki_gateway.simulator.script import Script, number
from nuki_gateway.simulator.world import (
    ACTIVE_SUBSCRIPTION,
    SHORT_RENTAL,
    Account,
    ApiKey,
    Lock,
    OfflineWrites,
)

BUSY = 423
TOO_MANY = 429
UNAVAILABLE = 503
TEN_MINUTES = 600.0
GUESS = "a guess"
LOW_BATTERY = 10  # per cent
FORGED_NEWS = '{"feature":"DEVICE_AUTHS","deleted":true,"smartlockAuth":{"id":"000000000000000000000000"}}'


class Scenes(Script):
    """Everything that can be made to go wrong. A lock is named by itself or by its smartlockId."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.world)
        self.engine = engine

    def busy_for(self, lock: Lock | int, seconds: float = TEN_MINUTES) -> None:
        """Answer every authorization write on the lock with 423 for a while."""
        self._cover(seconds, BUSY, smartlock_id=number(lock), writes_only=True)

    def fail_for(self, seconds: float, *, status: int = UNAVAILABLE, account: Account | None = None) -> None:
        """Answer every call, or every call of the account, with a server error for a while."""
        self._cover(seconds, status, account_id=None if account is None else account.account_id)

    def throttle_for(
        self, seconds: float, *, retry_after: int | None = None, account: Account | None = None
    ) -> None:
        """Answer every call, or every call of the account, with 429 for a while."""
        account_id = None if account is None else account.account_id
        self._cover(seconds, TOO_MANY, retry_after=retry_after, account_id=account_id)

    def block_beyond(self, calls_a_second: int) -> None:
        """Block an account for a minute when it calls more often than this; 0 ends that."""
        with self.engine.change():
            self.world.orders.calls_a_second = calls_a_second

    def end_spans(self) -> None:
        """Answer truly again: what was to last for a while is over now."""
        with self.engine.change():
            self.world.orders.spans = []

    def revoke_token(self, account: Account) -> None:
        """Let the account's API token be refused with 401."""
        with self.engine.change():
            account.revoked = True

    def restore_token(self, account: Account) -> None:
        """Let the account's API token be good again."""
        with self.engine.change():
            account.revoked = False

    def lose_scope(self, account: Account, scope: str) -> None:
        """Take a scope from the account's API token: calls that need it are refused with 403."""
        with self.engine.change():
            account.scopes = [one for one in account.scopes if one != scope]

    def regain_scope(self, account: Account, scope: str) -> None:
        """Give a scope back to the account's API token."""
        with self.engine.change():
            account.scopes = [*(one for one in account.scopes if one != scope), scope]

    def refuse_refresh(self, account: Account, *, refused: bool = True) -> None:
        """Refuse to refresh OAuth tokens for the account, or allow it again."""
        with self.engine.change():
            account.refuses_refresh = refused

    def expire_access_tokens(self, account: Account) -> None:
        """Let every OAuth access token for the account end now, as in the middle of a run."""
        with self.engine.change() as at:
            for held in self.world.access_tokens:
                if held.account_id == account.account_id:
                    held.ends_at = at

    def take_offline(
        self,
        lock: Lock | int,
        *,
        writes: OfflineWrites = OfflineWrites.DELIVERED_ON_RETURN,
        seconds: float | None = None,
        dropped_after_seconds: float = 0.0,
        delivered_after_seconds: float = 0.0,
    ) -> None:
        """Cut the lock off, for so many seconds or until it is brought back.

        What is written meanwhile can be dropped after a time (0: never), or go on its way only so long after
        the lock's return.
        """
        incidents.go_offline(
            self.engine,
            self._lock(lock),
            writes=writes,
            seconds=seconds,
            dropped_after_seconds=dropped_after_seconds,
            delivered_after_seconds=delivered_after_seconds,
        )

    def bring_online(self, lock: Lock | int) -> None:
        """Let the cloud reach the lock again."""
        doors.bring_online(self.engine, number(lock))

    def unpair_keypad(self, lock: Lock | int, *, known_to_cloud: bool = True) -> None:
        """Take the keypad from the door."""
        self._set_keypad(lock, None, known_to_cloud=known_to_cloud)

    def pair_keypad(self, lock: Lock | int, keypad: str = "keypad2", *, known_to_cloud: bool = True) -> None:
        """Put a working keypad beside the door; unknown to the cloud, a create is refused until a sync."""
        self._set_keypad(lock, keypad, known_to_cloud=known_to_cloud)

    def empty_keypad_battery(self, lock: Lock | int) -> None:
        """Let the keypad fall silent."""
        self._report(lock, keypad_battery_empty=True)

    def weaken_keypad_battery(self, lock: Lock | int) -> None:
        """Let the keypad work on and warn that its battery is low."""
        self._report(lock, keypad_battery_critical=True)

    def weaken_battery(self, lock: Lock | int, per_cent: int = LOW_BATTERY) -> None:
        """Let the lock warn that its battery is low."""
        self._report(lock, battery=per_cent)

    def change_batteries(self, lock: Lock | int) -> None:
        """Put full batteries into lock and keypad."""
        self._report(lock, battery=100, keypad_battery_critical=False, keypad_battery_empty=False)

    def fill_with_foreign_codes(self, lock: Lock | int, count: int, *, known_to_cloud: bool = True) -> int:
        """Let others make so many codes, as far as there is room; return how many."""
        with self.engine.change() as at:
            found = self._lock(lock)
            return foreign_codes.fill(self.engine, found, count, known_to_cloud=known_to_cloud, at=at)

    def add_foreign_code(
        self, lock: Lock | int, code: str, *, known_to_cloud: bool, name: str = "Made in the app"
    ) -> Authorization:
        """Let somebody else make this code; raises DeviceRefused when the device holds it or is full."""
        with self.engine.change() as at:
            found = self._lock(lock)
            return foreign_codes.add(self.engine, found, name, code, known=known_to_cloud, at=at)

    def switch_log(self, lock: Lock | int, *, on: bool) -> None:
        """Let the device keep a log, or none."""
        incidents.switch_log(self.engine, self._lock(lock), on=on)

    def leave_door_ajar(self, lock: Lock | int) -> None:
        """Let the door sensor find that the door was left open."""
        incidents.note(self.engine, self._lock(lock), incidents.AJAR)

    def block_motor(self, lock: Lock | int, *, blocked: bool = True) -> None:
        """Let the motor stick: codes are right and nothing opens."""
        incidents.block_motor(self.engine, self._lock(lock), blocked=blocked)

    def end_subscription(self, lock: Lock | int) -> None:
        """Let the lock's Smart Hosting end: calls of a short rental integration for it are refused.

        The lock's account becomes one of a short rental integration if it was not.
        """
        found = self._lock(lock)
        with self.engine.change():
            for account in self.world.accounts:
                if account.account_id == found.account_id:
                    account.kind = SHORT_RENTAL
        subscriptions.set_state(self.engine, found, "EXPIRED")

    def renew_subscription(self, lock: Lock | int) -> None:
        """Let the lock have Smart Hosting again."""
        subscriptions.set_state(self.engine, self._lock(lock), ACTIVE_SUBSCRIPTION)

    def leave_account(self, lock: Lock | int) -> None:
        """Take the lock out of its account; it hangs on the door and works on."""
        incidents.leave_account(self.engine, self._lock(lock))

    def replace_lock(self, lock: Lock | int) -> Lock:
        """Hang a new lock on the door: another id, no codes. Return it."""
        return incidents.replace_device(self.engine, self._lock(lock))

    def change_id(self, lock: Lock | int, smartlock_id: int | None = None) -> int:
        """Give the same lock another id, and return it; raises SmartlockIdTaken."""
        return incidents.change_id(self.engine, self._lock(lock), smartlock_id)

    def set_clock_offset(self, lock: Lock | int, seconds: float) -> None:
        """Put the device's clock so many seconds ahead of the true time."""
        incidents.spoil_clock(self.engine, self._lock(lock), offset_seconds=seconds)

    def set_time_zone(self, lock: Lock | int, time_zone_id: int) -> None:
        """Put the device into another zone than its property's."""
        incidents.spoil_clock(self.engine, self._lock(lock), time_zone_id=time_zone_id)

    def set_zone_rules(self, lock: Lock | int, offset_minutes: int | None) -> None:
        """Let the device's zone have this offset from UTC all the year, as if its rules had been changed."""
        incidents.set_zone_rules(self.engine, self._lock(lock), offset_minutes)

    def set_central_webhook(
        self,
        account: Account,
        url: str,
        features: list[str],
        *,
        secret: str | None = None,
        serves: Iterable[Account] = (),
    ) -> ApiKey:
        """Register the one address of the account's API key, signed with this secret or the key's own.

        It hears of the account itself and of those that it serves: the ones that gave their consent.
        """
        with self.engine.change() as at:
            key = deliveries.key_of(self.world, account, at=at)
            key.accounts = [account.account_id, *(one.account_id for one in serves)]
            key.url, key.features, key.secret = url, list(features), secret or key.secret
            return key

    def burst_of_webhooks(self, lock: Lock | int, count: int = 1000) -> None:
        """Report the lock's state so many times at once."""
        self.engine.run_due()
        with self.engine.change() as at:
            found = self._lock(lock)
            for _ in range(count):
                news.announce(self.engine, found.account_id, wire.status_news(found), at=at)

    def forge_webhook(self, account: Account, text: str = FORGED_NEWS) -> None:
        """Send the account's addresses a delivery that bears no signature."""
        self._send(lambda: forgeries.forge(self.engine, account.account_id, text=text, secret=None))

    def sign_webhook_wrongly(self, account: Account, text: str = FORGED_NEWS) -> None:
        """Send the account's addresses a delivery signed with a secret that nobody has."""
        self._send(lambda: forgeries.forge(self.engine, account.account_id, text=text, secret=GUESS))

    def sign_webhook_as_another(self, account: Account, text: str = FORGED_NEWS) -> None:
        """Send the account's addresses a delivery signed with another account's secret."""
        self._send(lambda: forgeries.sign_with_another_account(self.engine, account.account_id, text=text))

    def replay_webhook(self, account: Account) -> None:
        """Send the account's last delivery once more; raises NothingToReplay."""
        self._send(lambda: forgeries.replay(self.engine, account.account_id))

    def oversize_webhook(self, account: Account, size: int = forgeries.OVERSIZE) -> None:
        """Send the account's addresses a delivery of more than so many bytes, with a good signature."""
        self._send(lambda: forgeries.oversize(self.engine, account.account_id, size=size))

    def _cover(
        self,
        seconds: float,
        status: int,
        *,
        retry_after: int | None = None,
        smartlock_id: int | None = None,
        account_id: int | None = None,
        writes_only: bool = False,
    ) -> None:
        with self.engine.change() as at:
            self.world.orders.spans.append(
                Span(
                    at + timedelta(seconds=seconds),
                    status,
                    retry_after,
                    smartlock_id,
                    account_id,
                    writes_only,
                )
            )

    def _set_keypad(self, lock: Lock | int, keypad: str | None, *, known_to_cloud: bool) -> None:
        doors.set_keypad(
            self.engine, number(lock), keypad, known_to_cloud=known_to_cloud, battery_empty=False
        )

    def _report(self, lock: Lock | int, **changes: bool | int) -> None:
        incidents.change_state(self.engine, self._lock(lock), **changes)

    def _send(self, order: Callable[[], None]) -> None:
        """Order a delivery and let it go out now."""
        with self.engine.change():
            order()
        self.engine.run_due()

    def _lock(self, lock: Lock | int) -> Lock:
        return self.engine.lock(number(lock))
