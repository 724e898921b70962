"""Squares that cameras read."""

import re

import pytest
from qrcode import constants
from qrcode.main import QRCode

from access import squares
from access.squares import Square

RECTANGLE = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def painted(square: Square) -> list[list[bool]]:
    """The modules that the path covers."""
    modules = [[False] * square.size for _ in range(square.size)]
    for x, y, length, back in RECTANGLE.findall(square.path):
        assert length == back
        for column in range(int(x), int(x) + int(length)):
            modules[int(y)][column] = True
    return modules


def square_of(text: str) -> list[list[bool]]:
    code = QRCode(border=squares.MARGIN, error_correction=constants.ERROR_CORRECT_M)
    code.add_data(text)
    found: list[list[bool]] = code.get_matrix()
    return found


def test_the_path_paints_what_the_square_is_and_nothing_else() -> None:
    square = squares.of_text("https://keys.example.com/g/abc")

    assert painted(square) == square_of("https://keys.example.com/g/abc")
    assert RECTANGLE.sub("", square.path) == ""


@pytest.mark.parametrize(
    ("name", "password", "text"),
    [
        pytest.param("Harbour", "s3cret", "WIFI:T:WPA;S:Harbour;P:s3cret;;", id="with a password"),
        pytest.param("Harbour", "", "WIFI:T:nopass;S:Harbour;;", id="without"),
        pytest.param('a;b,c:"d"', "\\", r"WIFI:T:WPA;S:a\;b\,c\:\"d\";P:\\;;", id="what has a meaning"),
        pytest.param("Größe 🏠", "ß", "WIFI:T:WPA;S:Größe 🏠;P:ß;;", id="letters of the world"),
    ],
)
def test_a_camera_reads_the_wifi(name: str, password: str, text: str) -> None:
    assert painted(squares.of_wifi(name, password)) == square_of(text)


def test_the_longest_wifi_fits() -> None:
    assert len(squares.of_wifi("x" * 32, "y" * 63).path) < 10_000
