"""Stays at doors without a keypad, which waited for a person, are looked at: their guests are invited now."""

from django.db import migrations

ON = """
SELECT set_config('keyturn.organization', '*', true);
UPDATE access_grant SET
    problem = CASE WHEN guest.email = '' THEN 'no address' ELSE '' END,
    due_at = GREATEST(now(), access_grant.allowed_from - interval '72 hours')
FROM access_stay AS stay JOIN access_guest AS guest ON guest.id = stay.guest_id
WHERE stay.id = access_grant.stay_id AND access_grant.closed_at IS NULL
    AND access_grant.kind = 'app invite' AND access_grant.problem = 'no keypad';
SELECT set_config('keyturn.organization', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0044_what_messages_told_by_app")]

    operations = [migrations.RunSQL(ON, migrations.RunSQL.noop)]
