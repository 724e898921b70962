"""What others have on locks: kept as lists show it, never touched, and written only where it changed."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import holders, lock_calls, others, queries
from access.models import Holder, OtherAuthorization
from nuki_gateway.client import NukiClient
from nuki_gateway.models import AppEntry, AuthorizationType, Window
from properties import nuki_accounts
from properties.models import SmartLock
from properties.reach import EVERYWHERE
from tests.access.test_sweep import a_label_of_ours, app_at, hear
from tests.timeline import Timeline
from tests.worlds import Business, writes

FLAT = "Flat 1"
CODE = "591826"


def listed(door: str = FLAT) -> list[tuple[str, int]]:
    found = OtherAuthorization.objects.filter(smart_lock__door__name=door).order_by("name")
    return list(found.values_list("name", "type"))


def client(business: Business) -> NukiClient:
    return nuki_accounts.client_for(business.account)


def lock_of(business: Business, door: str = FLAT) -> SmartLock:
    return SmartLock.objects.select_related("nuki_account", "organization").get(pk=business.locks[door].pk)


def test_codes_and_phones_of_others_are_kept_and_ours_are_not_among_them(
    alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    app_at(alice).add_code("Cleaner", CODE)
    user = client(alice).create_account_user(email="nadia@clean.example", name="Nadia")
    phone = AppEntry("Nadia's phone", user.account_user_id, Window(None, None))
    client(alice).create_app_invite(alice.locks[FLAT].smartlock_id, phone)
    timeline.pass_seconds(120)

    timeline.sweep(alice.account.pk)

    assert listed() == [
        ("Cleaner", AuthorizationType.KEYPAD_CODE),
        ("Nadia's phone", AuthorizationType.APP),
    ]
    assert listed("Front door") == []


def test_what_changed_in_the_app_is_renewed_and_what_is_gone_goes(
    alice: Business, timeline: Timeline
) -> None:
    app_at(alice).add_code("Cleaner", CODE)
    app_at(alice).add_code("Plumber", "673829")
    hear(alice, timeline)
    timeline.sweep(alice.account.pk)
    app_at(alice).disable("Cleaner")
    app_at(alice).delete("Plumber")
    hear(alice, timeline)

    timeline.sweep(alice.account.pk)

    (left,) = OtherAuthorization.objects.all()
    assert (left.name, left.enabled) == ("Cleaner", False)
    assert writes(alice.simulator) == {}


def test_a_list_that_shows_the_same_is_written_nowhere(alice: Business, timeline: Timeline) -> None:
    app_at(alice).add_code("Cleaner", CODE)
    app_at(alice).add_code("Plumber", "673829")
    hear(alice, timeline)
    timeline.sweep(alice.account.pk)
    on_flat = client(alice).authorizations_on(alice.locks[FLAT].smartlock_id)

    lock = lock_of(alice)
    with CaptureQueriesContext(connection) as made:
        others.keep({lock: list(reversed(on_flat))}, now=timeline.now)

    assert len(made) == 0


def test_an_entry_that_nuki_lists_twice_is_kept_once(alice: Business, timeline: Timeline) -> None:
    app_at(alice).add_code("Cleaner", CODE)
    hear(alice, timeline)
    (entry,) = client(alice).authorizations_on(alice.locks[FLAT].smartlock_id)

    others.keep({lock_of(alice): others.besides([entry, entry], keepers=())}, now=timeline.now)

    assert listed() == [("Cleaner", AuthorizationType.KEYPAD_CODE)]


def test_a_stray_of_ours_is_among_them_until_it_is_gone(alice: Business, timeline: Timeline) -> None:
    label = a_label_of_ours()
    app_at(alice).add_code(label, CODE)
    hear(alice, timeline)
    timeline.sweep(alice.account.pk)
    before = listed()

    timeline.pass_seconds(180)
    timeline.sweep(alice.account.pk)

    assert (before, listed()) == ([(label, AuthorizationType.KEYPAD_CODE)], [])


def test_a_lock_that_a_person_has_read_shows_what_is_on_it_at_once(
    alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    app_at(alice).add_code("Cleaner", CODE)
    hear(alice, timeline)
    before = listed()

    lock_calls.see_reading(lock=lock_of(alice), now=timeline.now)

    assert (before, listed()) == ([], [("Cleaner", AuthorizationType.KEYPAD_CODE)])
    assert lock_of(alice).others_read_at == timeline.now


def test_a_lock_that_cannot_be_read_keeps_what_was_seen(alice: Business, timeline: Timeline) -> None:
    app_at(alice).add_code("Cleaner", CODE)
    hear(alice, timeline)
    timeline.sweep(alice.account.pk)
    (at_nuki,) = alice.simulator.world.accounts
    alice.simulator.script.lose_scope(at_nuki, "smartlock.auth")

    others.read(lock=lock_of(alice), now=timeline.now + timedelta(minutes=1))

    assert listed() == [("Cleaner", AuthorizationType.KEYPAD_CODE)]
    assert lock_of(alice).others_read_at is None


def test_no_code_is_kept_of_what_others_have(alice: Business, timeline: Timeline) -> None:
    app_at(alice).add_code("Cleaner", CODE)
    hear(alice, timeline)
    timeline.sweep(alice.account.pk)

    (row,) = OtherAuthorization.objects.values()

    assert CODE not in str(row)


def test_who_holds_an_authorization_is_known_of_what_happened_before_and_after(
    alice: Business, timeline: Timeline
) -> None:
    app_at(alice).add_code("Code 7", CODE)
    hear(alice, timeline)
    timeline.sweep(alice.account.pk)
    assert alice.opens(FLAT, CODE)
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    held = [_who()]
    for note in ("cleaner", ""):
        holders.name(
            authorization=OtherAuthorization.objects.get(),
            name="Nadia",
            note=note,
            named_by=alice.owner,
            now=timeline.now,
        )
        held.append(_who())
    holders.forget(holder=Holder.objects.get(), forgotten_by=alice.owner, now=timeline.now)

    assert held == [None, "Nadia (cleaner)", "Nadia"]
    assert (_who(), Holder.objects.count()) == (None, 0)
    assert writes(alice.simulator) == {}


def _who() -> str | None:
    (one,) = queries.activity_of(SmartLock.objects.earliest("pk").organization, EVERYWHERE)
    return getattr(one, "held_by", None)
