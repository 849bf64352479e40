from django.db import migrations

from audit.append_only import only_added

# What was signed stays, whoever asks: the report, and each of the facts that it counts. Facts come and go by tens of
# thousands, so those of one statement are looked at together.
SIGNED = """
CREATE FUNCTION oversight_refuse_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A monthly report that was signed never changes; % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION oversight_refuse_signed_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM oversight_monthlyreport
        WHERE state = 'signed' AND id IN (SELECT report_id FROM changed)
    ) THEN
        RAISE EXCEPTION 'The facts of a monthly report that was signed stay; % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION oversight_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM oversight_monthlyreport WHERE state = 'signed') THEN
        RAISE EXCEPTION 'Monthly reports that were signed stay; % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER signed_stays BEFORE UPDATE OR DELETE ON oversight_monthlyreport
    FOR EACH ROW WHEN (OLD.state = 'signed') EXECUTE FUNCTION oversight_refuse_signed();
CREATE TRIGGER signed_not_emptied BEFORE TRUNCATE ON oversight_monthlyreport
    FOR EACH STATEMENT EXECUTE FUNCTION oversight_refuse_emptying();
CREATE TRIGGER signed_not_added_to AFTER INSERT ON oversight_reportfact
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION oversight_refuse_signed_facts();
CREATE TRIGGER signed_not_changed AFTER UPDATE ON oversight_reportfact
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION oversight_refuse_signed_facts();
CREATE TRIGGER signed_not_put_elsewhere AFTER UPDATE ON oversight_reportfact
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION oversight_refuse_signed_facts();
CREATE TRIGGER signed_not_deleted AFTER DELETE ON oversight_reportfact
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION oversight_refuse_signed_facts();
CREATE TRIGGER signed_not_emptied BEFORE TRUNCATE ON oversight_reportfact
    FOR EACH STATEMENT EXECUTE FUNCTION oversight_refuse_emptying();
ALTER TABLE oversight_monthlyreport ENABLE ALWAYS TRIGGER signed_stays;
ALTER TABLE oversight_monthlyreport ENABLE ALWAYS TRIGGER signed_not_emptied;
ALTER TABLE oversight_reportfact ENABLE ALWAYS TRIGGER signed_not_added_to;
ALTER TABLE oversight_reportfact ENABLE ALWAYS TRIGGER signed_not_changed;
ALTER TABLE oversight_reportfact ENABLE ALWAYS TRIGGER signed_not_put_elsewhere;
ALTER TABLE oversight_reportfact ENABLE ALWAYS TRIGGER signed_not_deleted;
ALTER TABLE oversight_reportfact ENABLE ALWAYS TRIGGER signed_not_emptied
"""
TAKEN_AWAY = """
DROP FUNCTION oversight_refuse_signed() CASCADE;
DROP FUNCTION oversight_refuse_signed_facts() CASCADE;
DROP FUNCTION oversight_refuse_emptying() CASCADE
"""


class Migration(migrations.Migration):
    """A monthly report that was signed stays as it is, and so does what is known of how each became so."""

    dependencies = [("oversight", "0002_what_changed")]

    operations = [
        migrations.RunSQL(SIGNED, TAKEN_AWAY),
        only_added("oversight_historicalmonthlyreport"),
    ]
