from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils import timezone

NOTE = "triaged before CAIT asked for decisions, so due at once"


def raise_duties(apps, schema_editor):
    """What was triaged before decisions were recorded must be decided too: due at once, so that somebody sees it."""
    referral = apps.get_model("referrals", "Referral")
    duty, line = apps.get_model("diary", "Duty"), apps.get_model("diary", "HistoricalDuty")
    already = duty.objects.filter(case=OuterRef("case"), kind="decision", state="open")
    rows = referral.objects.filter(~Exists(already), progress="triaged", case__state="open").select_related("case")
    if not rows.exists():
        return
    system, _ = apps.get_model("team", "User").objects.get_or_create(
        username="cait", defaults={"family_name": "CAIT", "is_active": False, "password": "!"}
    )
    london = ZoneInfo("Europe/London")
    today = timezone.now().astimezone(london).date()
    late_from = datetime.combine(today + timedelta(days=1), time.min, tzinfo=london).astimezone(ZoneInfo("UTC"))
    for each in rows.iterator(500):
        started = each.triaged_at.astimezone(london).date()
        why = {
            "rule": "DECISION",
            "name": "decision on a referral",
            "source": "HMIC 2010, AFI 2; CAIT default",
            "value": 0,
            "clock": "working_days",
            "direction": "after",
            "event": "triage",
            "started": started.isoformat(),
            "counted": started.isoformat(),
            "left_out": [],
            "notes": [NOTE],
        }
        due = {
            "due_on": today.isoformat(),
            "late_from": late_from.isoformat(),
            "due_at": None,
            "do_by": None,
            "short_notice": False,
            "why": why,
        }
        fields = {
            "case_id": each.case_id,
            "team_id": each.case.team_id,
            "kind": "decision",
            "cycle": duty.objects.filter(case=each.case_id, kind="decision").count(),
            "owner_role": "desk_sergeant",
            "due_on": today,
            "late_from": late_from,
            "due": due,
            "raised_at": timezone.now(),
        }
        row = duty.objects.create(**fields)
        line.objects.create(
            id=row.pk, **fields, history_date=timezone.now(), history_type="+", history_user_id=system.pk
        )


def undecide(apps, schema_editor):
    """Before decisions were recorded a referral was triaged at the most."""
    apps.get_model("referrals", "Referral").objects.filter(progress="decided").update(progress="triaged")


class Migration(migrations.Migration):
    """Referrals that were triaged before there were decisions: each gets its duty."""

    dependencies = [("referrals", "0002_deciding"), ("diary", "0003_chasing"), ("team", "0002_cache_table")]

    operations = [migrations.RunPython(raise_duties, undecide)]
