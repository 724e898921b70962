"""Names as people paste them, made fit to be shown and to stand in a message's header. Pure."""

import unicodedata

# Letters that turn the direction of what follows them: in a name they can only deceive.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def tidy(text: str) -> str:
    """One line, single blanks, nothing that is not seen but changes what is; a null is left to be refused."""
    one_line = " ".join(text.split())
    return "".join(letter for letter in one_line if letter == "\0" or not _is_unseen(letter)).strip()


def _is_unseen(letter: str) -> bool:
    return letter in TURNING or unicodedata.category(letter) == "Cc"
