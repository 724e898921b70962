"""Codes that somebody else makes in the Nuki app first (F17), and codes of others that are never touched."""

from datetime import timedelta

import pytest

from access import stays
from access.models import AuditEntry, AuditKind, Problem
from tests.faults.judging import DOORS, SOON, Watch
from tests.worlds import CODE, Business, code_of, grant_on, writes

pytestmark = pytest.mark.slow


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


@pytest.mark.parametrize("known", [pytest.param(True, id="F17 409"), pytest.param(False, id="F17 silence")])
def test_a_code_that_somebody_made_just_before_is_drawn_anew_and_told_once(
    *, alice: Business, timeline: Watch, known: bool
) -> None:
    alice.simulator.script.collide_with_next_code(flat(alice), known_to_cloud=known)
    stay = alice.book(now=timeline.now, code=CODE)

    timeline.pass_time(SOON)
    code, written = code_of(stay), writes(alice.simulator).total()
    timeline.pass_time(timedelta(days=1))

    assert code != CODE
    assert [alice.opens(door, code) for door in DOORS] == [True, True]
    assert (alice.codes_on("Front door"), alice.codes_on("Flat 1")) == ([code], sorted([CODE, code]))
    assert [letter.shut for letter in timeline.letters] == [()]
    assert AuditEntry.objects.filter(kind=AuditKind.CODE_DRAWN_ANEW, stay=stay).count() == 1
    assert writes(alice.simulator).total() == written


@pytest.mark.parametrize("known", [pytest.param(True, id="F17 known"), pytest.param(False, id="F17 unknown")])
def test_a_foreign_code_that_is_there_long_before_keeps_its_door(
    *, alice: Business, timeline: Watch, known: bool
) -> None:
    alice.simulator.script.add_foreign_code(flat(alice), CODE, known_to_cloud=known, name="Caretaker")
    stay = alice.book(now=timeline.now, code=CODE)

    timeline.pass_time(SOON)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(SOON)

    assert alice.opens("Flat 1", CODE)
    assert [alice.codes_on(door) for door in DOORS] == [[], [CODE]]


def test_f17_a_code_that_somebody_takes_after_the_guest_was_told_is_left_to_the_host(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    code, app = code_of(stay), alice.simulator.in_the_app(flat(alice))
    app.delete(grant_on(stay, "Flat 1").label)
    app.add_code("Caretaker", code)

    timeline.pass_time(timedelta(days=1, hours=13))

    assert code_of(stay) == code
    assert grant_on(stay, "Flat 1").problem == Problem.CODE_TAKEN
    assert [entry.name for entry in alice.simulator.codes_on(flat(alice))] == ["Caretaker"]
    assert len(timeline.letters) == 1


def test_no_write_ever_names_what_is_not_ours(alice: Business, timeline: Watch) -> None:
    app = alice.simulator.in_the_app(flat(alice))
    for number, name in enumerate(("Caretaker", "KT-zzzz-another2one", "KT", "Guest")):
        app.add_code(name, f"59182{number + 3}")
    before = alice.simulator.codes_on(flat(alice))
    stay = alice.book(now=timeline.now)
    timeline.pass_time(SOON)
    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + timedelta(hours=3),
        changed_by=alice.owner,
        now=timeline.now,
    )
    timeline.pass_time(SOON)

    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    timeline.pass_time(timedelta(days=1))

    assert alice.simulator.codes_on(flat(alice)) == before
