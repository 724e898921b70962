"""How many codes may be drawn, and how hard a drawn one is to guess: the figures of docs/codes.md. Pure.

Somebody who knows all our rules tries the likeliest code first. `least` bits say how often that succeeds
(once in 2 to the power of it), `mean` bits are Shannon's entropy.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import log2

from access import codes
from nuki_gateway import codes as keypad
from properties.code_styles import CodeStyle


@dataclass(frozen=True)
class Entropy:
    """Bits of one code that was drawn."""

    least: float
    mean: float


def size() -> int:
    """How many codes may be drawn for a door on which there is none."""
    return sum(_by_ease().values())


def entropy(style: CodeStyle) -> Entropy:
    """The entropy of a code that was drawn in this style.

    The easiest of `n` draws has at most the ease `e` if all of them have: with the power of n of that share.
    All codes of one ease are equally likely.
    """
    among, everything, below = codes.AMONG[style], size(), 0
    least, mean = log2(everything), 0.0
    for _, count in sorted(_by_ease().items()):
        chance = ((below + count) / everything) ** among - (below / everything) ** among
        below += count
        bits = log2(count / chance)
        least, mean = min(least, bits), mean + chance * bits
    return Entropy(least, mean)


@cache
def _by_ease() -> Counter[int]:
    """How many codes of each ease may be drawn."""
    every = ("".join(digits) for digits in product(keypad.DIGITS, repeat=keypad.CODE_LENGTH))
    return Counter(codes.ease(code) for code in every if codes.may_be_drawn(code))
