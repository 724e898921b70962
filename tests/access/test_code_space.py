"""The figures of docs/codes.md, worked out over all codes."""

from pathlib import Path

import pytest

from access import code_space
from properties.code_styles import CodeStyle

PAGE = (Path(__file__).parents[2] / "docs" / "codes.md").read_text()


@pytest.mark.slow
def test_the_page_about_codes_states_what_the_rules_come_to() -> None:
    easy, plain = code_space.entropy(CodeStyle.EASY), code_space.entropy(CodeStyle.PLAIN)

    assert f"Of these Keyturn draws {code_space.size():,}." in PAGE
    assert f"| {plain.least:.1f} bits | {plain.mean:.1f} bits |" in PAGE
    assert f"| {easy.least:.1f} bits | {easy.mean:.1f} bits |" in PAGE
    assert f"try in {round(2**easy.least, -3):,.0f}." in PAGE
    assert plain.least == pytest.approx(plain.mean)
    assert plain.least - 3 <= easy.least < easy.mean < plain.mean
