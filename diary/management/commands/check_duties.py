import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from cases.models import Case
from diary.checking import Finding, check_everything, findings_of


class Command(BaseCommand):
    help = (
        "Works out from the records alone which duties should be there, and prints each that is missing, there twice "
        "or wrong. Changes nothing. Exit code 1 where there is any."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        looked_at = wrong = 0
        for count, found in check_everything():
            looked_at += count
            for case in sorted({each.case for each in found}):
                for finding in _again(case):
                    wrong += 1
                    self.stdout.write(f"{finding.number}  {finding.words}")
        records = "1 record" if looked_at == 1 else f"{looked_at:,} records"
        if wrong:
            self.stdout.write(f"{wrong:,} wrong, on {records} that were checked.")
            sys.exit(1)
        self.stdout.write(f"Every duty is there, once and with the right date: {records} checked.")


def _again(pk: int) -> Iterable[Finding]:
    """Once more, while nobody writes on the record: what was just being written is not wrong."""
    with transaction.atomic():
        return findings_of(Case.objects.select_for_update(of=("self",), no_key=True).get(pk=pk))
