"""The table of mutants stays true: each applies to the code as it is, and none is the code as it is."""

import pytest

from tests.mutants import workshop
from tests.mutants.mutant import Change, Ended, Mutant, Rehearsal, SomeTests, TextIsNotThereOnce, Verdict
from tests.mutants.table import MUTANTS

SOME_TESTS = SomeTests("tests/access/test_codes.py", ("test_a",))
A_REHEARSAL = Rehearsal(frozenset({1, 2}))
A_REPORT = """\
   1  nobody is locked out                                           0
   2  nobody comes late                                              {late}
  11  news are taken in once                                         {twice}

  986 probes, excused 0 (0.000 %)
           124 DELETE /smartlock/…/auth/…
"""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies_and_is_python(mutant: Mutant) -> None:
    for change in mutant.changes:
        text = change.check(workshop.PROJECT)

        assert change.old != change.new
        compile(text.replace(change.old, change.new), change.file, "exec", dont_inherit=True)


def test_names_are_given_once() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_are_to_kill_it_are_there(mutant: Mutant) -> None:
    if isinstance(mutant.killer, SomeTests):
        text = (workshop.PROJECT / mutant.killer.file).read_text(encoding="utf-8")

        for name in mutant.killer.names:
            assert text.count(f"def {name.partition('[')[0]}(") == 1


@pytest.mark.parametrize("old", ["no such line", "Change("])
def test_a_text_that_does_not_stand_there_once_is_said(old: str) -> None:
    change = Change("tests/mutants/table.py", old, "")

    with pytest.raises(TextIsNotThereOnce):
        change.check(workshop.PROJECT)


@pytest.mark.parametrize(
    ("code", "output", "verdict"),
    [
        pytest.param(0, "3 passed", Verdict.SURVIVED, id="all passed"),
        pytest.param(1, "FAILED tests/a.py::test_b[c d] - assert 1", Verdict.KILLED, id="a test failed"),
        pytest.param(1, "ERROR tests/a.py::test_b - ImportError", Verdict.NO_ANSWER, id="a fixture broke"),
        pytest.param(2, "FAILED tests/a.py::test_b", Verdict.NO_ANSWER, id="interrupted"),
        pytest.param(5, "", Verdict.NO_ANSWER, id="no test was chosen"),
    ],
)
def test_tests_kill_by_failing_and_not_by_breaking(code: int, output: str, verdict: Verdict) -> None:
    assert SOME_TESTS.judge(Ended(code, output)).verdict == verdict


@pytest.mark.parametrize(
    ("code", "late", "twice", "verdict", "by"),
    [
        pytest.param(0, 0, 0, Verdict.SURVIVED, (), id="nothing was broken"),
        pytest.param(1, 7, 3, Verdict.KILLED, ("invariant 2",), id="what was expected"),
        pytest.param(1, 0, 3, Verdict.NO_ANSWER, ("invariant 11",), id="something else"),
        pytest.param(2, 7, 0, Verdict.NO_ANSWER, ("invariant 2",), id="a part of it ended"),
    ],
)
def test_a_rehearsal_kills_by_the_invariants_that_are_named(
    *, code: int, late: int, twice: int, verdict: Verdict, by: tuple[str, ...]
) -> None:
    noticed = A_REHEARSAL.judge(Ended(code, A_REPORT.format(late=late, twice=twice)))

    assert (noticed.verdict, noticed.by) == (verdict, by)
