"""Alice's house, founded once: its rows and its locks are put back for each run, in a few milliseconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from django.core.cache import cache
from django.db import connections

from access import chance, live, log_reading, sweep, work_queue
from access.broker import broker
from access.nuki_webhook import senders
from config.rehearsal.line import Line
from config.rehearsal.times import StageClock
from nuki_gateway import transport
from nuki_gateway.simulator import Simulator, state_file
from properties import clock, tenancy
from properties.models import NukiAccount
from tests import worlds
from tests.worlds import Business

ALICE = "alice@harbour.example"
MADE_IN_STORIES = """
    TRUNCATE access_auditentry, access_activity, access_message, access_delivery, access_grant, access_stay,
    access_guest RESTART IDENTITY CASCADE
"""
CHANGED_IN_STORIES = ("properties_nukiaccount", "properties_door", "properties_smartlock")


@dataclass
class House:
    """A business, its rows and its locks as they were before any story."""

    business: Business
    world: Path
    owner: psycopg.Connection
    restoring: str

    def at_the_beginning(self, at: StageClock) -> Business:
        """Put everything back; the business with a simulator of its own."""
        self.owner.execute(self.restoring)
        forget()
        simulator = Simulator(clock=at.turned, state_path=self.world)
        return replace(self.business, simulator=simulator)


@contextmanager
def founded(directory: Path) -> Iterator[House]:
    """Found the business, and keep its rows until the block ends."""
    at = StageClock(worlds.MONDAY_NOON)
    simulator = Simulator(clock=at.turned, seed=7)
    forget()
    with clock.told_by(at), chance.seeded(0), transport.carried_by(lambda: line(simulator, at)):
        business = worlds.found(
            simulator, name="Harbour Stays", owner=ALICE, token="alice-token", now=at.now()
        )
        _look_through(business, at)
    path = directory / "world.json"
    state_file.write(path, state_file.text(simulator.world))
    with psycopg.connect(**connections["owner"].get_connection_params(), autocommit=True) as owner:
        owner.execute(
            "SET keyturn.organization = '*'; DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept"
        )
        for table in CHANGED_IN_STORIES:
            owner.execute(f"CREATE TABLE kept.{table} AS TABLE {table}")
        yield House(business, path, owner, _restoring(owner))
        owner.execute("DROP SCHEMA kept CASCADE")


def line(simulator: Simulator, at: StageClock) -> Line:
    """The way to the simulator, on which nobody dies."""
    return Line(simulator, at, before=lambda _: None, after=lambda _: None)


def forget() -> None:
    """Lose what processes keep in memory, and Redis for them: all of them are new."""
    cache.clear()
    live.connection().flushdb()
    senders.forget()
    work_queue._rung_at.clear()
    broker.rests_until = 0.0


def _look_through(business: Business, at: StageClock) -> None:
    """Read all of the account once, so that no story begins with that."""
    with tenancy.within(business.organization):
        account = NukiAccount.objects.get()
        sweep.sweep(account=account, now=at.now())
        log_reading.read(account=account, now=at.now())


def _restoring(owner: psycopg.Connection) -> str:
    """One trip to the database: rows of stories go, and the others are as they were."""
    kept = [_as_kept(owner, table) for table in CHANGED_IN_STORIES]
    others = "DELETE FROM properties_smartlock WHERE id NOT IN (SELECT id FROM kept.properties_smartlock)"
    return "; ".join([MADE_IN_STORIES, *kept, others])


def _as_kept(owner: psycopg.Connection, table: str) -> str:
    described = owner.execute(f"SELECT * FROM {table} LIMIT 0").description or []  # noqa: S608  ours
    columns = ", ".join(f"{one.name} = k.{one.name}" for one in described)
    return f"UPDATE {table} AS t SET {columns} FROM kept.{table} AS k WHERE t.id = k.id"  # noqa: S608  ours
