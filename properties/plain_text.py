"""Texts that people paste: line breaks are kept, what else controls a screen or a printer is not. Pure."""

import re

NEW_LINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
MANY_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def cleaned(text: str) -> str:
    """The text with line breaks of one kind, one empty line at a time, and without control characters."""
    text = NEW_LINES.sub("\n", text).replace("\t", " ")
    return MANY_EMPTY_LINES.sub("\n\n", without_controls(text)).strip()


def without_controls(text: str) -> str:
    """The same text but for control characters, which no document may hold."""
    return CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """The same in one line."""
    return " ".join(cleaned(text).split())
