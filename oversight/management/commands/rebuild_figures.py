from typing import Any

from django.core.management.base import BaseCommand

from oversight.counting import rebuild
from oversight.dashboards import as_at


class Command(BaseCommand):
    help = (
        "Throws the summaries of the figures away and makes them anew from the records. They are brought up to date "
        "every minute without it; it is for when somebody doubts them. Who reads meanwhile reads the old ones."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        number = rebuild()
        records = "1 record" if number == 1 else f"{number:,} records"
        self.stdout.write(f"The figures are made anew from {records}.")
        if said := as_at().left_out_words:
            self.stdout.write(said)
