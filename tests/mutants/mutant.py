"""What a mutant is, and what is to notice it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PYTHON = ".venv/bin/python"
PYTEST = (PYTHON, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=no")
NO_TEST_FAILED, SOME_TEST_FAILED = 0, 1  # pytest's codes; 2 to 5 say that it could not do its work
BROKEN = 1  # what a rehearsal ends with when it found something
A_FAILED_TEST = re.compile(r"^FAILED (\S+::\w+)", re.MULTILINE)
AN_INVARIANT = re.compile(r"^ +(\d+)  \S.*? +(\d+)$", re.MULTILINE)  # number, words, how often it was broken


class Verdict(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    NO_ANSWER = "NO ANSWER"  # the killer could not do its work, or fails without the mutant too


@dataclass(frozen=True)
class Ended:
    """How a killer's command ended."""

    code: int
    output: str


@dataclass(frozen=True)
class Noticed:
    """What a killer found: names of tests, or of invariants."""

    verdict: Verdict
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class SomeTests:
    """Tests of one file, chosen so narrowly that they take seconds. Any that fails is enough."""

    file: str
    names: tuple[str, ...]  # of functions; with the id of one case in brackets, where one is enough

    @property
    def ids(self) -> tuple[str, ...]:
        """As pytest knows them."""
        return tuple(f"{self.file}::{name}" for name in self.names)

    @property
    def command(self) -> tuple[str, ...]:
        """The words of the command."""
        return (*PYTEST, "-x", *self.ids)

    def judge(self, ended: Ended) -> Noticed:
        """A test that failed kills; a fixture or an import that broke says nothing."""
        if ended.code == NO_TEST_FAILED:
            return Noticed(Verdict.SURVIVED)
        failed = failed_tests(ended)
        if ended.code == SOME_TEST_FAILED and failed:
            return Noticed(Verdict.KILLED, failed)
        return Noticed(Verdict.NO_ANSWER)

    def __str__(self) -> str:
        """As it stands in the table of what was run."""
        return ", ".join(self.ids)


def failed_tests(ended: Ended) -> tuple[str, ...]:
    """The functions that failed, each once. Whatever broke before it could fail is not among them."""
    return tuple(dict.fromkeys(A_FAILED_TEST.findall(ended.output)))


@dataclass(frozen=True)
class Rehearsal:
    """A short rehearsal, and the invariants of which at least one must be broken (docs/faults.md)."""

    invariants: frozenset[int]
    faults: str = "none"
    stays: int = 24
    days: int = 6
    seed: int = 1

    @property
    def command(self) -> tuple[str, ...]:
        """The words of the command. Thirteen locks are one whole business."""
        numbers = ("--stays", str(self.stays), "--locks", "13", "--days", str(self.days))
        return (PYTHON, "manage.py", "rehearse", *numbers, "--seed", str(self.seed), "--faults", self.faults)

    def judge(self, ended: Ended) -> Noticed:
        """An invariant that this mutant breaks kills; another one is no answer."""
        if ended.code == NO_TEST_FAILED:
            return Noticed(Verdict.SURVIVED)
        found = {int(number) for number, count in AN_INVARIANT.findall(ended.output) if int(count)}
        by = tuple(f"invariant {number}" for number in sorted(found & self.invariants))
        if ended.code == BROKEN and by:
            return Noticed(Verdict.KILLED, by)
        return Noticed(Verdict.NO_ANSWER, tuple(f"invariant {number}" for number in sorted(found)))

    def __str__(self) -> str:
        """As it stands in the table of what was run."""
        return " ".join(self.command[1:])


Killer = SomeTests | Rehearsal


class TextIsNotThereOnce(Exception):
    """A mutant's old text stands in its file not once: never, or more often. The table has to follow."""


@dataclass(frozen=True)
class Change:
    """One place that is written differently."""

    file: str  # from the project's directory
    old: str
    new: str

    def check(self, project: Path) -> str:
        """The file's text. Raises `TextIsNotThereOnce`."""
        text = (project / self.file).read_text(encoding="utf-8")
        times = text.count(self.old)
        if times != 1:
            raise TextIsNotThereOnce(f"{self.file} has {times} times: {self.old.strip()}")
        return text

    def apply(self, project: Path) -> None:
        """Write it differently there. Raises `TextIsNotThereOnce`."""
        changed = self.check(project).replace(self.old, self.new)
        compile(changed, self.file, "exec", dont_inherit=True)
        (project / self.file).write_text(changed, encoding="utf-8")


@dataclass(frozen=True)
class Mutant:
    """One wrong idea: what it says, how it is written, and what must notice."""

    name: str
    idea: str  # what a person who writes it so believes
    changes: tuple[Change, ...]
    killer: Killer
