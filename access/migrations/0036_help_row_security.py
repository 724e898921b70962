"""Row security: below everything else, PostgreSQL shows a session only its organization's rows.

`keyturn.organization` is set by properties.tenancy: an organization's key, `*` for all, nothing for none.
"""

from django.db import migrations

ON = """
ALTER TABLE access_helprequest ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_helprequest FORCE ROW LEVEL SECURITY;
CREATE POLICY of_this_organization ON access_helprequest USING (
    CASE WHEN current_setting('keyturn.organization', true) IN ('*', organization_id::text)
    THEN 1 ELSE 0 END <> 0
);
"""
OFF = """
DROP POLICY of_this_organization ON access_helprequest;
ALTER TABLE access_helprequest NO FORCE ROW LEVEL SECURITY;
ALTER TABLE access_helprequest DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0035_help")]

    operations = [migrations.RunSQL(ON, OFF)]
