"""Run mutants: `python -m tests.mutants [--write] [name ...]`; 1 unless every one of them was killed."""

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import page, workshop
from tests.mutants.mutant import (
    PYTEST,
    Ended,
    Killer,
    Mutant,
    Noticed,
    SomeTests,
    TextIsNotThereOnce,
    Verdict,
    failed_tests,
)
from tests.mutants.table import MUTANTS

LAST_WORDS = 12  # lines that are shown of a killer that gave no answer


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant."""

    mutant: Mutant
    noticed: Noticed
    seconds: float


def main(words: Sequence[str]) -> int:
    """Run the mutants that are named, or all; 2 for a name that there is not."""
    chosen = _arguments(words)
    unknown = set(chosen.names) - {mutant.name for mutant in MUTANTS}
    if unknown:
        say(f"There is no mutant {', '.join(sorted(unknown))}. There are:")
        say("\n".join(f"  {mutant.name}" for mutant in MUTANTS))
        return 2
    mutants = [mutant for mutant in MUTANTS if not chosen.names or mutant.name in chosen.names]
    with workshop.copied() as project:
        useless = _fail_without_mutants(dict.fromkeys(mutant.killer for mutant in mutants), project)
        outcomes = [_outcome(mutant, project, useless) for mutant in mutants]
    survivors = [one for one in outcomes if one.noticed.verdict is not Verdict.KILLED]
    say(f"{len(outcomes) - len(survivors)} of {len(outcomes)} mutants were killed.")
    if chosen.write and not chosen.names and not survivors:
        page.write({one.mutant: one.noticed for one in outcomes})
        say(f"Written to {page.WHERE.relative_to(workshop.PROJECT)}.")
    return 1 if survivors else 0


def say(line: str) -> None:
    """Speak to the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("names", nargs="*", metavar="name", help="only these; else all")
    parser.add_argument(
        "--write", action="store_true", help="write docs/mutants.md, if all were run and killed"
    )
    return parser.parse_args(words)


def _fail_without_mutants(killers: Iterable[Killer], project: Path) -> set[Killer]:
    """Run all killers on the code as it is, and give those that fail there: they prove nothing.

    All tests in one go; and rehearsals of the same days, that differ in the invariants that count, once.
    """
    rehearsals: dict[tuple[str, ...], list[Killer]] = {}
    tests: list[SomeTests] = []
    for killer in killers:
        if isinstance(killer, SomeTests):
            tests.append(killer)
        else:
            rehearsals.setdefault(killer.command, []).append(killer)
    useless = _tests_that_fail(tests, project) if tests else set[Killer]()
    for command, same in rehearsals.items():
        if _run_unmutated(str(same[0]), command, project).code != 0:
            useless.update(same)
    return useless


def _tests_that_fail(killers: Sequence[SomeTests], project: Path) -> set[Killer]:
    ids = dict.fromkeys(one for killer in killers for one in killer.ids)
    ended = _run_unmutated(f"{len(ids)} tests", (*PYTEST, *ids), project)
    failed = set(failed_tests(ended))
    if ended.code != 0 and not failed:
        return set(killers)
    return {killer for killer in killers if failed.intersection(one.partition("[")[0] for one in killer.ids)}


def _run_unmutated(what: str, command: Sequence[str], project: Path) -> Ended:
    began = time.monotonic()
    ended = workshop.run(command, project=project)
    _tell("no mutant", "passes" if ended.code == 0 else "FAILS", what, time.monotonic() - began)
    if ended.code != 0:
        _tell_last_words(ended.output)
    return ended


def _outcome(mutant: Mutant, project: Path, useless: set[Killer]) -> Outcome:
    began = time.monotonic()
    if mutant.killer in useless:
        noticed = Noticed(Verdict.NO_ANSWER, ("the killer fails without it",))
    else:
        noticed = _mutated(mutant, project)
    outcome = Outcome(mutant, noticed, time.monotonic() - began)
    by = f"{noticed.verdict} {', '.join(noticed.by)}".strip()
    _tell(mutant.name, by, str(mutant.killer), outcome.seconds)
    return outcome


def _mutated(mutant: Mutant, project: Path) -> Noticed:
    """Write the mutant into the copy, run its killer, and take it back."""
    files = {change.file: (project / change.file).read_text(encoding="utf-8") for change in mutant.changes}
    try:
        for change in mutant.changes:
            change.apply(project)
        run = workshop.run(mutant.killer.command, project=project)
    except (TextIsNotThereOnce, SyntaxError) as failure:
        return Noticed(Verdict.NO_ANSWER, (f"it does not apply: {failure}",))
    finally:
        for file, text in files.items():
            (project / file).write_text(text, encoding="utf-8")
    noticed = mutant.killer.judge(run)
    if noticed.verdict is Verdict.NO_ANSWER:
        _tell_last_words(run.output)
    return noticed


def _tell(name: str, what: str, killer: str, seconds: float) -> None:
    say(f"{name:32} {seconds:5.0f} s  {what}\n{'':32}          by {killer}")


def _tell_last_words(output: str) -> None:
    for line in output.splitlines()[-LAST_WORDS:]:
        say(f"    | {line}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
