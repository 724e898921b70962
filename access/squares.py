"""Squares that the camera of a telephone reads: an address, and the way into a Wi-Fi. Pure."""

import re
from dataclasses import dataclass
from itertools import groupby

from qrcode import constants
from qrcode.main import QRCode

MARGIN = 4  # empty modules around it, as its standard (ISO/IEC 18004) asks
WITH_MEANING = re.compile(r'([\\;,:"])')  # in the way in which cameras read of a Wi-Fi


@dataclass(frozen=True)
class Square:
    """A QR code as SVG draws it: so many modules high and wide, and the path of the dark ones."""

    size: int
    path: str


def of_text(text: str) -> Square:
    """What a camera reads as this text."""
    code = QRCode(border=MARGIN, error_correction=constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows: list[list[bool]] = code.get_matrix()
    return Square(len(rows), "".join(_drawn(row, y) for y, row in enumerate(rows)))


def of_wifi(name: str, password: str) -> Square:
    """What a camera offers to join."""
    if not password:
        return of_text(f"WIFI:T:nopass;S:{_escaped(name)};;")
    return of_text(f"WIFI:T:WPA;S:{_escaped(name)};P:{_escaped(password)};;")


def _drawn(row: list[bool], y: int) -> str:
    """One row, each run of dark modules as one rectangle."""
    parts, x = "", 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            parts += f"M{x} {y}h{length}v1h-{length}z"
        x += length
    return parts


def _escaped(text: str) -> str:
    return WITH_MEANING.sub(r"\\\1", text)
