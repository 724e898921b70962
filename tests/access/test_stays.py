"""Booking, changing and cancelling: what is wanted, and what is refused with nothing kept."""

import time
from datetime import datetime, timedelta
from functools import partial
from threading import Thread

import pytest
from django.db import IntegrityError, connections, transaction

from access import stays
from access.lifecycle import HORIZON
from access.models import AuditEntry, AuditKind, Grant, GrantKind, Guest, Problem, Stay
from nuki_gateway.codes import CodeRefusedByKeypads
from properties import tenancy
from properties.encryption import digest
from properties.models import Property, User
from tests.conftest import Rings
from tests.worlds import CODE, MONDAY_NOON, Business, code_of

NOW = MONDAY_NOON
A_DAY = timedelta(days=1)


def test_one_code_is_wanted_on_each_door_in_the_order_of_the_way_in(alice: Business) -> None:
    stay = alice.book(now=NOW)

    grants = Grant.objects.filter(stay=stay).select_related("door")

    assert [(grant.position, grant.door.name if grant.door else "") for grant in grants] == [
        (1, "Front door"),
        (2, "Flat 1"),
    ]
    assert len({grant.code for grant in grants}) == 1
    assert len({grant.label for grant in grants}) == 2
    assert {(grant.allowed_from, grant.allowed_until) for grant in grants} == {(stay.starts_at, stay.ends_at)}


def test_the_property_s_grace_is_added_to_the_end_of_the_window(alice: Business) -> None:
    Property.objects.update(grace=timedelta(minutes=30))
    alice.flats["Flat 1"].property.refresh_from_db()

    stay = alice.book(now=NOW)

    assert {grant.allowed_until for grant in Grant.objects.filter(stay=stay)} == {
        stay.ends_at + timedelta(minutes=30)
    }


def test_a_stay_that_starts_now_is_due_and_rung_for_at_once(
    alice: Business,
    rings: Rings,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        stay = alice.book(now=NOW)

    assert {grant.due_at for grant in Grant.objects.filter(stay=stay)} == {NOW}
    assert rings.sent == [
        ("access.tasks.reconcile_lock", {"lock_id": alice.locks["Front door"].pk}, None),
        ("access.tasks.reconcile_lock", {"lock_id": alice.locks["Flat 1"].pk}, None),
    ]


def test_times_are_kept_in_whole_seconds_as_locks_know_them(alice: Business) -> None:
    a_bit = timedelta(microseconds=123_456)

    stay = alice.book(now=NOW, starts_at=NOW + a_bit, ends_at=NOW + A_DAY + a_bit)
    booked = (stay.starts_at, stay.ends_at)
    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=NOW + 2 * A_DAY + a_bit,
        changed_by=None,
        now=NOW,
    )

    assert booked == (NOW, NOW + A_DAY)
    assert Stay.objects.get(pk=stay.pk).ends_at == NOW + 2 * A_DAY


def test_a_far_stay_is_due_three_days_before(alice: Business) -> None:
    stay = alice.book(now=NOW, starts_at=NOW + 30 * A_DAY, ends_at=NOW + 31 * A_DAY)

    assert {grant.due_at for grant in Grant.objects.filter(stay=stay)} == {NOW + 30 * A_DAY - HORIZON}


@pytest.mark.parametrize(
    ("email", "problem", "due_at"),
    [
        pytest.param("ada@guests.example", "", NOW, id="invited at once"),
        pytest.param("", Problem.NO_ADDRESS, NOW + 2 * A_DAY, id="without an address nothing is due"),
    ],
)
def test_for_a_lock_without_keypad_the_app_is_wanted_and_no_code(
    alice: Business, email: str, problem: str, due_at: datetime
) -> None:
    stay = alice.book(now=NOW, unit="Cellar", guest_email=email)

    cellar = Grant.objects.get(stay=stay, door__name="Cellar")

    assert (cellar.kind, cellar.problem, cellar.code) == (GrantKind.APP_INVITE, problem, "")
    assert cellar.due_at is not None
    assert abs(cellar.due_at - due_at) <= alice.house.grace


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        pytest.param({"ends_at": NOW}, stays.StayEndsBeforeItStarts, id="ends as it starts"),
        pytest.param({"ends_at": NOW - A_DAY}, stays.StayEndsBeforeItStarts, id="ends before it starts"),
        pytest.param(
            {"starts_at": NOW - 3 * A_DAY, "ends_at": NOW - A_DAY}, stays.StayIsOver, id="is over already"
        ),
        pytest.param({"unit": "Attic"}, stays.UnitHasNoSmartLock, id="no door"),
        pytest.param({"code": "384170"}, CodeRefusedByKeypads, id="a code with a zero"),
        pytest.param({"code": "123456"}, CodeRefusedByKeypads, id="a code that begins with 12"),
        pytest.param({"code": "38417"}, CodeRefusedByKeypads, id="a code that is too short"),
    ],
)
def test_what_cannot_be_booked_leaves_nothing_behind(
    alice: Business, rings: Rings, details: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        alice.book(now=NOW, **details)  # type: ignore[arg-type]

    assert (Stay.objects.count(), Guest.objects.count(), Grant.objects.count()) == (0, 0, 0)
    assert rings.sent == []


def test_two_stays_of_a_unit_never_overlap(alice: Business) -> None:
    alice.book(now=NOW)

    with pytest.raises(stays.UnitIsTaken):
        alice.book(now=NOW, starts_at=NOW + A_DAY, ends_at=NOW + 3 * A_DAY)

    assert Stay.objects.count() == 1


def test_a_stay_may_begin_at_the_minute_in_which_another_ends(alice: Business) -> None:
    first = alice.book(now=NOW)

    second = alice.book(now=NOW, starts_at=first.ends_at, ends_at=first.ends_at + A_DAY)

    assert Stay.objects.filter(unit=second.unit).count() == 2


def test_a_cancelled_stay_is_in_nobodys_way(alice: Business) -> None:
    stays.cancel(stay=alice.book(now=NOW), cancelled_by=None, now=NOW)

    alice.book(now=NOW)

    assert Stay.objects.filter(cancelled_at=None).count() == 1


def test_the_database_itself_refuses_an_overlap(alice: Business) -> None:
    first = alice.book(now=NOW)

    with pytest.raises(IntegrityError, match="stays_of_a_unit_do_not_overlap"), transaction.atomic():
        Stay.objects.create(
            organization=alice.organization,
            unit=first.unit,
            guest=first.guest,
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            booked_at=NOW,
        )


def test_a_code_that_a_door_has_already_is_refused(alice: Business) -> None:
    alice.book(now=NOW, code=CODE)

    with pytest.raises(stays.CodeIsTaken):
        alice.book(now=NOW, unit="Flat 2", code=CODE)

    assert Stay.objects.count() == 1


def test_two_stays_that_share_a_door_have_different_codes(alice: Business) -> None:
    codes = {code_of(alice.book(now=NOW, unit=unit)) for unit in ("Flat 1", "Flat 2")}

    assert len(codes) == 2


def test_a_code_is_not_given_again_for_a_month(alice: Business) -> None:
    stay = alice.book(now=NOW, code=CODE)
    Grant.objects.filter(stay=stay).update(closed_at=NOW + A_DAY, due_at=None)

    with pytest.raises(stays.CodeIsTaken):
        alice.book(now=NOW + 20 * A_DAY, starts_at=NOW + 20 * A_DAY, ends_at=NOW + 21 * A_DAY, code=CODE)
    later = NOW + 32 * A_DAY
    alice.book(now=later, starts_at=later, ends_at=later + A_DAY, code=CODE)

    assert Stay.objects.count() == 2


def test_a_guest_who_comes_again_is_the_same_guest(alice: Business) -> None:
    alice.book(now=NOW)
    alice.book(now=NOW, unit="Flat 2", guest_email="Ada@Guests.example")

    assert Guest.objects.count() == 1


def test_a_change_that_changes_nothing_is_nothing(alice: Business) -> None:
    stay = alice.book(now=NOW)

    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        changed_by=alice.owner,
        now=NOW,
    )

    stay.refresh_from_db()
    assert stay.revision == 1
    assert {grant.generation for grant in Grant.objects.filter(stay=stay)} == {1}


def test_a_change_bumps_the_generation_and_forgets_what_was_confirmed(alice: Business) -> None:
    stay = alice.book(now=NOW)
    Grant.objects.filter(stay=stay).update(confirmed_at=NOW, listed_at=NOW, asked_at=NOW, asked_step="push")

    stays.change(
        stay=stay,
        unit=stay.unit,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + A_DAY,
        changed_by=alice.owner,
        now=NOW,
    )

    for grant in Grant.objects.filter(stay=stay):
        assert (grant.generation, grant.confirmed_at, grant.listed_at, grant.due_at) == (2, None, None, NOW)
        assert grant.allowed_until == stay.ends_at + A_DAY


def test_a_move_onto_a_taken_unit_is_refused_and_changes_nothing(alice: Business) -> None:
    stay = alice.book(now=NOW)
    alice.book(now=NOW, unit="Flat 2")

    with pytest.raises(stays.UnitIsTaken):
        stays.change(
            stay=stay,
            unit=alice.flats["Flat 2"],
            starts_at=stay.starts_at,
            ends_at=stay.ends_at,
            changed_by=alice.owner,
            now=NOW,
        )

    assert {grant.door.name for grant in Grant.objects.filter(stay=stay) if grant.door} == {
        "Front door",
        "Flat 1",
    }


def test_a_code_that_is_taken_on_the_new_door_is_replaced_on_all_doors(alice: Business) -> None:
    stay = alice.book(now=NOW, code=CODE)
    other = alice.book(now=NOW, unit="Flat 2", starts_at=NOW + 5 * A_DAY, ends_at=NOW + 6 * A_DAY)
    flat_2 = Grant.objects.get(stay=other, door__name="Flat 2")
    own = Grant.objects.get(stay=stay, door__name="Flat 1")
    Grant.objects.filter(pk=flat_2.pk).update(code=CODE, code_digest=own.code_digest)

    stays.change(
        stay=stay,
        unit=alice.flats["Flat 2"],
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        changed_by=alice.owner,
        now=NOW,
    )

    assert code_of(stay) != CODE


@pytest.mark.parametrize("action", ["change", "cancel"])
def test_a_stay_that_is_over_is_left_as_it_is(alice: Business, action: str) -> None:
    stay = alice.book(now=NOW)
    later = stay.ends_at

    calls = {
        "cancel": partial(stays.cancel, stay=stay, cancelled_by=None),
        "change": partial(
            stays.change,
            stay=stay,
            unit=stay.unit,
            starts_at=stay.starts_at,
            ends_at=later + A_DAY,
            changed_by=None,
        ),
    }

    with pytest.raises(stays.StayIsOver):
        calls[action](now=later)

    assert Stay.objects.get(pk=stay.pk).revision == 1


def test_cancelling_twice_is_refused_the_second_time(alice: Business) -> None:
    stay = alice.book(now=NOW)
    stays.cancel(stay=stay, cancelled_by=None, now=NOW)

    with pytest.raises(stays.StayIsCancelled):
        stays.cancel(stay=stay, cancelled_by=None, now=NOW)

    assert Stay.objects.get(pk=stay.pk).revision == 2


def test_who_did_what_is_written_down_and_cannot_be_changed(alice: Business) -> None:
    stay = alice.book(now=NOW)
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=NOW)
    owner = User.objects.get(email="alice@harbour.example")

    entries = AuditEntry.objects.filter(stay=stay)

    assert sorted(entries.values_list("kind", "by")) == [
        (AuditKind.STAY_BOOKED, owner.pk),
        (AuditKind.STAY_CANCELLED, owner.pk),
    ]
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        entries.update(by=None)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        entries.delete()


@pytest.mark.django_db(transaction=True)
def test_of_two_bookings_that_choose_one_code_at_once_the_later_is_refused(alice: Business) -> None:
    outcome: list[str] = []

    def book_too() -> None:
        try:
            with tenancy.within(alice.organization):
                alice.book(now=NOW, unit="Flat 2", code=CODE)
        except stays.CodeIsTaken:
            outcome.append("refused")
        finally:
            connections.close_all()

    other = Thread(target=book_too)
    first = alice.book(now=NOW, starts_at=NOW + 9 * A_DAY, ends_at=NOW + 10 * A_DAY)
    with transaction.atomic():
        Grant.objects.filter(stay=first).update(code=CODE, code_digest=digest(CODE))
        other.start()
        time.sleep(0.5)  # until it waits for this transaction to end
    other.join()

    assert outcome == ["refused"]
    assert Stay.objects.count() == 1
