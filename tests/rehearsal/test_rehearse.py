"""Rehearsals as a person starts them: from fixed seeds, with all faults, in processes of their own."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from config.rehearsal import command
from config.rehearsal.script import Script

pytestmark = pytest.mark.timeout(900)

FEW = 5  # probes of a thousand: one lock that was away is some of them, in rehearsals as small as these
SCRIPT = Script(stays=24, locks=26, days=6, parts=2)


@pytest.fixture(scope="module")
def environment() -> Iterator[Mapping[str, str]]:
    """Servers of their own, for one rehearsal after the other."""
    with command.servers() as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("faults", ["base", "stress"])
def test_nothing_that_must_hold_is_broken(faults: str, seed: int, environment: Mapping[str, str]) -> None:
    whole = command.play(Script(**{**vars(SCRIPT), "faults": faults, "seed": seed}), environment)

    assert whole.stories == []
    assert dict(whole.broken) == {}
    assert whole.measured["stays"] >= 20
    if faults == "base":
        assert 1000 * whole.excused.total() <= FEW * whole.measured["probes"]


@pytest.mark.slow
def test_the_same_seed_tells_the_same_story(environment: Mapping[str, str]) -> None:
    script = Script(stays=10, locks=26, days=3, seed=6, parts=2)

    first, second = command.play(script, environment), command.play(script, environment)

    assert first.digest == second.digest
    assert first.digest != command.play(Script(**{**vars(script), "seed": 7}), environment).digest


@pytest.mark.long
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(**{**vars(SCRIPT), "webhooks": False, "faults": "stress"}), id="no webhooks"),
        pytest.param(Script(**{**vars(SCRIPT), "api_dead": timedelta(days=1)}), id="Nuki is dead for a day"),
        pytest.param(
            Script(**{**vars(SCRIPT), "portal_dead": timedelta(days=1)}), id="we are dead for a day"
        ),
    ],
)
def test_nobody_is_locked_out_and_nobody_comes_late_whatever_is_dead(
    script: Script, environment: Mapping[str, str]
) -> None:
    whole = command.play(script, environment)

    assert whole.stories == []
    assert dict(whole.broken) == {}
