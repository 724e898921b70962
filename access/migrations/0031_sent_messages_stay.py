"""What a message told stays as it was once it was sent; only what became of it may still change.

An erased guest's addresses are taken out: they may become empty, and nothing else.
"""

from django.db import migrations

ON = """
CREATE FUNCTION access_sent_messages_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.stay_id, NEW.kind, NEW.revision, NEW.again, NEW.written_at, NEW.language,
        NEW.told_code, NEW.told_code_digest, NEW.told_from, NEW.told_until, NEW.told_unit, NEW.told_doors,
        NEW.channel, NEW.sent_at, NEW.provider_id)
        IS DISTINCT FROM
        (OLD.stay_id, OLD.kind, OLD.revision, OLD.again, OLD.written_at, OLD.language,
        OLD.told_code, OLD.told_code_digest, OLD.told_from, OLD.told_until, OLD.told_unit, OLD.told_doors,
        OLD.channel, OLD.sent_at, OLD.provider_id)
        OR NEW.sent_to NOT IN (OLD.sent_to, '')
    THEN
        RAISE EXCEPTION 'A message that was sent is never changed.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER sent_messages_stay BEFORE UPDATE ON access_message
    FOR EACH ROW WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION access_sent_messages_stay();
"""
OFF = """
DROP TRIGGER sent_messages_stay ON access_message;
DROP FUNCTION access_sent_messages_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0030_message_ledger")]

    operations = [migrations.RunSQL(ON, OFF)]
