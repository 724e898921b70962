"""Row security: below everything else, PostgreSQL shows a session only its organization's rows.

`keyturn.organization` is set by properties.tenancy: an organization's key, `*` for all, nothing for none.
"""

from django.db import migrations

ON = """
ALTER TABLE access_spare ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_spare FORCE ROW LEVEL SECURITY;
CREATE POLICY of_this_organization ON access_spare USING (
    CASE WHEN current_setting('keyturn.organization', true) IN ('*', organization_id::text)
    THEN 1 ELSE 0 END <> 0
);
"""
OFF = """
DROP POLICY of_this_organization ON access_spare;
ALTER TABLE access_spare NO FORCE ROW LEVEL SECURITY;
ALTER TABLE access_spare DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0046_spares")]

    operations = [migrations.RunSQL(ON, OFF)]
