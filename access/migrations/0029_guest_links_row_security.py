"""Row security: below everything else, PostgreSQL shows a session only its organization's rows.

`keyturn.organization` is set by properties.tenancy: an organization's key, `*` for all, nothing for none.
"""

from django.db import migrations

ON = """
ALTER TABLE access_guestlink ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_guestlink FORCE ROW LEVEL SECURITY;
CREATE POLICY of_this_organization ON access_guestlink USING (
    CASE WHEN current_setting('keyturn.organization', true) IN ('*', organization_id::text)
    THEN 1 ELSE 0 END <> 0
);
"""
OFF = """
DROP POLICY of_this_organization ON access_guestlink;
ALTER TABLE access_guestlink NO FORCE ROW LEVEL SECURITY;
ALTER TABLE access_guestlink DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0028_guest_links")]

    operations = [migrations.RunSQL(ON, OFF)]
