"""A rehearsal's findings: merged from its parts, and written for a person."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.rehearsal.findings import INVARIANTS
from config.rehearsal.script import Script

MOST_STORIES = 3


@dataclass
class Report:
    """What one part found, as it comes from its process, or several parts together."""

    broken: Counter[int] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    measured: Counter[str] = field(default_factory=Counter)
    grants: int = 0
    calls: int = 0  # apart from scans of whole accounts
    scans: int = 0
    cpu_seconds: float = 0.0
    digest: str = ""
    stories: list[list[str]] = field(default_factory=list)

    @classmethod
    def from_json(cls, shape: dict[str, Any]) -> "Report":
        """Read what a part has written."""
        return cls(
            Counter({int(number): count for number, count in shape["broken"].items()}),
            Counter(shape["excused"]),
            Counter(shape["measured"]),
            shape["grants"],
            shape["calls"],
            shape["scans"],
            shape["cpu_seconds"],
            shape["digest"],
            shape["stories"],
        )

    @property
    def is_clean(self) -> bool:
        """Whether nothing was broken."""
        return not self.broken.total()


def merged(parts: Iterable[Report]) -> Report:
    """All parts as one; the digest stands for all of them, in order."""
    whole = Report()
    digests = []
    for part in parts:
        whole.broken += part.broken
        whole.excused += part.excused
        whole.measured += part.measured
        whole.grants += part.grants
        whole.calls += part.calls
        whole.scans += part.scans
        whole.cpu_seconds += part.cpu_seconds
        whole.stories += part.stories
        digests.append(part.digest)
    whole.digest = "-".join(digests)
    return whole


def lines(script: Script, whole: Report, *, seconds: float) -> Iterator[str]:
    """The report, line by line."""
    measured, probes = whole.measured, max(1, whole.measured["probes"])
    yield f"{script.stays} stays, {script.locks} locks, {script.days} days"
    yield f"faults {script.faults}, seed {script.seed}, webhooks {'on' if script.webhooks else 'off'}"
    yield ""
    for number, words in INVARIANTS.items():
        yield f"  {number:2}  {words:62} {whole.broken[number] or '0'}"
    yield ""
    excused = whole.excused.total()
    yield f"  probes {measured['probes']}, excused {excused} ({100 * excused / probes:.3f} %)"
    for reason, count in whole.excused.most_common():
        yield f"      {count:6} {reason}"
    per_grant = whole.calls / max(1, whole.grants)
    yield f"  {whole.grants} grants, {per_grant:.2f} calls for each; {whole.scans} scans of accounts"
    for name, count in sorted(measured.items()):
        yield f"      {count:8} {name}"
    yield f"  {seconds:.0f} s, {whole.cpu_seconds:.0f} s of CPU"
    yield f"  hash of all that happened: {whole.digest}"
    yield from _stories(whole.stories)


def _stories(stories: Sequence[Sequence[str]]) -> Iterator[str]:
    for story in sorted(stories, key=len)[:MOST_STORIES]:
        yield ""
        yield from story
