"""Row security: below everything else, PostgreSQL shows a session only its organization's rows.

`keyturn.organization` is set by properties.tenancy: an organization's key, `*` for all, nothing for none.
"""

from django.db import migrations

TABLES = [
    "access_appuser",
]

ON = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY of_this_organization ON {table} USING (
    CASE WHEN current_setting('keyturn.organization', true) IN ('*', organization_id::text)
    THEN 1 ELSE 0 END <> 0
);
"""
OFF = """
DROP POLICY of_this_organization ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0042_app_invites")]

    operations = [migrations.RunSQL(ON.format(table=table), OFF.format(table=table)) for table in TABLES]
