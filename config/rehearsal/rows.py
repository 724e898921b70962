"""When the ticks will have something to ring for: asked once, so that idle ticks need not be run."""

from datetime import UTC, datetime

from django.db import connection

from properties import tenancy

NEXT = """
    SELECT at, tick FROM (
        SELECT min(greatest(g.due_at, l.leased_until, l.rests_until, a.paused_until)) AS at,
            'ring_due_locks' AS tick
        FROM access_grant g
        JOIN properties_smartlock l ON l.id = g.smart_lock_id
        JOIN properties_nukiaccount a ON a.id = l.nuki_account_id
        WHERE g.due_at IS NOT NULL
        UNION ALL
        SELECT min(greatest(due_at, claimed_until)), 'ring_due_messages'
        FROM access_message WHERE due_at IS NOT NULL
        UNION ALL
        SELECT min(greatest(look_due_at, leased_until, rests_until)), 'ring_due_locks'
        FROM properties_smartlock WHERE look_due_at IS NOT NULL
        UNION ALL
        SELECT min(greatest(coalesce(log_due_at, to_timestamp(0)), paused_until)), 'ring_due_accounts'
        FROM properties_nukiaccount
        UNION ALL
        SELECT min(greatest(coalesce(sweep_due_at, to_timestamp(0)), paused_until)), 'ring_due_accounts'
        FROM properties_nukiaccount
        UNION ALL
        SELECT min(received_at) + interval '5 seconds', 'ring_due_accounts'
        FROM access_delivery WHERE taken_in_at IS NULL
    ) AS rows WHERE at IS NOT NULL ORDER BY at LIMIT 1
"""


def next_due() -> tuple[datetime, str] | None:
    """The earliest moment at which some row is due, of all organizations, and the tick that rings for it."""
    because = "the tick looks at everybody's rows"
    with tenancy.across_organizations(because=because), connection.cursor() as cursor:
        cursor.execute(NEXT)
        row = cursor.fetchone()
    return None if row is None else (row[0].astimezone(UTC), f"access.tasks.{row[1]}")
