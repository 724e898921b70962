"""What was done: who did what, when, about which stay or lock; for owners and managers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import audit, audit_pages, audit_queries, audit_views, lock_actions, stays
from access.models import AuditEntry, AuditKind
from nuki_gateway.simulator import TurnedClock
from properties import team_audit
from properties.models import Membership, TeamEntry, TeamEvent, User
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import PASSWORD, Business

MOST_QUERIES = 12


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    alice.owner.name = "Alice Hafner"
    alice.owner.save()
    return signed_in(alice, clock)


def sentences(host: Visitor, query: str = "") -> list[str]:
    """What the page says was done, the latest first."""
    return [line.sentence for line in host.get(f"/audit{query}").context["page"].lines]


def test_every_kind_of_entry_has_its_words_and_its_subject() -> None:
    grouped = [kind for kinds in audit_queries.KINDS.values() for kind in kinds]

    assert set(audit_pages.SENTENCES) == set(AuditKind)
    assert sorted(grouped) == sorted(AuditKind)


def test_what_people_did_stands_there_with_its_subject_and_time(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    clock.turn(seconds=60)
    host.post(f"/stays/{stay.pk}/code")
    clock.turn(seconds=60)
    lock_actions.ask_to_open(lock=alice.locks["Flat 1"], asked_by=alice.owner, now=clock.now())

    answer = host.get("/audit")

    lines = answer.context["page"].lines
    assert [(line.sentence, line.about, line.url) for line in lines] == [
        ("Alice Hafner asked the lock to open", "Flat 1", f"/locks/{alice.locks['Flat 1'].pk}"),
        ("Alice Hafner looked at the code", "Ada Vogel · Flat 1", f"/stays/{stay.pk}"),
        ("Alice Hafner booked the stay", "Ada Vogel · Flat 1", f"/stays/{stay.pk}"),
    ]
    assert "Mon 15 Jun 2026, 14:02:00" in words(answer)
    check_page(answer)


def test_changes_of_the_team_stand_in_the_same_list(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    first = alice.book(now=clock.now())
    clock.turn(seconds=60)
    team_audit.note(TeamEvent.SECOND_FACTOR_REQUIRED, alice.organization, by=alice.owner, now=clock.now())
    clock.turn(seconds=60)
    stays.cancel(stay=first, cancelled_by=alice.owner, now=clock.now())

    assert sentences(host) == [
        "Alice Hafner cancelled the stay",
        "Alice Hafner asked everybody for a second factor",
        "Alice Hafner booked the stay",
    ]


def test_the_list_can_be_narrowed(host: Visitor, alice: Business, timeline: Timeline) -> None:
    bob = User.objects.create_user("bob@harbour.example", PASSWORD, name="Bob Berger")
    Membership.objects.create(organization=alice.organization, user=bob, role=Role.STAFF)
    stay = alice.book(now=timeline.now)
    other = alice.book(now=timeline.now, unit="Flat 2", booked_by=bob)
    timeline.pass_seconds(60)
    lock = alice.locks["Flat 1"]
    lock_actions.ask_to_read(lock=lock, asked_by=bob, now=timeline.now)
    team_audit.note(TeamEvent.SECOND_FACTOR_FREE, alice.organization, by=alice.owner, now=timeline.now)

    assert sentences(host, f"?who={bob.pk}") == [
        "Bob Berger had the lock read again",
        "Bob Berger booked the stay",
    ]
    assert sentences(host, "?what=stays") == ["Bob Berger booked the stay", "Alice Hafner booked the stay"]
    assert sentences(host, "?what=locks") == ["Bob Berger had the lock read again"]
    assert sentences(host, "?what=team") == ["Alice Hafner left a second factor to everybody's choice"]
    assert sentences(host, f"?stay={other.pk}") == ["Bob Berger booked the stay"]
    assert sentences(host, f"?lock={lock.pk}") == ["Bob Berger had the lock read again"]
    assert len(sentences(host, "?day=2026-06-15")) == 4
    assert sentences(host, "?day=2026-06-14") == []
    by_keyturn = sentences(host, f"?who=keyturn&stay={stay.pk}")
    assert by_keyturn[-2:] == [
        "Nuki took the change at Front door",
        "Keyturn asked Nuki to put the code on Front door",
    ]
    assert "Keyturn sent the message to the guest" in by_keyturn
    assert sentences(host, f"?who=all&stay={stay.pk}")[-1] == "Alice Hafner booked the stay"


def test_a_day_ends_at_midnight_on_the_clocks_of_the_business(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    clock.turn(seconds=9 * 3600 + 59 * 60)
    alice.book(now=clock.now())
    clock.turn(seconds=60)
    alice.book(now=clock.now(), unit="Flat 2")

    found = [
        [line.about for line in host.get(f"/audit?day=2026-06-{day}").context["page"].lines]
        for day in (15, 16)
    ]

    assert found == [["Ada Vogel · Flat 1"], ["Ada Vogel · Flat 2"]]


def test_the_page_of_one_stay_says_whose_it_is_and_the_stay_leads_there(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())

    page = host.get(f"/audit?stay={stay.pk}&who=all")

    assert "Only what was done about Ada Vogel · Flat 1." in words(page)
    assert f'href="/audit?stay={stay.pk}&amp;who=all"' in host.get(f"/stays/{stay.pk}").content.decode()
    assert f'name="stay" value="{stay.pk}"' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?who=x",
        "?who=0",
        "?who=99999999999999999999",
        "?what=x",
        "?day=x",
        "?day=0001-01-01",
        "?day=9999-12-31",
        "?before=x",
        "?before=a",
        "?before=a99999999999999999999",
        "?before=z1",
        "?before=t0",
    ],
)
def test_what_cannot_be_read_is_left_out(
    host: Visitor, alice: Business, clock: TurnedClock, query: str
) -> None:
    alice.book(now=clock.now())

    assert sentences(host, query) == ["Alice Hafner booked the stay"]


def test_a_stay_or_lock_of_others_is_not_there(
    host: Visitor, alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    lock = charlie.locks["Flat 1"].pk

    answers = [
        host.get(f"/audit?{query}").status_code
        for query in (f"lock={lock}", "stay=0", "stay=x", "lock=99999999999999999999")
    ]

    assert answers == [404] * 4


def test_pages_follow_one_another_without_a_gap_whatever_happened_at_one_instant(
    host: Visitor, alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "PAGE_LENGTH", 2)
    stay = alice.book(now=clock.now())
    for _ in range(3):
        audit.about_stay(AuditKind.CODE_REVEALED, stay, by=alice.owner, now=clock.now())
        team_audit.note(TeamEvent.SECOND_FACTOR_FREE, alice.organization, by=alice.owner, now=clock.now())
    clock.turn(seconds=60)
    team_audit.note(TeamEvent.SECOND_FACTOR_REQUIRED, alice.organization, by=alice.owner, now=clock.now())

    seen: list[str] = []
    path: str | None = "/audit?who=" + str(alice.owner.pk)
    pages = 0
    while path:
        page = host.get(path).context["page"]
        seen += [line.sentence for line in page.lines]
        path, pages = page.next_url, pages + 1

    assert pages == 4
    assert seen == [
        "Alice Hafner asked everybody for a second factor",
        *["Alice Hafner looked at the code"] * 3,
        "Alice Hafner booked the stay",
        *["Alice Hafner left a second factor to everybody's choice"] * 3,
    ]


def test_who_has_left_can_still_be_asked_for(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    bob = User.objects.create_user("bob@harbour.example", PASSWORD, name="Bob Berger")
    alice.book(now=clock.now(), booked_by=bob)
    team_audit.note(TeamEvent.REMOVED, alice.organization, by=alice.owner, about=bob, now=clock.now())

    assert ("Bob Berger booked the stay" in sentences(host, f"?who={bob.pk}")) is True
    assert "Bob Berger" in words(host.get("/audit"))


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 200), (Role.STAFF, 403), (Role.VIEWER, 403)])
def test_only_owners_and_managers_read_it_and_others_are_not_offered_it(
    alice: Business, clock: TurnedClock, role: Role, status: int
) -> None:
    stay = alice.book(now=clock.now())
    bob = with_role(alice, clock, role)

    answer = bob.get("/audit")

    assert answer.status_code == status
    offers = [bob.get(path).content.decode() for path in ("/settings", f"/stays/{stay.pk}")]
    assert ["/audit" in page for page in offers] == [status == 200] * 2


def test_no_code_stands_in_it(host: Visitor, alice: Business, timeline: Timeline) -> None:
    alice.book(now=timeline.now, code="384174")
    timeline.pass_seconds(60)

    page = host.get("/audit?who=all").content.decode()

    assert "384174" not in page
    assert "38 41 74" not in page


def test_the_page_asks_as_often_for_many_entries_as_for_few(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    def asked(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            host.get(f"/audit{query}")
        return len(queries.captured_queries)

    alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    few = [
        asked(query) for query in ("", "?who=all", f"?before=a{AuditEntry.objects.latest('pk').pk}&who=all")
    ]
    for day in range(3, 33):
        starts_at = timeline.now + timedelta(days=day)
        stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + timedelta(hours=20))
        audit.about_lock(AuditKind.READING_ASKED, alice.locks["Flat 2"], by=alice.owner, now=timeline.now)
        team_audit.note(TeamEvent.SECOND_FACTOR_FREE, alice.organization, by=alice.owner, now=timeline.now)
        audit.about_grant(AuditKind.CONFIRMED, stay.grants.earliest("pk"), now=timeline.now)
    many = [
        asked(query) for query in ("", "?who=all", f"?before=a{AuditEntry.objects.latest('pk').pk}&who=all")
    ]

    assert many == few
    assert max(many) <= MOST_QUERIES
    assert TeamEntry.objects.count() == 30
