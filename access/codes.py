"""Drawing keypad codes and labels: unguessable, and free on every door of a stay. Pure but for chance."""

from collections.abc import Container
from datetime import timedelta
from itertools import pairwise

from access import chance
from nuki_gateway import codes as keypad

NOT_AGAIN_FOR = timedelta(days=30)  # how long a code that was on a door is not given for it again
DRAWS = 200  # of 474,552 codes that keypads take; only a broken rule can use these up
LABEL_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LABEL_LENGTH = 10
PREFIX = "KT"


class NoFreeCode(Exception):
    """Every code that was drawn was taken on some door of the stay."""


def draw(*, taken: Container[str]) -> str:
    """Six digits that keypads take, not in `taken`, and not one that people try first."""
    for _ in range(DRAWS):
        code = "".join(chance.choice(keypad.DIGITS) for _ in range(keypad.CODE_LENGTH))
        if _keypads_take(code) and not is_guessable(code) and code not in taken:
            return code
    raise NoFreeCode


def is_guessable(code: str) -> bool:
    """Whether it is a run (345678, 987654), has fewer than three different digits, or repeats its half."""
    steps = {int(b) - int(a) for a, b in pairwise(code)}
    half = len(code) // 2
    return steps in ({1}, {-1}) or len(set(code)) < 3 or code[:half] == code[half:]  # noqa: PLR2004  the rule


def grouped(code: str) -> str:
    """As people read it: 38 38 74."""
    return " ".join(code[start : start + 2] for start in range(0, len(code), 2))


def label(installation: str) -> str:
    """A new label: of this installation, unique, and 18 of the 20 characters that a keypad keeps."""
    own = "".join(chance.choice(LABEL_LETTERS) for _ in range(LABEL_LENGTH))
    return f"{PREFIX}-{installation}-{own}"


def is_ours(name: str, installation: str) -> bool:
    """Whether an authorization of this name was made by this installation."""
    return name.startswith(f"{PREFIX}-{installation}-")


def _keypads_take(code: str) -> bool:
    try:
        keypad.check(code)
    except keypad.CodeRefusedByKeypads:
        return False
    return True
