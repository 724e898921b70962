"""Row security: below everything else, PostgreSQL shows a session only its organization's rows.

`keyturn.organization` is set by properties.tenancy: an organization's key, `*` for all, nothing for none.
"""

from django.db import migrations

TABLES = [
    "access_messagewords",
]

ON = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY of_this_organization ON {table} USING (
    current_setting('keyturn.organization', true) IN ('*', organization_id::text)
);
"""
OFF = """
DROP POLICY of_this_organization ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0022_words")]

    operations = [migrations.RunSQL(ON.format(table=table), OFF.format(table=table)) for table in TABLES]
