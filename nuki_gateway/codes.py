"""What a Nuki keypad takes as a code: six digits, each 1 to 9, not beginning with 12.

Source: Nuki's developer forum, "Web API Example: Manage PIN-Codes for your Nuki Keypad", and every program
seen since.
"""

CODE_LENGTH = 6
DIGITS = "123456789"
FORBIDDEN_START = "12"


class CodeRefusedByKeypads(ValueError):
    """A keypad does not take this as a code; the message says why, without repeating it."""


def check(code: str) -> str:
    """The code itself, if a keypad takes it."""
    if len(code) != CODE_LENGTH or not code.isascii() or not code.isdecimal():
        raise CodeRefusedByKeypads("A keypad code has exactly six digits.")
    if "0" in code:
        raise CodeRefusedByKeypads("A Nuki keypad has no 0: use the digits 1 to 9.")
    if code.startswith(FORBIDDEN_START):
        raise CodeRefusedByKeypads("Nuki keypads take no code that begins with 12.")
    return code
