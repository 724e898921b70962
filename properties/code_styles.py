"""How keypad codes are drawn: a host's choice. Pure."""

from enum import StrEnum


class CodeStyle(StrEnum):
    """Among how many safe draws the one that is easiest to key is taken, in words."""

    EASY = "easy"
    PLAIN = "plain"
