"""docs/mutants.md: written from what a run of all mutants found."""

from collections.abc import Iterator, Mapping

from tests.mutants.mutant import Killer, Mutant, Noticed, SomeTests
from tests.mutants.workshop import PROJECT

WHERE = PROJECT / "docs" / "mutants.md"
BEGINNING = """\
# Mutants

A mutant is one wrong idea, written into a copy of the code in a line or a few. For each of these a test or a
rehearsal fails; the table says which. `make mutants` does all of it again, in a quarter of an hour or so, and
`.venv/bin/python -m tests.mutants believe-204` does one. A run of all with `--write` writes this page. The
mutants stand in `tests/mutants/table.py`; a quick test sees to it that each still applies.

What has to pass without a mutant is run first. A mutant counts as killed when a test fails, or when a
rehearsal breaks an invariant that was named before. An import or a fixture that breaks is no answer.
"""
ENDING = """\
A rehearsal cannot notice what it uses itself: its hosts say when a stay begins by `properties/wall_clock.py`,
so the mutants of time are left to tests with instants worked out by hand. It runs one task at a time, but for
workers that stand still for ten minutes, so what happens between two workers is left to tests, too.
"""


def write(found: Mapping[Mutant, Noticed]) -> None:
    """Write the page; all of them were killed."""
    WHERE.write_text("\n".join(_lines(found)), encoding="utf-8")


def _lines(found: Mapping[Mutant, Noticed]) -> Iterator[str]:
    yield BEGINNING
    yield "| Mutant | The wrong idea | Where | Killed by |"
    yield "|---|---|---|---|"
    for mutant, noticed in found.items():
        where = ", ".join(f"`{file}`" for file in dict.fromkeys(change.file for change in mutant.changes))
        yield f"| {mutant.name} | {mutant.idea} | {where} | {_killed_by(mutant.killer, noticed)} |"
    yield ""
    yield ENDING


def _killed_by(killer: Killer, noticed: Noticed) -> str:
    if isinstance(killer, SomeTests):
        return ", ".join(f"`{test}`" for test in noticed.by)
    numbers = ", ".join(one.removeprefix("invariant ") for one in noticed.by)
    word = "invariant" if len(noticed.by) == 1 else "invariants"
    return f"a rehearsal of {killer.days} days, faults {killer.faults}: {word} {numbers}"
