"""What a Nuki keypad takes as a code: six digits, each 1 to 9, not beginning with 12.

Source: Nuki's developer forum, "Web API Example: Manage PIN-Codes for your Nuki Keypad", and every program
seen since.
"""

from enum import StrEnum

CODE_LENGTH = 6
DIGITS = "123456789"
FORBIDDEN_START = "12"


class Rule(StrEnum):
    """What a code has to be like."""

    SIX_DIGITS = "A keypad code has exactly six digits."
    NO_ZERO = "A Nuki keypad has no 0: use the digits 1 to 9."
    BEGINNING = "Nuki keypads take no code that begins with 12."


class CodeRefusedByKeypads(ValueError):
    """A keypad does not take this as a code; the rule says why, without repeating it."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule


def check(code: str) -> str:
    """The code itself, if a keypad takes it."""
    if len(code) != CODE_LENGTH or not code.isascii() or not code.isdecimal():
        raise CodeRefusedByKeypads(Rule.SIX_DIGITS)
    if "0" in code:
        raise CodeRefusedByKeypads(Rule.NO_ZERO)
    if code.startswith(FORBIDDEN_START):
        raise CodeRefusedByKeypads(Rule.BEGINNING)
    return code
