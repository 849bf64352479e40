import csv
from datetime import date
from pathlib import Path

from django.db import migrations

ROWS = Path(__file__).parent.parent / "data" / "bank_holidays_2004_2028.csv"


def _rows():
    with ROWS.open(encoding="utf-8", newline="") as file:
        return [(date.fromisoformat(row["on"]), row["name"]) for row in csv.DictReader(file)]


def enter(apps, schema_editor):
    bank_holiday = apps.get_model("deadlines", "BankHoliday")
    bank_holiday.objects.bulk_create(bank_holiday(on=on, name=name) for on, name in _rows())


def take_out(apps, schema_editor):
    apps.get_model("deadlines", "BankHoliday").objects.filter(on__in=[on for on, _ in _rows()]).delete()


class Migration(migrations.Migration):
    """England and Wales, as listed on https://www.gov.uk/bank-holidays; before 2012 as proclaimed."""

    dependencies = [("deadlines", "0002_reference_tables")]

    operations = [migrations.RunPython(enter, take_out)]
