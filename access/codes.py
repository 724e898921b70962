"""Drawing keypad codes and labels: unguessable, and free on every door of a stay. Pure but for chance.

docs/codes.md states how many codes there are and how hard a drawn one is to guess; `access.code_space`
works that out.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from access import chance
from nuki_gateway import codes as keypad
from properties.code_styles import CodeStyle

NOT_AGAIN_FOR = timedelta(days=30)  # how long a code that was on a door is not given for it again
DRAWS = 200  # only a broken rule can use these up: of a hundred random codes, some ninety may be drawn
# among how many safe draws the easiest to key is taken: each doubling costs one bit at most
AMONG = {CodeStyle.EASY: 8, CodeStyle.PLAIN: 1}
MOST_OF_ONE_DIGIT = 3
# as a day, a month and a year, in the orders in which people write them; there is no 0 on a keypad
DATE = re.compile(
    r"(1[1-9]|2[1-9]|31)1[12]..|1[12](1[1-9]|2[1-9]|31)..|..1[12](1[1-9]|2[1-9]|31)|..19..|19...."
)
NEXT_KEY, SAME_KEY = 1, 0  # steps between keys, a king's on a chessboard of three by three
EASE_OF_STEP = {SAME_KEY: 2, NEXT_KEY: 1}
EASE_OF_PAIR = 3
LABEL_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LABEL_LENGTH = 10
PREFIX = "KT"


class NoFreeCode(Exception):
    """Every code that was drawn was taken on some door of the stay."""


@dataclass(frozen=True)
class Taken:
    """What a new code has to differ from on the doors that it is for, and how it is to be."""

    known: Container[str] = ()  # on one of these doors, to come there, or there until lately
    live: Container[str] = ()  # on one of these doors now or to come: to differ from in two digits
    style: CodeStyle = CodeStyle.EASY

    def __contains__(self, code: object) -> bool:
        """Whether the code cannot be given."""
        return code in self.known


NOTHING_TAKEN = Taken()


def draw(*, taken: Taken = NOTHING_TAKEN) -> str:
    """Six digits that keypads take, free on the doors, and none that people try first.

    Of some safe draws the one that is easiest to key, or the only one, as the style has it. Where every draw
    is like a code that is there, one that is like it is better than none.
    """
    far: list[str] = []
    near: list[str] = []
    for _ in range(DRAWS):
        code = "".join(chance.choice(keypad.DIGITS) for _ in range(keypad.CODE_LENGTH))
        if not may_be_drawn(code) or code in taken:
            continue
        (near if any(other in taken.live for other in neighbours(code)) else far).append(code)
        if len(far) == AMONG[taken.style]:
            break
    drawn = far or near[: AMONG[taken.style]]
    if not drawn:
        raise NoFreeCode
    return max(drawn, key=ease)


def may_be_drawn(code: str) -> bool:
    """Whether keypads take the code and people do not try it first."""
    return _keypads_take(code) and not is_guessable(code)


def is_guessable(code: str) -> bool:
    """Whether it is a run (345678, 987654), repeats itself, or can be read as a date.

    It repeats itself with fewer than three different digits, four of one digit, or two halves that are equal.
    """
    steps = {int(b) - int(a) for a, b in pairwise(code)}
    half = len(code) // 2
    repeats = (
        len(set(code)) < 3  # noqa: PLR2004  the rule
        or max(code.count(digit) for digit in set(code)) > MOST_OF_ONE_DIGIT
        or code[:half] == code[half:]
    )
    return repeats or steps in ({1}, {-1}) or DATE.fullmatch(code) is not None


def neighbours(code: str) -> Iterator[str]:
    """The codes that differ in one digit: what a slip of the finger makes of it."""
    for place, digit in enumerate(code):
        for other in keypad.DIGITS:
            if other != digit:
                yield code[:place] + other + code[place + 1 :]


def ease(code: str) -> int:
    """How easily a code is keyed and kept in mind: pairs that come again, keys close to the one before."""
    pairs = [code[start : start + 2] for start in range(0, len(code), 2)]
    again = len(pairs) - len(set(pairs))
    return again * EASE_OF_PAIR + sum(EASE_OF_STEP.get(_apart(a, b), 0) for a, b in pairwise(code))


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


def _apart(digit: str, other: str) -> int:
    """How far two keys are apart on the keypad's three rows of three."""
    (row, column), (other_row, other_column) = divmod(int(digit) - 1, 3), divmod(int(other) - 1, 3)
    return max(abs(row - other_row), abs(column - other_column))


def _keypads_take(code: str) -> bool:
    try:
        keypad.check(code)
    except keypad.CodeRefusedByKeypads:
        return False
    return True
