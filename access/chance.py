"""Where chance comes from: the machine's own source, which nobody can foresee, or a seed in a rehearsal."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_source: random.Random = random.SystemRandom()


def uniform(low: float, high: float) -> float:
    """A number between two others."""
    return _source.uniform(low, high)


def choice(letters: Sequence[str]) -> str:
    """One of these. Unforeseeable: codes and labels are made of it."""
    return _source.choice(letters)


@contextmanager
def seeded(seed: int | str) -> Iterator[None]:
    """Have the same chance each time until the block ends: for rehearsals, and never where codes are real."""
    global _source  # noqa: PLW0603  there is one source in a process
    before, _source = _source, random.Random(seed)  # noqa: S311  it is to be foreseen
    try:
        yield
    finally:
        _source = before
