"""Stays as property systems book, change and cancel them: the same calls as the pages make."""

from datetime import timedelta

import pytest

from access import spares
from access.models import AuditEntry, AuditKind, Guest, Stay, StayGuest
from nuki_gateway.simulator import Simulator, TurnedClock
from tests.access.api import programs
from tests.access.api.programs import Program, problem, two_nights
from tests.access.test_spares import keep
from tests.timeline import Timeline
from tests.worlds import ZONE, Business, code_of, grant_on, writes

DAY = timedelta(days=1)


def test_a_stay_is_booked_and_its_code_goes_on_every_door(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    body = two_nights(alice, clock.now(), external_id="R-1", companions=[{"name": "Ben Vogel"}])

    booked = program.post("/stays?expand=guest,unit", body)
    timeline.pass_seconds(60)
    later = program.get(f"/stays/{booked.json()['id']}")

    stay = Stay.objects.get()
    made, now_is = booked.json(), later.json()
    assert booked.status_code == 201
    assert (made["id"], made["external_id"], made["status"]) == (f"stay_{stay.pk}", "R-1", "here")
    assert made["guest"]["email"] == "ada@guests.example"
    assert made["unit"]["name"] == "Flat 1"
    assert made["companions"] == [f"guest_{StayGuest.objects.get().guest_id}"]
    assert (made["starts_at"], made["ends_at"]) == ("2026-06-15T12:00:00Z", "2026-06-17T12:00:00Z")
    assert made["time_zone"] == ZONE
    assert made["access"]["state"] == "moving"
    assert now_is["access"]["state"] == "ready"
    assert now_is["guest"] == made["guest"]["id"]
    assert alice.opens("Flat 1", code_of(stay))
    assert code_of(stay) not in booked.content.decode() + later.content.decode()


def test_what_a_program_does_stands_in_the_audit_under_its_key(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    program.post("/stays", two_nights(alice, clock.now()))

    entry = AuditEntry.objects.get(kind=AuditKind.STAY_BOOKED)
    assert (entry.by, entry.who) == (alice.owner, "PMS (API key)")
    assert Stay.objects.get().booked_by == alice.owner


def test_unit_and_times_are_changed_and_what_is_left_out_stays(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    before = program.get(f"/stays/stay_{stay.pk}").json()

    longer = program.patch(f"/stays/stay_{stay.pk}", {"ends_at": "2026-06-18T10:00:00+02:00"})
    moved = program.patch(f"/stays/stay_{stay.pk}", {"unit": f"unit_{alice.flats['Flat 2'].pk}"})

    assert (longer.status_code, longer.json()["ends_at"]) == (200, "2026-06-18T08:00:00Z")
    assert (moved.status_code, moved.json()["unit"]) == (200, f"unit_{alice.flats['Flat 2'].pk}")
    assert moved.json()["starts_at"] == before["starts_at"]
    assert len({before["version"], longer.json()["version"], moved.json()["version"]}) == 3


def test_a_change_that_was_made_up_from_an_older_stay_is_refused(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    tag = program.get(f"/stays/stay_{stay.pk}").headers["ETag"]
    ends = {"ends_at": "2026-06-18T10:00:00+02:00"}

    first = program.patch(f"/stays/stay_{stay.pk}", ends, If_Match=tag)
    second = program.patch(f"/stays/stay_{stay.pk}", {"ends_at": "2026-06-19T10:00:00+02:00"}, If_Match=tag)
    cancelled = program.post(f"/stays/stay_{stay.pk}/cancel", If_Match=tag)

    assert first.status_code == 200
    assert first.headers["ETag"] != tag
    assert problem(second) == problem(cancelled) == (412, "stale")
    kept = Stay.objects.get()
    assert (kept.ends_at.isoformat(), kept.cancelled_at) == ("2026-06-18T08:00:00+00:00", None)


def test_a_stay_is_cancelled_and_a_second_time_nothing_happens(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())

    answers = [program.post(f"/stays/stay_{stay.pk}/cancel") for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert {one.json()["status"] for one in answers} == {"cancelled"}
    assert AuditEntry.objects.filter(kind=AuditKind.STAY_CANCELLED).count() == 1


def test_a_stay_in_the_way_is_named_and_nothing_is_booked(
    program: Program, alice: Business, clock: TurnedClock, simulator: Simulator
) -> None:
    there = alice.book(now=clock.now())

    answer = program.post("/stays", two_nights(alice, clock.now() + DAY))

    assert problem(answer) == (409, "stay_overlaps")
    assert (answer.json()["other_stay"], answer.json()["field"]) == (f"stay_{there.pk}", "unit")
    assert Stay.objects.count() == 1
    assert not writes(simulator)


def test_a_unit_without_locks_cannot_be_booked(program: Program, alice: Business, clock: TurnedClock) -> None:
    body = two_nights(alice, clock.now(), unit=f"unit_{alice.flats['Attic'].pk}")

    assert problem(program.post("/stays", body)) == (409, "unit_without_lock")
    assert not Guest.objects.exists()


def test_a_number_that_another_stay_has_is_refused_until_that_one_is_cancelled(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    first = program.post("/stays", two_nights(alice, clock.now(), external_id="R-1")).json()
    later = two_nights(alice, clock.now() + 9 * DAY, external_id="R-1")

    refused = program.post("/stays", later)
    program.post(f"/stays/{first['id']}/cancel")
    again = program.post("/stays", later)

    assert problem(refused) == (409, "external_id_taken")
    assert refused.json()["other_stay"] == first["id"]
    assert again.status_code == 201
    assert program.get("/stays/by-external-id/R-1").json()["id"] == again.json()["id"]


def test_a_reservation_is_put_by_its_own_number_as_often_as_one_likes(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    path, body = "/stays/by-external-id/R%2F1", two_nights(alice, clock.now())

    booked, same = program.put(path, body), program.put(path, body)
    body |= {
        "ends_at": "2026-06-18T10:00:00+02:00",
        "guest": {"name": "Ada Vogel", "email": "ada@new.example", "language": "fi"},
        "companions": [{"name": "Ben Vogel", "email": "ben@guests.example"}],
    }
    changed = program.put(path + "?expand=guest", body)

    assert [one.status_code for one in (booked, same, changed)] == [201, 200, 200]
    assert booked.json()["version"] == same.json()["version"]
    assert (changed.json()["external_id"], changed.json()["ends_at"]) == ("R/1", "2026-06-18T08:00:00Z")
    assert changed.json()["guest"]["email"] == "ada@new.example"
    assert changed.json()["guest"]["language"] == "fi"
    assert len(changed.json()["companions"]) == 1
    assert Stay.objects.count() == 1
    assert program.get(path).json()["id"] == booked.json()["id"]


def test_another_guest_is_not_put_in_the_place_of_the_one_who_knows_the_code(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    path, body = "/stays/by-external-id/R-1", two_nights(alice, clock.now())
    program.put(path, body)

    answer = program.put(path, body | {"guest": {"name": "Carla", "email": "carla@guests.example"}})

    assert problem(answer) == (409, "guest_differs")
    assert Guest.objects.get().name == "Ada Vogel"


def test_putting_a_cancelled_reservation_books_it_anew(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    path, body = "/stays/by-external-id/R-1", two_nights(alice, clock.now())
    first = program.put(path, body).json()
    program.post(f"/stays/{first['id']}/cancel")

    again = program.put(path, body)

    assert again.status_code == 201
    assert again.json()["id"] != first["id"]


def test_a_number_in_an_address_is_checked_as_in_a_body(program: Program) -> None:
    answers = [program.get(f"/stays/by-external-id/{number}") for number in ("x" * 101, "%00", "%20x")]

    assert [problem(one) for one in answers] == [(400, "invalid_request")] * 3
    assert {one.json()["field"] for one in answers} == {"external_id"}


def test_the_code_is_shown_at_one_address_and_that_is_written_down(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())

    answer = program.post(f"/stays/stay_{stay.pk}/reveal-code")

    assert answer.json() == {"stay": f"stay_{stay.pk}", "code": code_of(stay)}
    assert answer.headers["Cache-Control"] == "no-store"
    assert AuditEntry.objects.get(kind=AuditKind.CODE_REVEALED).who == "PMS (API key)"


def test_a_stay_gets_another_code_and_its_message_again_once_the_doors_are_ready(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now())
    before = code_of(stay)

    early = program.post(f"/stays/stay_{stay.pk}/resend")
    renewed = program.post(f"/stays/stay_{stay.pk}/new-code")
    timeline.pass_seconds(180)
    resent = program.post(f"/stays/stay_{stay.pk}/resend")
    at_once = program.post(f"/stays/stay_{stay.pk}/resend")

    assert problem(early) == (409, "doors_not_ready")
    assert (renewed.status_code, resent.status_code) == (202, 202)
    assert code_of(stay) != before
    assert problem(at_once) == (429, "asked_just_now")
    assert at_once.headers["Retry-After"] == "60"


def test_grants_say_how_far_each_code_has_come_and_why_one_does_not(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now(), unit="Cellar", guest_email="")
    before = program.get(f"/stays/stay_{stay.pk}/grants").json()["data"]
    timeline.pass_seconds(60)

    street, cellar = program.get(f"/stays/stay_{stay.pk}/grants").json()["data"]

    assert [one["grade"] for one in before] == ["planned", "needs_somebody"]
    assert (street["grade"], street["problem"], street["position"]) == ("confirmed", None, 1)
    assert street["door"] == f"door_{alice.doors['Front door'].pk}"
    assert street["seen"]["confirmed_at"] is not None
    assert cellar["problem"]["code"] == "no_address"
    assert cellar["problem"]["sentence"].startswith("This lock has no keypad, and")


@pytest.mark.parametrize(
    ("action", "code"),
    [("cancel", "stay_is_over"), ("new-code", "stay_is_over"), ("resend", "doors_not_ready")],
)
def test_nothing_of_a_stay_that_is_over_is_changed(
    program: Program, alice: Business, clock: TurnedClock, action: str, code: str
) -> None:
    stay = alice.book(now=clock.now())
    clock.turn(seconds=3 * DAY.total_seconds())

    answer = program.post(f"/stays/stay_{stay.pk}/{action}")

    assert problem(answer) == (409, code)
    assert Stay.objects.get().revision == stay.revision


def test_a_key_of_another_business_finds_nothing_to_change(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    theirs = programs.of(charlie, clock)

    answers = [
        theirs.get(f"/stays/stay_{stay.pk}"),
        theirs.patch(f"/stays/stay_{stay.pk}", {"ends_at": "2026-06-18T10:00:00Z"}),
        theirs.post(f"/stays/stay_{stay.pk}/cancel"),
        theirs.post("/stays", two_nights(alice, clock.now() + 5 * DAY)),
        theirs.get("/stays/by-external-id/R-1"),
    ]

    assert [problem(one) for one in answers] == [(404, "not_found")] * 5
    assert answers[3].json()["field"] == "unit"
    assert Stay.objects.get().revision == stay.revision


def test_grants_say_that_the_guest_has_a_backup_code_and_never_which(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    keep(1, timeline, "Flat 1")
    stay = alice.book(now=clock.now())
    spare = spares.hand_out(grant=grant_on(stay, "Flat 1"), handed_out_by=alice.owner, now=clock.now())

    answer = program.get(f"/stays/stay_{stay.pk}/grants")

    street, flat = answer.json()["data"]
    assert street["backup"] is None
    assert (flat["backup"]["why"], flat["backup"]["allowed_until"]) == (
        "host_decided",
        "2026-06-17T12:01:30Z",
    )
    assert flat["backup"]["seen_on_lock_at"] is not None
    assert spare.grant.code not in answer.content.decode()
