"""Drawing codes and labels."""

import pytest

from access import chance, codes
from nuki_gateway import codes as keypad


def test_a_thousand_drawn_codes_are_taken_by_keypads_and_not_guessable() -> None:
    drawn = [codes.draw(taken=()) for _ in range(1000)]

    assert [keypad.check(code) for code in drawn] == drawn
    assert not any(codes.is_guessable(code) for code in drawn)
    assert len(set(drawn)) > 990


def test_a_code_that_is_taken_is_never_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = iter("384174" + "591826")
    monkeypatch.setattr(chance, "choice", lambda _: next(offered))

    assert codes.draw(taken={"384174"}) == "591826"


def test_a_rule_that_leaves_no_code_ends_in_an_error_and_not_in_a_loop() -> None:
    class Everything:
        def __contains__(self, code: object) -> bool:
            return True

    with pytest.raises(codes.NoFreeCode):
        codes.draw(taken=Everything())


@pytest.mark.parametrize("code", ["345678", "987654", "111111", "595959", "384384"])
def test_what_people_try_first_is_guessable(code: str) -> None:
    assert codes.is_guessable(code)


@pytest.mark.parametrize("code", ["384174", "591826", "998147"])
def test_what_people_do_not_try_first_is_not(code: str) -> None:
    assert not codes.is_guessable(code)


def test_a_label_is_ours_short_enough_and_new_each_time() -> None:
    labels = {codes.label("ab12") for _ in range(100)}

    assert len(labels) == 100
    assert {len(label) for label in labels} == {18}
    assert all(codes.is_ours(label, "ab12") for label in labels)
    assert not any(codes.is_ours(label, "cd34") for label in labels)


def test_a_code_is_read_in_pairs() -> None:
    assert codes.grouped("384174") == "38 41 74"
