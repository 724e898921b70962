"""What a keypad takes as a code."""

import pytest

from nuki_gateway import codes


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("384174", id="an ordinary one"),
        pytest.param("111111", id="one digit six times"),
        pytest.param("999999", id="the greatest"),
        pytest.param("111112", id="the first digits of all"),
        pytest.param("212121", id="a 12 that is not at the start"),
        pytest.param("131415", id="begins with 1"),
    ],
)
def test_a_keypad_takes(code: str) -> None:
    assert codes.check(code) == code


@pytest.mark.parametrize(
    ("code", "why"),
    [
        pytest.param("", "exactly six digits", id="nothing"),
        pytest.param("38417", "exactly six digits", id="five digits"),
        pytest.param("3841744", "exactly six digits", id="seven digits"),
        pytest.param("38417a", "exactly six digits", id="a letter"),
        pytest.param("384 74", "exactly six digits", id="a space"),
        pytest.param("-38417", "exactly six digits", id="a sign"),
        pytest.param("3841.4", "exactly six digits", id="a point"),
        pytest.param("٣٨٤١٧٤", "exactly six digits", id="digits of another script"),
        pytest.param("³84174", "exactly six digits", id="a raised digit"),
        pytest.param("38417\n", "exactly six digits", id="a line's end"),
        pytest.param("384170", "no 0", id="a zero at the end"),
        pytest.param("084174", "no 0", id="a zero at the start"),
        pytest.param("120000", "no 0", id="a zero after 12"),
        pytest.param("123456", "begins with 12", id="begins with 12"),
        pytest.param("129999", "begins with 12", id="the greatest that begins with 12"),
    ],
)
def test_a_keypad_refuses_and_the_reason_does_not_repeat_the_code(code: str, why: str) -> None:
    with pytest.raises(codes.CodeRefusedByKeypads, match=why) as refusal:
        codes.check(code)

    assert not code or code not in str(refusal.value)
