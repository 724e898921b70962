"""Opening doors and having locks read, as home automation asks for it."""

import pytest

from access.models import AuditEntry, AuditKind
from nuki_gateway.simulator import TurnedClock
from properties.models import NukiAccount, SmartLock
from tests.access.api.programs import Program, problem
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

    assert (first.status_code, first.json()) == (
        202,
        {"lock": f"lock_{lock.pk}", "asked": action, "asked_at": "2026-06-15T12:00:00Z"},
    )
    assert replayed.json() == first.json()
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
