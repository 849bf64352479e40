import gc
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Brings the database up to date: migrations and, in demonstration mode, its people."

    def handle(self, *args: Any, **options: Any) -> None:
        # Models as they were before each migration refer to themselves: looked through for rubbish as often as Python
        # does by itself, a new database takes a quarter longer.
        gc.set_threshold(100_000, 50, 50)
        call_command("migrate", verbosity=0, interactive=False)
        if settings.DEMONSTRATION:
            call_command("seed_demo", if_empty=True, without_borough=True, stdout=self.stdout)
