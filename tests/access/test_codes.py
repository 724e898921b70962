"""Drawing codes and labels."""

from collections.abc import Iterator

import pytest

from access import chance, code_queries, codes
from access.codes import Taken
from access.models import Grant
from nuki_gateway import codes as keypad
from properties.code_styles import CodeStyle
from properties.encryption import digest
from properties.models import Organization, SmartLock
from tests.worlds import MONDAY_NOON, Business, code_of


class Everything:
    def __contains__(self, code: object) -> bool:
        return True


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Digits that chance gives one after the other."""
    digits: list[str] = []
    given: Iterator[str] = iter(digits)
    monkeypatch.setattr(chance, "choice", lambda _: next(given))
    return digits


@pytest.mark.parametrize("style", CodeStyle)
def test_five_hundred_drawn_codes_are_taken_by_keypads_and_not_guessable(style: CodeStyle) -> None:
    drawn = [codes.draw(taken=Taken(style=style)) for _ in range(500)]

    assert [keypad.check(code) for code in drawn] == drawn
    assert not any(codes.is_guessable(code) for code in drawn)
    assert len(set(drawn)) > 480


def test_a_code_that_is_taken_is_never_drawn(offered: list[str]) -> None:
    offered += "384174" + "591826"

    assert codes.draw(taken=Taken(known={"384174"}, style=CodeStyle.PLAIN)) == "591826"


def test_a_code_that_is_one_digit_from_a_live_one_is_passed_over(offered: list[str]) -> None:
    offered += "384175" + "384265"

    assert codes.draw(taken=Taken(live={"384174"}, style=CodeStyle.PLAIN)) == "384265"


def test_where_every_draw_is_like_a_live_code_one_that_is_free_is_drawn_all_the_same() -> None:
    drawn = codes.draw(taken=Taken(live=Everything()))

    assert codes.may_be_drawn(drawn)


def test_the_easiest_of_eight_draws_is_taken_and_the_first_one_where_plain_ones_are_wanted(
    offered: list[str],
) -> None:
    eight = ["183729", "591826", "383874", "926183", "719264", "618397", "372916", "462938"]

    offered += "".join(eight)
    easy = codes.draw(taken=Taken(style=CodeStyle.EASY))
    offered += "".join(eight)
    plain = codes.draw(taken=Taken(style=CodeStyle.PLAIN))

    assert (easy, plain) == ("383874", "183729")


@pytest.mark.parametrize(
    ("code", "ease"),
    [
        pytest.param("183729", 0, id="far from key to key"),
        pytest.param("383874", 5, id="a pair again, and two keys beside each other"),
        pytest.param("554466", 7, id="doubled digits"),
        pytest.param("747474", 11, id="the same pair three times"),
    ],
)
def test_a_code_is_easy_by_pairs_that_come_again_and_keys_that_are_close(code: str, ease: int) -> None:
    assert codes.ease(code) == ease


def test_neighbours_differ_in_one_digit() -> None:
    found = list(codes.neighbours("384174"))

    assert len(set(found)) == len(found) == 48
    assert all(sum(a != b for a, b in zip("384174", one, strict=True)) == 1 for one in found)


def test_a_rule_that_leaves_no_code_ends_in_an_error_and_not_in_a_loop() -> None:
    with pytest.raises(codes.NoFreeCode):
        codes.draw(taken=Taken(known=Everything()))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("345678", id="a run up"),
        pytest.param("987654", id="a run down"),
        pytest.param("111111", id="one digit"),
        pytest.param("595959", id="two digits"),
        pytest.param("384384", id="a half again"),
        pytest.param("474474", id="a half of two digits again"),
        pytest.param("444934", id="four of one digit"),
        pytest.param("241285", id="day, month, year"),
        pytest.param("122485", id="month, day, year"),
        pytest.param("851224", id="year, month, day"),
        pytest.param("891931", id="year, month, day of two digits that are no year"),
        pytest.param("371984", id="day, month, long year"),
        pytest.param("198437", id="long year, month, day"),
    ],
)
def test_what_people_try_first_is_guessable(code: str) -> None:
    assert codes.is_guessable(code)


@pytest.mark.parametrize("code", ["384174", "591826", "998147", "321485", "241385"])
def test_what_people_do_not_try_first_is_not(code: str) -> None:
    assert not codes.is_guessable(code)


def test_a_new_code_differs_in_two_digits_from_each_live_one_on_its_doors(
    alice: Business, offered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = iter(f"KT-test-{number}" for number in range(9))
    monkeypatch.setattr(codes, "label", lambda _: next(labels))
    Organization.objects.update(code_style=CodeStyle.PLAIN)
    offered += "384174"
    first = alice.book(now=MONDAY_NOON)
    SmartLock.objects.filter(pk=alice.locks["Flat 2"].pk).update(foreign_codes=[digest("826591")])

    offered += "384174" + "384177" + "826599" + "591836"
    second = alice.book(now=MONDAY_NOON, unit="Flat 2", guest_email="ben@guests.example")

    assert (code_of(first), code_of(second)) == ("384174", "591836")


def test_what_is_taken_costs_two_queries_however_many_codes_there_are(
    alice: Business, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    stay = alice.book(now=MONDAY_NOON)
    Grant.objects.filter(stay=stay).update(closed_at=MONDAY_NOON, due_at=None)
    gone = code_of_closed(stay.pk)

    with django_assert_num_queries(2):  # type: ignore[operator]
        lately = code_queries.taken_on([alice.locks["Flat 1"].pk], MONDAY_NOON)
    later = code_queries.taken_on([alice.locks["Flat 1"].pk], MONDAY_NOON + codes.NOT_AGAIN_FOR)

    assert gone in lately
    assert gone not in lately.live
    assert gone not in later


def code_of_closed(stay_id: int) -> str:
    return Grant.objects.filter(stay=stay_id).values_list("code", flat=True)[0]


def test_a_label_is_ours_short_enough_and_new_each_time() -> None:
    labels = {codes.label("ab12") for _ in range(100)}

    assert len(labels) == 100
    assert {len(label) for label in labels} == {18}
    assert all(codes.is_ours(label, "ab12") for label in labels)
    assert not any(codes.is_ours(label, "cd34") for label in labels)


def test_a_code_is_read_in_pairs() -> None:
    assert codes.grouped("384174") == "38 41 74"
