"""How often what goes wrong: the rates of a random mix of faults, and the mixes that have a name.

The numbers are our own proposal for an ordinary year with a few hundred locks; no such figures are published.
"""

from dataclasses import dataclass, fields, replace
from typing import ClassVar

# What is no rate, and so stays as it is when faults become more frequent.
MEASURES = frozenset(
    {
        "name",
        "lag_shortest_seconds",
        "lag_longest_seconds",
        "slowest_answer_seconds",
        "calls_a_second",
        "offline_hours",
    }
)


@dataclass(frozen=True)
class Mix:
    """Rates from 0 to 1 of the calls, writes or things named, except those that count per day (`a_day`).

    The faults of an answer, from `spurious_busy` to `throttled`, exclude each other within one call.
    """

    NONE: ClassVar["Mix"]
    BASE: ClassVar["Mix"]
    STRESS: ClassVar["Mix"]

    name: str = "none"
    lost_writes: float = 0.0  # accepted with 204 and never carried out
    spurious_busy: float = 0.0  # of writes: 423 although nothing runs; one in ten begins a storm
    lag_shortest_seconds: float = 0.0  # reading back into the cloud's copy; 0 and 0 leave it to the timings
    lag_longest_seconds: float = 0.0
    unread_writes: float = 0.0  # carried out, and not in the copy until a sync
    ghosts: float = 0.0  # of deletions: half are done and stay listed, half are not done
    phantoms: float = 0.0  # of creations: listed, and the device never got it
    done_then_broken: float = 0.0  # of writes: carried out, then no answer
    undone_then_broken: float = 0.0  # of writes: no answer, and nothing done
    slow_answers: float = 0.0  # from a second to `slowest_answer_seconds`
    slowest_answer_seconds: float = 60.0
    silent_sockets: float = 0.0
    half_answers: float = 0.0
    answers_not_json: float = 0.0
    html_502s: float = 0.0
    server_errors: float = 0.0
    bursts_a_day: float = 0.0  # 5xx for everybody, from 1 to 30 minutes
    throttled: float = 0.0  # 429, half of them with Retry-After
    calls_a_second: int = 0  # of an account; beyond, it is blocked for a minute; 0 for no such block
    offline_spells_a_day: float = 0.0  # of each lock
    offline_hours: float = 5.0  # on average, from 5 minutes to 72 hours
    crowded_locks: float = 0.0  # nearly full of foreign codes; other locks get up to five of them
    collisions: float = 0.0  # of new codes: made in the app just before, half of them unknown to the cloud
    host_edits: float = 0.0  # of codes: touched in the app during their time
    webhooks_lost: float = 0.0
    webhooks_doubled: float = 0.0
    webhooks_late: float = 0.0  # up to an hour
    webhooks_overtaken: float = 0.0  # some seconds late, so that later ones come first
    odd_log_entries: float = 0.0  # late, missing or without an authorization, a third each
    invites_ignored: float = 0.0
    odd_clocks: float = 0.0  # of locks: two minutes off, or in another zone

    def times(self, factor: float, *, name: str) -> "Mix":
        """Return a mix in which everything goes wrong so many times as often."""
        rates = {
            one.name: getattr(self, one.name) * factor for one in fields(self) if one.name not in MEASURES
        }
        return replace(self, name=name, **rates)


Mix.NONE = Mix()
Mix.BASE = Mix(
    name="base",
    lost_writes=0.02,
    spurious_busy=0.005,
    lag_shortest_seconds=1.0,
    lag_longest_seconds=30.0,
    unread_writes=0.02,
    ghosts=0.01,
    phantoms=0.005,
    done_then_broken=0.01,
    undone_then_broken=0.005,
    slow_answers=0.005,
    silent_sockets=0.005,
    half_answers=0.005,
    answers_not_json=0.005,
    html_502s=0.005,
    server_errors=0.02,
    bursts_a_day=0.2,
    throttled=0.01,
    calls_a_second=5,
    offline_spells_a_day=0.1,
    crowded_locks=0.1,
    collisions=0.005,
    host_edits=0.01,
    webhooks_lost=0.02,
    webhooks_doubled=0.02,
    webhooks_late=0.01,
    webhooks_overtaken=0.02,
    odd_log_entries=0.02,
    invites_ignored=0.1,
    odd_clocks=0.01,
)
Mix.STRESS = Mix.BASE.times(3, name="stress")
NAMED = {mix.name: mix for mix in (Mix.NONE, Mix.BASE, Mix.STRESS)}
