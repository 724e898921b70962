"""What stands in the audit cannot be changed or deleted, whoever asks."""

from django.db import migrations

ON = """
CREATE FUNCTION access_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit is append-only.';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON access_auditentry
    FOR EACH ROW EXECUTE FUNCTION access_audit_is_append_only();
"""
OFF = """
DROP TRIGGER append_only ON access_auditentry;
DROP FUNCTION access_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_row_security")]

    operations = [migrations.RunSQL(ON, OFF)]
