"""The judge of chaos sees what is missing, doubled, left over, touched, or told twice."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos import judge
from tests.chaos.judge import Disturbance, Held, Letter, Wanted

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
EVENING = NOON + timedelta(hours=8)
CARETAKER = Held("Caretaker", "384174")
WANTED = Wanted(1, ("Front", "Flat 1"), NOON, EVENING, "ada@guests.example")
OURS = Held("KT-abcd-one", "594837", NOON, EVENING)
AGAIN = Held("KT-abcd-two", "594838", NOON, EVENING)
OLD = Held("KT-abcd-one", "594837", NOON, EVENING - timedelta(hours=1))
FOREIGN = {"Front": [CARETAKER], "Flat 1": [CARETAKER], "Flat 2": [CARETAKER]}
RIGHT = {"Front": [CARETAKER, OURS], "Flat 1": [CARETAKER, OURS], "Flat 2": [CARETAKER]}


@pytest.mark.parametrize(
    ("otherwise", "what"),
    [
        pytest.param({}, [], id="as it is wanted"),
        pytest.param({"Front": [CARETAKER]}, ["missing"], id="missing on one door"),
        pytest.param(
            {"Front": [CARETAKER, OURS, AGAIN]},
            ["there 2 times", "another code on each door"],
            id="twice on one door, with another code",
        ),
        pytest.param(
            {"Front": [CARETAKER, OURS, OURS]},
            ["there 2 times", "one code 2 times"],
            id="twice on one door, with the same code",
        ),
        pytest.param({"Front": [CARETAKER, OLD]}, ["missing", "wanted by nobody"], id="with its old window"),
        pytest.param({"Flat 2": [CARETAKER, OURS]}, ["wanted by nobody"], id="on a door that it left"),
        pytest.param({"Flat 2": []}, ["codes of others were touched"], id="a code of others gone"),
        pytest.param(
            {"Front": [CARETAKER, Held("KT-abcd-one", "594837", NOON, EVENING, is_enabled=False)]},
            ["disabled"],
            id="there but disabled",
        ),
        pytest.param(
            {"Front": [CARETAKER, AGAIN]}, ["another code on each door"], id="two codes for a guest"
        ),
    ],
)
def test_the_locks_are_compared_with_what_is_wanted(
    otherwise: dict[str, list[Held]], what: list[str]
) -> None:
    wrong = judge.on_the_locks([WANTED], RIGHT | otherwise, foreign=FOREIGN)

    assert [one.what for one in wrong] == what


def test_a_code_that_the_host_chose_has_to_be_that_one() -> None:
    chosen = Wanted(1, ("Front", "Flat 1"), NOON, EVENING, "ada@guests.example", code="777555")

    wrong = judge.on_the_locks([chosen], RIGHT, foreign=FOREIGN)

    assert [one.what for one in wrong] == ["not the code that the host chose"]


def _letter(
    *, after: float = 0, message_id: str = "<1@keyturn>", revision: int = 1, code: str = "594837"
) -> Letter:
    arrived_at = NOON + timedelta(seconds=after)
    return Letter(arrived_at, WANTED.address, message_id, "stay-1", revision, code, NOON, EVENING)


KILLED_THEN = [Disturbance(NOON + timedelta(seconds=1), NOON + timedelta(seconds=3))]
KILLED_LATER = [Disturbance(NOON + timedelta(seconds=30), NOON + timedelta(seconds=33))]


@pytest.mark.parametrize(
    ("letters", "disturbances", "wrong", "again"),
    [
        pytest.param(
            [_letter(), _letter(revision=2, message_id="<2@keyturn>")], [], 0, 0, id="one a revision"
        ),
        pytest.param([_letter(), _letter(after=120)], KILLED_THEN, 0, 1, id="again after a kill"),
        pytest.param(
            [_letter(), _letter(after=120)], KILLED_LATER, 1, 0, id="again, and the kill came later"
        ),
        pytest.param([_letter(), _letter(after=120)], [], 1, 0, id="again without a kill"),
        pytest.param(
            [_letter(), _letter(after=120, message_id="<2@keyturn>")],
            KILLED_THEN,
            1,
            1,
            id="again after a kill, as another message",
        ),
    ],
)
def test_a_letter_comes_twice_only_after_a_kill_and_as_the_same_message(
    letters: list[Letter], disturbances: list[Disturbance], wrong: int, again: int
) -> None:
    found = judge.in_the_mail(letters, disturbances)

    assert (len(found[0]), found[1]) == (wrong, again)


@pytest.mark.parametrize(
    ("letters", "what"),
    [
        pytest.param([_letter()], [], id="told what holds"),
        pytest.param([], ["guest told nothing"], id="told nothing"),
        pytest.param(
            [_letter(), _letter(revision=2, code="111999")], ["guest told another code"], id="another code"
        ),
        pytest.param(
            [
                Letter(
                    NOON,
                    WANTED.address,
                    "<1@keyturn>",
                    "stay-1",
                    1,
                    "594837",
                    NOON,
                    NOON + timedelta(hours=1),
                ),
            ],
            ["guest told other times"],
            id="other times",
        ),
    ],
)
def test_the_last_letter_has_to_tell_what_is_on_the_locks(letters: list[Letter], what: list[str]) -> None:
    wrong = judge.untold([WANTED], letters, RIGHT)

    assert [one.what for one in wrong] == what
