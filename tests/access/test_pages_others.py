"""What others have on a lock, as its page shows it; naming who uses it; calling a lock otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.log_entries import ActivityKind, Means
from access.models import Activity, AuditEntry, AuditKind, Holder, OtherAuthorization
from nuki_gateway.models import EVERY_DAY, AuthorizationType
from nuki_gateway.simulator import TurnedClock
from properties import nuki_accounts
from properties.models import SmartLock
from properties.roles import Role
from tests.access.test_pages_activity import write_activity
from tests.access.test_sweep import a_label_of_ours
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

FLAT = "Flat 1"
MOST_QUERIES = 12
WEEKENDS = 3  # Saturday and Sunday


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def write_other(
    business: Business, name: str = "Cleaner 1", door: str = FLAT, **fields: Any
) -> OtherAuthorization:
    """Something that was listed on a lock."""
    lock = business.locks[door]
    SmartLock.objects.filter(pk=lock.pk).update(others_picture="p" * 64)
    given: dict[str, Any] = {
        "type": AuthorizationType.KEYPAD_CODE,
        "enabled": True,
        "weekdays": EVERY_DAY,
        "from_minute": 0,
        "until_minute": 0,
        "uses": 0,
    }
    return OtherAuthorization.objects.create(
        organization=business.organization,
        smart_lock=lock,
        authorization_id=f"{OtherAuthorization.objects.count():024}",
        name=name,
        **(given | fields),
    )


def page_of(business: Business) -> str:
    return f"/locks/{business.locks[FLAT].pk}"


def holder_page(one: OtherAuthorization) -> str:
    return f"/others/{one.pk}/holder"


def others(host: Visitor, business: Business) -> Any:
    return host.get(page_of(business)).context["view"].others


def name_nadia(host: Visitor, one: OtherAuthorization, **fields: str) -> Any:
    return host.post(holder_page(one), {"name": "Nadia", "note": "cleaner", **fields})


def test_what_others_have_is_shown_with_what_it_is_and_when_it_was_used(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    used = clock.now() - timedelta(hours=3)
    write_other(alice, uses=4, used_at=used, weekdays=WEEKENDS, from_minute=8 * 60, until_minute=12 * 60)
    write_other(alice, "Eva's phone", type=AuthorizationType.APP, enabled=False)
    write_other(alice, "", type=AuthorizationType.KEYPAD)
    write_other(alice, "New thing", type=99, allowed_until=datetime(2026, 7, 1, 10, tzinfo=UTC))

    answer = host.get(page_of(alice))

    page = answer.context["view"].others
    assert [(line.called, line.kind, line.when, line.used_at) for line in page.lines] == [
        ("Cleaner 1", "Code", "Sat Sun, 08:00–12:00", used),  # noqa: RUF001  a span of time
        ("Eva's phone", "Nuki app", "at any time", None),
        ("New thing", "Something new of Nuki's", "until 1 Jul 2026, 12:00", None),
        ("Without a name", "Keypad", "", None),
    ]
    assert page.lines[1].chip.word == "Switched off"
    assert (page.count, [bool(line.name_url) for line in page.lines]) == (4, [True, True, True, False])
    assert "We never change or remove it." in words(answer)
    check_page(answer)


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        pytest.param("", "What else is on this lock has not been read yet.", id="not read"),
        pytest.param("p", "Nothing else is on this lock.", id="nothing"),
    ],
)
def test_where_nothing_is_shown_it_is_said_why(
    host: Visitor, alice: Business, picture: str, sentence: str
) -> None:
    SmartLock.objects.filter(pk=alice.locks[FLAT].pk).update(others_picture=picture)

    assert sentence in words(host.get(page_of(alice)))


def test_when_it_was_read_is_the_later_of_sweep_and_hand(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    write_other(alice)
    hour = timedelta(hours=1)
    type(alice.account).objects.update(swept_at=clock.now() - hour)
    by_sweep = others(host, alice).read_at
    SmartLock.objects.update(others_read_at=clock.now())
    by_hand = others(host, alice).read_at
    SmartLock.objects.update(subscription_ended=True)

    assert (by_sweep, by_hand) == (clock.now() - hour, clock.now())
    assert others(host, alice).read_at is None


def test_a_code_of_ours_that_nobody_wants_is_said_to_be_on_its_way_off(
    host: Visitor, alice: Business
) -> None:
    label = a_label_of_ours()
    write_other(alice, label)

    answer = host.get(page_of(alice))

    assert answer.context["view"].others.lines == []
    assert f"A code of ours without a stay is still on the lock: {label}." in words(answer)


def test_a_person_is_named_and_what_happened_has_the_name_everywhere(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    one = write_other(alice)
    write_activity(alice, clock, ActivityKind.OPENED, means=Means.KEYPAD, name="Cleaner 1")
    Activity.objects.update(authorization_id=one.authorization_id)

    answer = name_nadia(host, one)

    page = host.get(page_of(alice))
    (line,) = page.context["view"].others.lines
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(alice))
    assert (line.called, line.at_nuki) == ("Nadia (cleaner)", "Cleaner 1")
    for path in (page_of(alice), "/activity", f"{page_of(alice)}?who=nadia"):
        assert "Nadia (cleaner) opened Flat 1" in words(host.get(path))
    csv = b"".join(host.get(f"{page_of(alice)}/activity.csv")).decode()
    assert "Nadia (cleaner)" in csv
    entry = AuditEntry.objects.get(kind=AuditKind.HOLDER_NAMED)
    assert (entry.by, entry.smart_lock) == (alice.owner, alice.locks[FLAT])


def test_a_second_click_keeps_one_name(host: Visitor, alice: Business) -> None:
    one = write_other(alice)

    name_nadia(host, one)
    name_nadia(host, one, note="")

    assert [holder.called for holder in Holder.objects.all()] == ["Nadia"]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        pytest.param({"name": " "}, ["name"], id="no name"),
        pytest.param({"name": "x" * 61}, ["name"], id="a long name"),
        pytest.param({"name": "a\x00b"}, ["name"], id="no text"),
        pytest.param({"note": "x" * 61}, ["note"], id="a long note"),
    ],
)
def test_a_name_that_cannot_be_is_refused_at_its_field_and_nothing_is_kept(
    host: Visitor, alice: Business, fields: dict[str, str], errors: list[str]
) -> None:
    answer = name_nadia(host, write_other(alice), **fields)

    assert list(answer.context["form"].errors) == errors
    assert (Holder.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_a_name_is_forgotten_also_when_the_code_is_gone(host: Visitor, alice: Business) -> None:
    one = write_other(alice)
    name_nadia(host, one)
    one.delete()
    everything = f"{page_of(alice)}/others"
    (line,) = host.get(everything).context["others"].lines

    host.post(line.forget_url)
    again = host.post(line.forget_url)

    assert (line.called, line.chip.word) == ("Nadia (cleaner)", "Gone from the lock")
    assert (host.get(everything).context["others"].lines, again.status_code) == ([], 404)
    assert AuditEntry.objects.filter(kind=AuditKind.HOLDER_FORGOTTEN).count() == 1


def test_who_may_not_change_properties_sees_names_and_no_button(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    one = write_other(alice)
    name_nadia(host, one)
    bob = with_role(alice, clock, Role.STAFF)

    view = bob.get(page_of(alice)).context["view"]

    assert [(line.called, line.name_url) for line in view.others.lines] == [("Nadia (cleaner)", "")]
    assert view.doing.rename_url == ""
    assert bob.post(holder_page(one), {"name": "Eve"}).status_code == 403
    assert Holder.objects.get().name == "Nadia"


@pytest.mark.parametrize("kind", [AuthorizationType.KEYPAD, AuthorizationType.BRIDGE])
def test_a_device_is_nobodys(host: Visitor, alice: Business, kind: AuthorizationType) -> None:
    one = write_other(alice, type=kind)

    assert (host.get(holder_page(one)).status_code, name_nadia(host, one).status_code) == (404, 404)
    assert Holder.objects.count() == 0


def test_charlie_names_nobody_on_alices_lock(alice: Business, charlie: Business, clock: TurnedClock) -> None:
    one = write_other(alice)

    answer = name_nadia(signed_in(charlie, clock), one)

    assert answer.status_code == 404
    assert Holder.objects.count() == 0


def test_a_lock_with_much_on_it_shows_some_and_leads_to_all(host: Visitor, alice: Business) -> None:
    def made(count: int) -> tuple[int, int]:
        for number in range(count):
            one = write_other(alice, f"Code {number}")
            Holder.objects.create(
                organization=alice.organization,
                smart_lock=alice.locks[FLAT],
                authorization_id=one.authorization_id,
                name=f"Person {number}",
                named_at=datetime(2026, 6, 1, tzinfo=UTC),
            )
        counts = []
        for path in (page_of(alice), f"{page_of(alice)}/others"):
            with CaptureQueriesContext(connection) as queries:
                host.get(path)
            counts.append(len(queries))
        return counts[0], counts[1]

    few, many = made(3), made(27)

    page, everything = others(host, alice), host.get(f"{page_of(alice)}/others")
    assert few == many
    assert max(many) <= MOST_QUERIES
    assert (len(page.first), page.count, page.all_url) == (8, 30, f"{page_of(alice)}/others")
    assert len(everything.context["others"].lines) == 30
    check_page(everything)


def rename(host: Visitor, business: Business, name: str) -> Any:
    return host.post(f"{page_of(business)}/rename", {"name": name})


def test_a_lock_is_called_otherwise_here_and_keeps_its_name_at_nuki(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    before = len(alice.simulator.calls)

    answer = rename(host, alice, " Garden lock ")

    facts = {fact.term: fact.words for fact in host.get(page_of(alice)).context["view"].facts}
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(alice))
    assert (facts["Device"], facts["In the Nuki app"]) == ("Garden lock · Smart Lock 3/4", FLAT)
    assert "Garden lock" in words(host.get("/doors"))
    assert len(alice.simulator.calls) == before
    from_nuki = SmartLock.objects.get(pk=alice.locks[FLAT].pk)
    assert (from_nuki.name, from_nuki.called) == (FLAT, "Garden lock")
    assert clock


def test_a_reading_at_nuki_leaves_the_name_given_here(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    rename(host, alice, "Garden lock")

    nuki_accounts.refresh(account=alice.account, now=clock.now())

    assert SmartLock.objects.get(pk=alice.locks[FLAT].pk).called == "Garden lock"


@pytest.mark.parametrize("name", ["", "  ", FLAT])
def test_without_a_name_of_its_own_a_lock_is_called_as_at_nuki(
    host: Visitor, alice: Business, name: str
) -> None:
    rename(host, alice, "Garden lock")

    rename(host, alice, name)

    lock = SmartLock.objects.get(pk=alice.locks[FLAT].pk)
    assert (lock.own_name, lock.called) == ("", FLAT)
    assert AuditEntry.objects.filter(kind=AuditKind.LOCK_RENAMED).count() == 2


def test_the_same_name_again_is_no_change(host: Visitor, alice: Business) -> None:
    rename(host, alice, "Garden lock")
    rename(host, alice, "Garden lock")

    assert AuditEntry.objects.filter(kind=AuditKind.LOCK_RENAMED).count() == 1


def test_a_name_that_is_too_long_is_refused_and_nothing_changes(host: Visitor, alice: Business) -> None:
    answer = rename(host, alice, "x" * 101)

    assert list(answer.context["form"].errors) == ["name"]
    assert SmartLock.objects.get(pk=alice.locks[FLAT].pk).own_name == ""
