"""How long until every code of many locks is confirmed, in virtual time, beside the naive recipe.

Each case is played in a process and a database of its own: `python -m bench.makespan CASE`, a `street.Case`
as JSON.
"""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench import installation, naive, street
from bench.street import Case
from config.embedded.postgres import DATABASE

LOCKS, CODES = 500, 4
ACCOUNTS = (1, 10, 50)
BUDGET = 120  # calls a minute that an account is allowed, unless the settings say otherwise
NO_LIMIT = "999999"  # what is measured is not the budget
NOT_CONFIRMING = {"elsewhere", "booking"}


@dataclass(frozen=True)
class Goal:
    """What is wanted of one setting."""

    ratio: float
    calls: float  # for each confirmed code
    cpu: float = 10.0  # milliseconds for each


GOALS = {
    "no faults": Goal(1.10, 1.05),
    "2 % of writes lost": Goal(1.6, 1.15),
    "no webhooks": Goal(2.5, 3.5),
}


def main() -> None:
    """Play every setting with each number of accounts."""
    measure([Case(setting, count, LOCKS, CODES) for setting in street.SETTINGS for count in ACCOUNTS])


def measure(cases: Iterable[Case]) -> None:
    """Play cases one after another, and print what came of each."""
    with installation.servers(durable=False) as environment:
        installation.prepare({**environment, "PUBLIC_URL": street.API, "PYTHONHASHSEED": "0"})
        for number, case in enumerate(cases):
            if number == 0:
                _print_what_it_is(case)
            found = _played_elsewhere(case, _copy_of_the_database(environment, number))
            _print(case, found["ours"], found["theirs"])


def play(case: Case) -> dict[str, Any]:
    """Play one case in this process, whose settings have not been read yet."""
    os.environ |= {"NUKI_CALLS_PER_MINUTE": NO_LIMIT, "NUKI_LOOKS_AT_ONCE": NO_LIMIT}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.conf import settings

    settings.CACHES = {"default": {"BACKEND": "config.rehearsal.memory.Memory"}}
    settings.DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    settings.LOGGING["root"]["handlers"] = []
    warnings.filterwarnings("ignore", "No directory at")  # whitenoise: nobody looks at pages here
    django.setup()
    from bench.portal import Portal
    from config.celery import app

    app.loader.import_default_modules()
    return {"ours": asdict(Portal(case).play()), "theirs": asdict(naive.play(case))}


def _copy_of_the_database(environment: Mapping[str, str], number: int) -> dict[str, str]:
    """The environment of a process with a copy of the empty tables."""
    name = f"makespan_{number}"
    copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(DATABASE))
    with psycopg.connect(_at(environment["DATABASE_OWNER_URL"], "postgres"), autocommit=True) as connection:
        connection.execute(copied)
    return {key: _at(environment[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL")}


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _played_elsewhere(case: Case, own: Mapping[str, str]) -> dict[str, Any]:
    words = [sys.executable, "-m", "bench.makespan", json.dumps(asdict(case))]
    played = subprocess.run(  # noqa: S603  our own command
        words,
        cwd=installation.PROJECT,
        env={**os.environ, **own},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(played.stdout.splitlines()[-1])
    return found


def _print_what_it_is(case: Case) -> None:
    _say(
        f"Makespan: {case.locks} locks with {case.codes} codes each, all booked at one moment",
        f"  Time is virtual, and calls take none of it. Bound {case.bound:.0f} s: a lock carries out",
        f"  {case.codes} writes one after another in {case.writing:.0f} s, and is read back once in"
        f" {case.reading:.0f} s.",
        "  Calls, tasks and CPU are for each confirmed code. CPU is our own Python (looks, ticks, webhooks",
        "  and taking them in), without PostgreSQL, Valkey, the simulator, the booking and guests' mail.",
        f"  Naive: create, wait {naive.WAIT:.0f} s, list, find by name (at most {naive.MOST_LISTS} lists),",
        f"  update; {naive.WORKERS} workers an account, done when they believe so.",
    )


def _print(case: Case, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    goal, codes = GOALS[case.setting], case.all_codes
    calls, cpu = sum(ours["calls"].values()) / codes, _milliseconds(ours["cpu"])
    booking = ours["cpu"]["booking"] * 1000 / codes
    _say(
        f"{case.setting}, {case.accounts} account{'s' if case.accounts > 1 else ''}",
        f"  Keyturn  {_ratio(case, ours)} (goal {goal.ratio:.2f}), half after {ours['halfway']:.1f} s",
        f"           {calls:7.2f} calls (goal {goal.calls:.2f}): {_each(ours['calls'], codes)}",
        f"           {sum(cpu.values()) / codes:7.1f} ms CPU (goal {goal.cpu:.0f}): {_each(cpu, codes)}",
        f"           tasks: {_each(ours['tasks'], codes)}; booking takes {booking:.1f} ms beside it",
        f"           {_doors(case, ours)}",
        f"  naive    {_ratio(case, theirs)}",
        f"           {sum(theirs['calls'].values()) / codes:7.2f} calls: {_each(theirs['calls'], codes)}",
        f"           {_doors(case, theirs)}",
    )


def _ratio(case: Case, found: Mapping[str, Any]) -> str:
    return f"{found['makespan']:7.1f} s, ratio {found['makespan'] / case.bound:.2f}"


def _milliseconds(cpu: Mapping[str, float]) -> dict[str, float]:
    return {who: seconds * 1000 for who, seconds in cpu.items() if who not in NOT_CONFIRMING}


def _each(counted: Mapping[str, float], codes: int) -> str:
    most_first = sorted(counted.items(), key=lambda item: -item[1])
    return ", ".join(f"{what} {count / codes:.2f}" for what, count in most_first)


def _doors(case: Case, found: Mapping[str, Any]) -> str:
    doors, minutes = found["doors"], sum(found["calls"].values()) / (BUDGET * case.accounts)
    return (
        f"of {case.all_codes} codes {doors['shut']} do not open, {doors['early']} open too early; with"
        f" {BUDGET} calls a minute for each account the calls alone need {minutes:.1f} min"
    )


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(play(Case(**json.loads(sys.argv[1])))) + "\n")
