"""Building a sample step by step: each is one transaction and is noted, so another run goes on behind it."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django_scopes import scopes_disabled

from access import installation
from config.sample import people, places, plan, progress, tables
from config.sample.days import Days
from config.sample.history import Lines, Teller
from config.sample.places import DATABASE, ZONE
from config.sample.plan import Part, Planned, Sizes
from properties.models import Organization

Say = Callable[[str], None]

ASKED = "asked"  # what was asked for, and at which moment
READY = "ready"
LATER = "later"  # what was taken apart and is to be put back
FULL = "full"  # all rows are there


class OtherDataIsThere(Exception):
    """The database has businesses that are no part of a sample."""


class AnotherSampleIsThere(Exception):
    """A sample of other sizes, or another seed, was begun in this database."""


def build(sizes: Sizes, *, beside_others: bool, say: Say, now: datetime) -> bool:
    """Build the sample, or go on with it; False where it was complete already.

    Raises OtherDataIsThere, AnotherSampleIsThere; nothing is written then.
    """
    with scopes_disabled():
        tables.open_for_this_session()
        done = progress.done()
        if READY in done:
            _check_same(sizes, Sizes.from_json(done[ASKED]["sizes"]))
            return False
        if ASKED not in done:
            _begin(sizes, beside_others=beside_others, now=now)
        _check_same(sizes, Sizes.from_json(progress.done()[ASKED]["sizes"]))
        moment = datetime.fromisoformat(progress.done()[ASKED]["moment"])
        if FULL not in progress.done():
            _fill(sizes, moment, say)
        _put_back(say)
        tables.count_anew()
        progress.note(READY, True)  # noqa: FBT003  a value to keep
        return True


def what_is_there() -> list[str]:
    """How far a sample in this database has come, in sentences."""
    done = progress.done()
    if ASKED not in done:
        return ["There is no sample here."]
    sizes = Sizes.from_json(done[ASKED]["sizes"])
    stays, events = _written(done)
    lines = [
        f"A sample of {sizes.doors:,} doors, seed {sizes.seed}, as of {done[ASKED]['moment']}.",
        f"{stays:,} of {sizes.stays:,} stays and {events:,} of {sizes.events:,} events are there.",
    ]
    waiting = sum(step.startswith(LATER) for step in done)
    if READY not in done:
        lines.append(f"{waiting} indexes and references are still to be made. Run it again to go on.")
    return lines


def _begin(sizes: Sizes, *, beside_others: bool, now: datetime) -> None:
    if not beside_others and Organization.objects.using(DATABASE).exists():
        raise OtherDataIsThere
    with transaction.atomic(using=DATABASE, durable=True):
        progress.begin()
        progress.note(ASKED, {"sizes": sizes.to_json(), "moment": now.isoformat(timespec="seconds")})
        for number, statement in enumerate(tables.take_apart()):
            progress.note(f"{LATER}/{number:03}", statement)


def _check_same(sizes: Sizes, begun: Sizes) -> None:
    if sizes != begun:
        raise AnotherSampleIsThere


def _fill(sizes: Sizes, moment: datetime, say: Say) -> None:
    teller = Teller(
        seed=sizes.seed,
        days=Days(moment, ZONE),
        token=installation.token(),
        codes=people.pool(sizes.seed),
    )
    for number, planned in enumerate(plan.businesses(sizes), start=1):
        organization_id = _found(planned, number, sizes.seed, moment)
        done = progress.done()
        for part in plan.parts(planned):
            step = f"part/{number:05}/{part.first:06}"
            if step in done:
                continue
            _write(step, organization_id, planned, part, teller)
            stays, events = _written(progress.done())
            say(f"{stays:,} of {sizes.stays:,} stays, {events:,} of {sizes.events:,} events")
    progress.note(FULL, True)  # noqa: FBT003  a value to keep


def _found(planned: Planned, number: int, seed: int, moment: datetime) -> int:
    """The key of the business of that number, which is made unless it is there."""
    step = f"business/{number:05}"
    known = progress.done().get(step)
    if known is not None:
        return int(known)
    with transaction.atomic(using=DATABASE, durable=True):
        organization = places.found(planned, number=number, seed=seed, now=moment)
        progress.note(step, organization.pk)
    return organization.pk


def _write(step: str, organization_id: int, planned: Planned, part: Part, teller: Teller) -> None:
    with transaction.atomic(using=DATABASE, durable=True):
        lines = Lines(last=tables.last_numbers())
        for place in places.read(organization_id, planned, part):
            teller.tell(place, planned.domain, lines)
        tables.copy(lines)
        written = [len(lines.rows["access_stay"]), len(lines.rows["access_activity"])]
        progress.note(step, written)


def _written(done: dict[str, list[int]]) -> tuple[int, int]:
    """Stays and events."""
    made = [made for step, made in done.items() if step.startswith("part/")]
    return sum(stays for stays, _ in made), sum(events for _, events in made)


def _put_back(say: Say) -> None:
    waiting = {step: made for step, made in progress.done().items() if step.startswith(LATER)}
    for number, (step, statement) in enumerate(waiting.items(), start=1):
        say(f"index or reference {number} of {len(waiting)}")
        with transaction.atomic(using=DATABASE, durable=True):
            tables.put_back(statement)
            progress.drop(step)
