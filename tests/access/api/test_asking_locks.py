"""Opening doors and having locks read, as home automation asks for it."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from access import api_requests
from access.models import ApiRequest, AuditEntry, AuditKind
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import tenancy
from properties.api_scopes import Scope
from properties.models import ApiKey, NukiAccount, SmartLock
from tests.access.api import programs
from tests.access.api.programs import Program, problem
from tests.access.test_opening import work
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import Business

ASKED = {"unlock": AuditKind.OPENING_ASKED, "sync": AuditKind.READING_ASKED}


@pytest.mark.parametrize(("action", "again"), [("unlock", "10"), ("sync", "60")])
def test_a_lock_is_asked_once_and_who_repeats_it_is_told_to_wait(
    program: Program, alice: Business, action: str, again: str
) -> None:
    lock = alice.locks["Flat 1"]

    first = program.post(f"/locks/lock_{lock.pk}/{action}", Idempotency_Key="one")
    replayed = program.post(f"/locks/lock_{lock.pk}/{action}", Idempotency_Key="one")
    second = program.post(f"/locks/lock_{lock.pk}/{action}")

    assert (first.status_code, replayed.json()) == (202, first.json())
    assert first.json() == {
        "id": f"action_{AuditEntry.objects.get(kind=ASKED[action]).pk}",
        "lock": f"lock_{lock.pk}",
        "asked": action,
        "asked_at": "2026-06-15T12:00:00Z",
        "state": "queued",
        "is_pending": True,
        "sentence": first.json()["sentence"],
        "seen_at": None,
    }
    assert problem(second) == (429, "asked_just_now")
    assert second.headers["Retry-After"] == again
    entry = AuditEntry.objects.get(kind=ASKED[action])
    assert (entry.who, entry.by) == ("PMS (API key)", alice.owner)


def test_a_lock_that_cannot_be_asked_is_not(program: Program, alice: Business, clock: TurnedClock) -> None:
    offline, gone = alice.locks["Flat 1"], alice.locks["Flat 2"]
    SmartLock.objects.filter(pk=offline.pk).update(server_state=4)
    SmartLock.objects.filter(pk=gone.pk).update(gone_since=clock.now())

    first = program.post(f"/locks/lock_{offline.pk}/unlock")
    second = program.post(f"/locks/lock_{gone.pk}/unlock")
    NukiAccount.objects.update(broken_since=clock.now())
    third = program.post(f"/locks/lock_{alice.locks['Front door'].pk}/sync")

    assert [problem(one) for one in (first, second, third)] == [
        (409, "lock_offline"),
        (409, "lock_gone"),
        (409, "account_unavailable"),
    ]
    assert not AuditEntry.objects.filter(kind__in=ASKED.values()).exists()


def test_whether_the_door_opened_is_told_once_the_lock_itself_shows_it(
    program: Program,
    alice: Business,
    timeline: Timeline,
    rings: Rings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        asked = program.post(f"/locks/lock_{alice.locks['Flat 1'].pk}/unlock").json()
    path = f"/lock-actions/{asked['id']}"
    queued = program.get(path).json()
    work(rings, timeline)
    opened = program.get(path).json()

    assert queued == asked
    assert (opened["state"], opened["is_pending"]) == ("opened", False)
    assert opened["sentence"] == "The lock's log shows that it opened."
    assert opened["seen_at"] > asked["asked_at"]


def test_where_nuki_refuses_or_nobody_asked_in_time_no_door_is_said_to_be_open(
    program: Program,
    alice: Business,
    clock: TurnedClock,
    rings: Rings,
    simulator: Simulator,
    timeline: Timeline,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    late = program.post(f"/locks/lock_{alice.locks['Flat 1'].pk}/unlock").json()
    clock.turn(seconds=21)
    simulator.script.fail_for(5, status=403)
    with django_capture_on_commit_callbacks(execute=True):
        refused = program.post(f"/locks/lock_{alice.locks['Flat 2'].pk}/unlock").json()
    work(rings, timeline)

    found = [program.get(f"/lock-actions/{one['id']}").json() for one in (late, refused)]

    assert [(one["state"], one["is_pending"]) for one in found] == [("not_asked", False), ("not_done", False)]
    assert "The lock was not opened." in found[1]["sentence"]


def test_who_died_before_the_answer_is_told_what_was_asked(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    path = f"/locks/lock_{alice.locks['Flat 1'].pk}/unlock"
    first = program.post(path, Idempotency_Key="one")
    ApiRequest.objects.update(status=None, answer="")
    clock.turn(seconds=api_requests.CLAIM.total_seconds())

    again = program.post(path, Idempotency_Key="one")

    assert (again.status_code, again.json()) == (202, first.json())
    assert AuditEntry.objects.filter(kind=AuditKind.OPENING_ASKED).count() == 1


def test_what_others_asked_of_a_lock_is_there_and_what_else_is_in_the_audit_is_no_action(
    program: Program, alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    booked = AuditEntry.objects.get(stay=stay)
    with tenancy.within(charlie.organization):
        theirs = programs.of(charlie, clock).post(f"/locks/lock_{charlie.locks['Flat 1'].pk}/unlock").json()
    mine = program.post(f"/locks/lock_{alice.locks['Flat 1'].pk}/sync").json()
    boats = programs.of(alice, clock, scopes={Scope.READ}, name="Boats")
    ApiKey.objects.filter(name="Boats").update(property_ids=[])

    answers = [program.get(f"/lock-actions/{one}") for one in (theirs["id"], f"action_{booked.pk}")]

    assert {problem(one) for one in [*answers, boats.get(f"/lock-actions/{mine['id']}")]} == {
        (404, "not_found")
    }
    assert program.get(f"/lock-actions/{mine['id']}").json() == mine
