"""Virtual time: turns the simulator's clock and runs what beat and the workers would run, in one thread."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Min
from django.db.models.functions import Greatest

from access import deliveries, messages, queries, reconcile, sweep
from access.models import Delivery, Grant, Message
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import tenancy
from properties.models import NukiAccount, SmartLock

MOST = 500
A_SECOND = timedelta(seconds=1)
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass
class Timeline:
    """The portal's ticks and the simulator's clock, turned together."""

    simulator: Simulator
    clock: TurnedClock
    is_running: bool = True
    sweeps_every: timedelta = timedelta(hours=6)  # and no sooner: most tests let days pass, and need few
    looked_at: list[int] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now()

    def pass_time(self, span: timedelta) -> None:
        """Let time pass, from one moment at which something is due to the next."""
        end = self.now + span
        while self.now < end:
            soonest = max(self._next_moment(), self.now + A_SECOND) if self.is_running else end
            self.clock.turn(seconds=(min(soonest, end) - self.now).total_seconds())
            if self.is_running:
                self.tick()

    def pass_seconds(self, seconds: float) -> None:
        """The same, in seconds."""
        self.pass_time(timedelta(seconds=seconds))

    def skip_to(self, moment: datetime) -> None:
        """Let time pass until a minute after a moment."""
        self.pass_time(moment - self.now + timedelta(minutes=1))

    def _next_moment(self) -> datetime:
        """When the tick will have something to ring for."""
        with tenancy.across_organizations(because="the tick looks at everybody's rows"):
            looks = Grant.objects.filter(closed_at=None, due_at__isnull=False).aggregate(
                at=Min(
                    Greatest(
                        "due_at",
                        "smart_lock__leased_until",
                        "smart_lock__rests_until",
                        "smart_lock__nuki_account__paused_until",
                    )
                )
            )["at"]
            letters = Message.objects.filter(due_at__isnull=False).aggregate(
                at=Min(Greatest("due_at", "claimed_until"))
            )["at"]
            strays = SmartLock.objects.filter(look_due_at__isnull=False).aggregate(
                at=Min(Greatest("look_due_at", "leased_until", "rests_until", "nuki_account__paused_until"))
            )["at"]
            sweeps = NukiAccount.objects.aggregate(at=Min(Greatest("sweep_due_at", "paused_until")))["at"]
        return min((at for at in (looks, strays, letters, sweeps) if at is not None), default=FAR)

    def tick(self) -> None:
        """What the tick rings for, done at once."""
        with tenancy.across_organizations(because="the tick looks at everybody's rows"):
            told = Delivery.objects.filter(taken_in_at=None).values_list("nuki_account_id", flat=True)
            accounts = sorted(set(told))
        for account_id in accounts:
            self.take_in(account_id)
        with tenancy.across_organizations(because="the tick looks at everybody's rows"):
            accounts = [one for one in queries.accounts_to_sweep(self.now, MOST) if self._claims_sweep(one)]
        for account_id in accounts:
            self.sweep(account_id)
        with tenancy.across_organizations(because="the tick looks at everybody's rows"):
            locks = queries.due_locks(self.now, MOST)
            letters = queries.due_messages(self.now, MOST)
        for lock_id in locks:
            self.look_at(lock_id)
        for message_id in letters:
            self.send(message_id)

    def take_in(self, account_id: int) -> None:
        """What the task does for the deliveries of one account."""
        with tenancy.across_organizations(because="a task knows only the account's id"):
            account = NukiAccount.objects.select_related("organization").get(pk=account_id)
        with tenancy.within(account.organization):
            deliveries.take_in(account=account, now=self.now)

    def sweep(self, account_id: int) -> None:
        """What the task does for all locks of one account."""
        with tenancy.across_organizations(because="a task knows only the account's id"):
            account = NukiAccount.objects.select_related("organization").get(pk=account_id)
        with tenancy.within(account.organization):
            sweep.sweep(account=account, now=self.now)
            rest = NukiAccount.objects.filter(pk=account_id, sweep_due_at__lt=self.now + self.sweeps_every)
            rest.update(sweep_due_at=self.now + self.sweeps_every)

    def _claims_sweep(self, account_id: int) -> bool:
        """Claim as the tick does. An account that was connected for the test is taken as swept just now."""
        new = NukiAccount.objects.filter(pk=account_id, sweep_due_at=None)
        if new.update(sweep_due_at=self.now + self.sweeps_every):
            return False
        return sweep.claim(account_id, now=self.now)

    def look_at(self, lock_id: int) -> None:
        """What the task does for one smart lock."""
        with tenancy.across_organizations(because="a task knows only the lock's id"):
            lock = SmartLock.objects.select_related("organization", "nuki_account").get(pk=lock_id)
        self.looked_at.append(lock_id)
        with tenancy.within(lock.organization):
            reconcile.reconcile(lock, now=self.now)

    def send(self, message_id: int) -> None:
        """What the task does for one message."""
        with tenancy.across_organizations(because="a task knows only the message's id"):
            message = Message.objects.select_related("organization").get(pk=message_id)
        with tenancy.within(message.organization):
            messages.send(message, now=self.now)
