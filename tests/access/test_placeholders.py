"""The words in braces of a host's own texts."""

import pytest

from access import placeholders
from access.placeholders import BrokenVariable, Variable

VALUES = {
    Variable.GUEST: "Ada {unit} Vogel",
    Variable.UNIT: "Flat 1",
    Variable.PROPERTY: "House",
    Variable.ARRIVAL: "Monday",
    Variable.DEPARTURE: "Friday",
}


def test_every_word_in_braces_is_filled_in_once() -> None:
    text = "Dear {guest}, {unit} in { property }: {arrival} to {departure}, {unit}."

    filled = placeholders.fill(placeholders.check(text), VALUES)

    assert filled == "Dear Ada {unit} Vogel, Flat 1 in House: Monday to Friday, Flat 1."


@pytest.mark.parametrize(
    ("text", "written", "line", "column"),
    [
        pytest.param("Dear {gast},", "{gast}", 1, 6, id="a word that we do not know"),
        pytest.param("Dear {guest},\nin {unit", "{", 2, 4, id="a brace that is not closed"),
        pytest.param("Dear guest},", "}", 1, 11, id="a brace that is not opened"),
        pytest.param("{}", "{}", 1, 1, id="a brace around nothing"),
        pytest.param("{guest\n}", "{", 1, 1, id="a brace over two lines"),
        pytest.param("{{guest}}", "{", 1, 1, id="braces twice"),
        pytest.param("{guest.password}", "{guest.password}", 1, 1, id="a look into it"),
        pytest.param("{Guest}", "{Guest}", 1, 1, id="in capitals"),
        pytest.param("a\n\nb {0}", "{0}", 3, 3, id="a number"),
    ],
)
def test_what_cannot_be_filled_in_is_named_with_its_place(
    text: str, written: str, line: int, column: int
) -> None:
    with pytest.raises(BrokenVariable) as refusal:
        placeholders.check(text)

    assert (refusal.value.written, refusal.value.line, refusal.value.column) == (written, line, column)
