"""The simulator as its users see it: a world with a clock, a door to stand at, and an address to serve at."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from threading import Event as Signal
from threading import Thread

from nuki_gateway.simulator import (
    account_calls,
    app_door,
    carrying,
    control,
    deliveries,
    doors,
    forgeries,
    invites,
    making,
    news,
    oauth,
    operations,
    spontaneous,
    state_file,
    synchronise,
    telling,
    webhooks,
)
from nuki_gateway.simulator.answers import ApiCall, Request, status_page
from nuki_gateway.simulator.api import Api, Outcome
from nuki_gateway.simulator.app import NukiApp
from nuki_gateway.simulator.authorization import Authorization
from nuki_gateway.simulator.clock import Clock, TurnedClock, WallClock
from nuki_gateway.simulator.device import KeypadAnswer
from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.mix import Mix
from nuki_gateway.simulator.scenes import Scenes
from nuki_gateway.simulator.server import serving
from nuki_gateway.simulator.switches import Switches
from nuki_gateway.simulator.timings import Timings
from nuki_gateway.simulator.webhooks import BackgroundSender, Delivery, Post
from nuki_gateway.simulator.world import (
    ALL_SCOPES,
    ONLY_SECRET,
    Account,
    ApiToken,
    Event,
    EventKind,
    Invite,
    Lock,
    OAuthClient,
    OfflineWrites,
    World,
)

TICK_SECONDS = 0.05
HEALTH = "/-/health"
SAVE_SECONDS = 0.2  # a change is on disk at most this much later

REACTIONS: dict[EventKind, Callable[[Engine, Event], None]] = {
    EventKind.OPERATION_DONE: carrying.operation_done,
    EventKind.COPY_READ: carrying.copy_read,
    EventKind.LOG_ARRIVES: synchronise.log_arrives,
    EventKind.WEBHOOK_DUE: news.webhook_due,
    EventKind.USER_REMOVED: account_calls.user_removed,
    EventKind.DAILY_SYNC: operations.daily_sync,
    EventKind.LATE_LOG_ARRIVES: synchronise.late_log_arrives,
    EventKind.LATE_WEBHOOK_DUE: news.webhook_due,
    EventKind.FORGERY_DUE: forgeries.forgery_due,
    EventKind.WRITES_DROPPED: operations.write_dropped,
    EventKind.WRITES_RELEASED: operations.writes_released,
    EventKind.LOCK_LEAVES: spontaneous.lock_leaves,
    EventKind.LOCK_RETURNS: spontaneous.lock_returns,
    EventKind.SERVICE_FAILS: spontaneous.service_fails,
    EventKind.HOST_EDITS: spontaneous.host_edits,
}


class NotSettled(Exception):
    """Something was still on its way when the time for settling was over."""


class Simulator:
    """The Nuki Web API with its locks.

    Without `deliver`, webhooks go out over HTTP: from a thread while serving with a wall clock, and
    otherwise within the turn of the clock that makes them due. A `deliver` takes their place and returns
    the status of the answer.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        timings: Timings | None = None,
        seed: int = 1,
        switches: Switches | None = None,
        deliver: Callable[[Post], int] | None = None,
        state_path: Path | None = None,
        mix: Mix | None = None,
    ) -> None:
        self.clock = clock or WallClock()
        self.deliver = deliver or webhooks.post
        self.state_path = state_path
        known = state_path is not None and state_path.exists()
        self.world = state_file.read(state_path, World) if known and state_path else World(seed=seed)
        self.engine = Engine(
            world=self.world,
            clock=self.clock,
            timings=timings or Timings(),
            switches=switches or Switches(),
        )
        self.engine.reactions.update(REACTIONS)
        self.engine.send = self._send_now
        self._scenes = Scenes(self.engine)
        self._api = Api(self.engine)
        if isinstance(self.clock, TurnedClock):
            self.clock.carry(self.engine)
        if mix is not None and mix != self.world.mix:
            self.mix = mix

    @property
    def script(self) -> Scenes:
        """The faults that are ordered."""
        return self._scenes

    @property
    def deliveries(self) -> list[Delivery]:
        """The last webhooks that were sent, oldest first."""
        with self.engine.guard:
            return list(self.world.deliveries)

    @property
    def mix(self) -> Mix:
        """What goes wrong by chance."""
        return self.world.mix

    @mix.setter
    def mix(self, mix: Mix) -> None:
        spontaneous.change_mix(self.engine, mix)

    @property
    def calls(self) -> list[ApiCall]:
        """The last calls to the API, oldest first."""
        return list(self._api.calls)

    @property
    def while_answering(self) -> Callable[[Request], None] | None:
        """What is called once, after the next authorization write is accepted and before it is answered."""
        return self._api.while_answering

    @while_answering.setter
    def while_answering(self, meanwhile: Callable[[Request], None] | None) -> None:
        self._api.while_answering = meanwhile

    @property
    def invites(self) -> list[Invite]:
        """The e-mails sent for app invites, oldest first; those of Advanced calls went by webhook instead."""
        return [one for one in self.world.invites if one.mailed]

    def add_account(
        self,
        *,
        name: str,
        token: str,
        scopes: tuple[str, ...] | list[str] = ALL_SCOPES,
        kind: str = ONLY_SECRET,
    ) -> Account:
        """Add an account with one API token and its kind of integration; raises CannotBeMade."""
        with self.engine.change():
            return making.account(self.world, name=name, token=token, scopes=list(scopes), kind=kind)

    def add_token(self, account: Account, *, token: str, scopes: tuple[str, ...] | list[str]) -> ApiToken:
        """Add a further API token to an account; raises CannotBeMade."""
        with self.engine.change():
            return making.token(self.world, account, token=token, scopes=list(scopes))

    def add_oauth_client(self, *, client_id: str, secret: str, redirect_uris: list[str]) -> OAuthClient:
        """Add a program that may ask accounts for their consent; raises CannotBeMade."""
        with self.engine.change():
            return making.oauth_client(
                self.world, client_id=client_id, secret=secret, redirect_uris=list(redirect_uris)
            )

    def add_lock(
        self,
        account: Account,
        *,
        name: str,
        device_type: int = 4,
        keypad: str | None = None,
        time_zone_id: int = 37,
        online: bool = True,
        smartlock_id: int | None = None,
        battery: int = 80,
        clock_offset_seconds: float = 0.0,
    ) -> Lock:
        """Add a lock, known to the cloud as it is; raises CannotBeMade."""
        with self.engine.change():
            made = making.lock(
                self.world,
                account,
                name=name,
                device_type=device_type,
                keypad=keypad,
                time_zone_id=time_zone_id,
                online=online,
                smartlock_id=smartlock_id,
                battery=battery,
                clock_offset_seconds=clock_offset_seconds,
                at=self.engine.now(),
            )
            self.engine.plan(
                EventKind.DAILY_SYNC,
                at=made.created_at,
                seconds=self.engine.timings.daily_sync_seconds,
                smartlock_id=made.smartlock_id,
            )
            spontaneous.lock_added(self.engine, made, at=made.created_at)
            return made

    def type_code(self, smartlock_id: int, code: str) -> KeypadAnswer:
        """Type a code at the keypad, now by the device's own clock; truth decides, not the cloud."""
        return doors.type_code(self.engine, smartlock_id, code)

    def codes_on(self, smartlock_id: int) -> list[Authorization]:
        """Return the keypad codes that the device really holds, by number."""
        self.engine.run_due()
        with self.engine.guard:
            return self.engine.lock(smartlock_id).device.codes()

    def in_the_app(self, smartlock_id: int) -> NukiApp:
        """Return the Nuki app, connected to this lock; what it does is unknown to the cloud until a sync."""
        return NukiApp(self.engine, smartlock_id)

    def redeem(self, invite: Invite) -> bool:
        """Take an app invite into the app; say whether that was still possible."""
        self.engine.run_due()
        with self.engine.change() as at:
            ignored = spontaneous.is_ignored(self.engine, invite)
            return not ignored and invites.redeem(self.engine, invite, at=at)

    def redeem_code(self, code: str) -> bool:
        """Type an invite's nine digits into the app; say whether they were good."""
        invite = invites.with_code(self.world, code)
        return invite is not None and self.redeem(invite)

    def open_with_app(self, authorization_id: str, *, remote: bool = False) -> app_door.AppAnswer:
        """Open a door with the app of somebody who redeemed an invite: there, or remotely."""
        return app_door.open_with_app(self.engine, authorization_id, remote=remote)

    def end_consent(self, account: Account) -> None:
        """Let the account take back its consents: no OAuth token for it is good any more."""
        oauth.end_consent(self.engine, account)

    def take_offline(
        self, smartlock_id: int, *, writes: OfflineWrites = OfflineWrites.DELIVERED_ON_RETURN
    ) -> None:
        """Cut the lock off from the cloud; the keypad works on. `writes` says how later writes fare."""
        doors.take_offline(self.engine, smartlock_id, writes=writes)

    def bring_online(self, smartlock_id: int) -> None:
        """Let the cloud reach the lock again: what waits is carried out, the log is sent."""
        doors.bring_online(self.engine, smartlock_id)

    def set_keypad(
        self,
        smartlock_id: int,
        keypad: str | None,
        *,
        known_to_cloud: bool = True,
        battery_empty: bool = False,
    ) -> None:
        """Pair, unpair or drain the keypad; the cloud may learn of it only from a sync."""
        doors.set_keypad(
            self.engine, smartlock_id, keypad, known_to_cloud=known_to_cloud, battery_empty=battery_empty
        )

    def is_quiet(self) -> bool:
        """Say whether nothing is on its way.

        What does not count: daily syncs, what waits for an offline lock, what the mix has planned, and
        webhooks and log entries that were made late.
        """
        with self.engine.guard:
            return all(event.kind in spontaneous.UNAWAITED for event in self.world.events)

    def settle(self, limit_seconds: float = 600) -> None:
        """Turn the clock until all is quiet; raises NotSettled, or TypeError without a TurnedClock."""
        clock = self.clock
        if not isinstance(clock, TurnedClock):
            raise TypeError("Only a simulator with a TurnedClock can be settled.")
        ends = clock.now() + timedelta(seconds=limit_seconds)
        self.engine.run_due()
        while not self.is_quiet():
            due = self.engine.next_due()
            if due is None or due > ends:
                raise NotSettled(f"Something was still on its way {limit_seconds} seconds later.")
            clock.turn_to(max(due, clock.now()))

    @contextlib.contextmanager
    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve the API and the page over HTTP at one address until the block ends; yields the address."""
        with self._running(), serving(host, port, self._respond) as url:
            yield url

    @contextlib.contextmanager
    def serve_apart(
        self, *, port: int = 0, control_port: int = 0, host: str = "127.0.0.1"
    ) -> Iterator[tuple[str, str]]:
        """Serve as `serve` does, but the page with its control calls at an address of this machine alone.

        Yields the API's address and the page's. At the API's only /-/health is left of the control calls.
        """
        with (
            self._running(),
            serving(host, port, self._respond_as_api) as api,
            serving("127.0.0.1", control_port, self._respond_as_page) as page,
        ):
            yield api, page

    def answer(self, request: Request) -> Outcome:
        """Do what the API does with one call, without a network in between."""
        return self._api.answer(request)

    def save(self) -> None:
        """Write the world to its file, if it has one and changed since."""
        if self.state_path is None:
            return
        with self.engine.guard:
            if not self.engine.changed:
                return
            self.engine.changed = False
            snapshot = state_file.text(self.world)
        state_file.write(self.state_path, snapshot)

    def _respond(self, request: Request) -> Outcome:
        answer = control.answer(self.engine, self._api, request)
        return self._api.answer(request) if answer is None else Outcome(answer, 0.0)

    def _respond_as_api(self, request: Request) -> Outcome:
        return self._respond(request) if request.path == HEALTH else self._api.answer(request)

    def _respond_as_page(self, request: Request) -> Outcome:
        answer = control.answer(self.engine, self._api, request)
        return Outcome(status_page(HTTPStatus.NOT_FOUND).answer if answer is None else answer, 0.0)

    def _send_now(self, post: Post) -> None:
        delivery = deliveries.note(self.engine, webhooks.deliver(post, by=self.deliver))
        telling.delivered(self.engine, delivery, at=self.engine.now())

    @contextlib.contextmanager
    def _running(self) -> Iterator[None]:
        """Let time pass and keep the state's file; the last save comes after everything else ended."""
        with contextlib.ExitStack() as running:
            if not isinstance(self.clock, TurnedClock):
                running.enter_context(self._working_in_background())
            self.save()
            yield
        self.save()

    @contextlib.contextmanager
    def _working_in_background(self) -> Iterator[None]:
        sender, ending = BackgroundSender(self._send_now), Signal()
        ticker = Thread(target=self._tick, args=(ending,), name="simulated time", daemon=True)
        self.engine.send = sender.put
        ticker.start()
        try:
            yield
        finally:
            ending.set()
            ticker.join()
            self.engine.send = self._send_now
            sender.stop()

    def _tick(self, ending: Signal) -> None:
        ticks = 0
        while not ending.wait(TICK_SECONDS):
            self.engine.run_due()
            ticks += 1
            if ticks % round(SAVE_SECONDS / TICK_SECONDS) == 0:
                self.save()
