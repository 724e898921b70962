"""Building a sample: what is there afterwards, and that a run which was broken off goes on."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client

from access.models import Activity, Alert, AuditEntry, Grant, Message, Stay
from config.sample import build, progress, tables
from config.sample.plan import Sizes
from properties import organizations, tenancy
from properties.encryption import digest
from properties.models import Door, Organization, User
from tests.worlds import MONDAY_NOON

SIZES = Sizes(doors=12, stays=240, events=600)
WORDS = ("--doors", "12", "--stays", "240", "--events", "600")
# PostgreSQL sets the casts of a condition otherwise when it reads what it wrote itself
AS_WRITTEN = r"regexp_replace(indexdef, '::character varying|::text(\[\])?|[()]', '', 'g')"
SCHEMA = f"""
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
        (SELECT array_agg({AS_WRITTEN} ORDER BY indexdef)
         FROM pg_indexes i WHERE i.tablename = c.relname),
        (SELECT array_agg(conname || pg_get_constraintdef(k.oid) ORDER BY conname)
         FROM pg_constraint k WHERE k.conrelid = c.oid)
    FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 'access\\_%%' ORDER BY c.relname
"""  # noqa: S608  constants of ours

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("_forgotten"),
]


class BrokenOff(Exception):
    """What a person does with Ctrl-C."""


@pytest.fixture
def _forgotten() -> Iterator[None]:
    yield
    progress.forget()


def built(say: Any = lambda _: None) -> bool:
    return build.build(SIZES, beside_others=False, say=say, now=MONDAY_NOON)


def schema() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return list(cursor.fetchall())


def told() -> list[tuple[Any, ...]]:
    """What happened, without the numbers of rows."""
    stays = Stay.objects.order_by("unit__name", "unit__property__name", "starts_at")
    facts = ("unit__name", "guest__email", "starts_at", "ends_at", "cancelled_at", "grants__confirmed_at")
    return list(stays.values_list(*facts))


def test_a_sample_has_what_was_asked_for_and_the_tables_are_as_before() -> None:
    before = schema()

    assert built()

    assert schema() == before
    with tenancy.across_organizations(because="the test counts all rows"):
        counts = [model.objects.count() for model in (Door, Stay, Activity)]
        assert counts == [SIZES.doors, SIZES.stays, SIZES.events]
        assert min(model.objects.count() for model in (Message, AuditEntry, Alert)) > 10
        grants = list(Grant.objects.all())
    assert all(digest(grant.code) == grant.code_digest for grant in grants)
    assert len({grant.label for grant in grants}) == len(grants) > SIZES.stays


def test_its_stays_are_over_going_on_and_to_come() -> None:
    built()

    with tenancy.across_organizations(because="the test counts all rows"):
        standing = Stay.objects.filter(cancelled_at=None)
        over = standing.filter(ends_at__lte=MONDAY_NOON).count()
        coming = standing.filter(starts_at__gt=MONDAY_NOON).count()
        here = standing.filter(starts_at__lte=MONDAY_NOON, ends_at__gt=MONDAY_NOON)
        unconfirmed = here.filter(grants__confirmed_at=None, grants__closed_at=None).count()
        assert min(over, coming, here.count()) > 0
        assert unconfirmed <= here.count() / 2
        late = Grant.objects.filter(closed_at=None, stay__in=standing.filter(ends_at__lte=MONDAY_NOON))
        assert late.count() == 0


def test_its_owner_sees_it_on_the_pages() -> None:
    built()
    browser = Client()

    with time_machine.travel(MONDAY_NOON, tick=False):
        browser.force_login(User.objects.get(email="owner@small-stays.example"))
        answers = [browser.get(f"/b/small-stays{path}") for path in ("/", "/stays/all", "/activity")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(answers[1].context["page"].cards) == 30
    assert len(answers[2].context["activity"].lines) == 50


def test_a_run_that_was_broken_off_goes_on_and_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.sample.plan.MOST_STAYS", 60)
    before = schema()
    said: list[str] = []

    def break_off(sentence: str) -> None:
        said.append(sentence)
        if len(said) in {2, 9}:
            raise BrokenOff

    for _ in range(2):
        with pytest.raises(BrokenOff):
            built(break_off)
    assert schema() != before
    assert "to be made. Run it again to go on." in build.what_is_there()[2]
    assert built(break_off)

    assert schema() == before
    assert said[1].startswith("120 of 240 stays")
    with tenancy.across_organizations(because="the test compares all rows"):
        in_steps = told()
    progress.forget()
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE properties_organization, properties_user CASCADE")
    built()
    with tenancy.across_organizations(because="the test compares all rows"):
        assert told() == in_steps


def test_the_command_builds_once_and_says_what_is_there() -> None:
    said, progress_said = StringIO(), StringIO()

    with time_machine.travel(MONDAY_NOON):
        call_command("build_sample", *WORDS, stdout=said, stderr=progress_said)
        call_command("build_sample", *WORDS, stdout=said, stderr=StringIO())

    assert said.getvalue().count("240 of 240 stays and 600 of 600 events are there.") == 2
    assert "240 of 240 stays" in progress_said.getvalue()
    with tenancy.across_organizations(because="the test counts all rows"):
        assert Stay.objects.count() == 240
    with pytest.raises(CommandError, match="Another sample was begun here"):
        call_command("build_sample", *WORDS, "--seed", "2", stdout=said, stderr=progress_said)


def test_a_database_with_other_data_is_left_alone_unless_told_otherwise() -> None:
    organizations.found(name="Harbour Stays", owner_email="alice@harbour.example")
    before = schema()

    with pytest.raises(CommandError, match="There are businesses in this database"):
        call_command("build_sample", *WORDS, stdout=StringIO(), stderr=StringIO())

    assert (Organization.objects.count(), progress.done(), schema()) == (1, {}, before)
    call_command("build_sample", *WORDS, "--beside-others", stdout=StringIO(), stderr=StringIO())
    assert Organization.objects.count() == 2


def test_a_sample_without_doors_is_none() -> None:
    with pytest.raises(CommandError, match="at least one door"):
        call_command("build_sample", "--doors", "0")


def test_what_is_taken_apart_can_be_put_back() -> None:
    before = schema()
    tables.open_for_this_session()

    for statement in tables.take_apart():
        tables.put_back(statement)

    assert schema() == before
