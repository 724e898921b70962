"""The tick's query reads what is due and not what there is: shown by PostgreSQL's own plan."""

import json
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from access import queries
from properties import tenancy
from tests.statements import asked
from tests.timeline import Timeline
from tests.worlds import Business

MANY = 20_000
FILL = """
INSERT INTO access_grant (
    organization_id, stay_id, smart_lock_id, position, kind, label, is_wanted, code, code_digest,
    allowed_from, allowed_until, generation, asked_step, asked_generation, authorization_id, problem,
    attempts, closed_at
)
SELECT organization_id, stay_id, smart_lock_id, position, kind, 'many-' || number, false, '', '',
    allowed_from, allowed_until, 1, '', 0, '', '', 0, allowed_from
FROM access_grant, generate_series(1, %s) AS number
WHERE access_grant.id = (SELECT min(id) FROM access_grant)
"""


def indexes_of(plan: dict[str, Any]) -> set[str]:
    """The names of all indexes that a plan uses."""
    own = {plan["Index Name"]} if "Index Name" in plan else set()
    return own.union(*(indexes_of(part) for part in plan.get("Plans", [])))


def scans_of(plan: dict[str, Any]) -> set[str]:
    """The tables that a plan reads from end to end."""
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return own.union(*(scans_of(part) for part in plan.get("Plans", [])))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_tick_finds_due_grants_by_their_own_index_among_thousands(
    alice: Business, timeline: Timeline
) -> None:
    alice.book(now=timeline.now)
    with connection.cursor() as cursor:
        cursor.execute(FILL, [MANY])
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE access_grant, properties_smartlock, properties_nukiaccount")

    with tenancy.across_organizations(because="the tick rings for everybody's locks"):
        with CaptureQueriesContext(connection) as made:
            due = queries.due_locks(timeline.now, most=500)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + asked(made)[0])
            (explained,) = cursor.fetchone() or ("",)

    plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
    assert len(due) == 2
    assert "grants_that_are_due" in indexes_of(plan)
    assert "access_grant" not in scans_of(plan)
