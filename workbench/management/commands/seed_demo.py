from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from deadlines import clock
from team.models import User
from workbench.demonstration import ACCOUNTS
from workbench.loading import EVERY, lend_a_supervisor, load_accounts, load_mail, load_referrals


class Command(BaseCommand):
    help = "Loads the demonstration borough into an empty database, through the same actions as the pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing, quietly, when anybody is there")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Demonstration people are only for demonstration mode (cait.settings.dev).")
        if User.objects.people().exists():
            if options["if_empty"]:
                return
            raise CommandError("There are accounts already. `make reset` throws the demonstration data away.")
        with transaction.atomic():
            load_accounts(clock.today())
            lend_a_supervisor(clock.today())
            load_referrals(clock.now())
            load_mail(clock.now())
        self.stdout.write(f"Loaded {len(ACCOUNTS)} invented officers and {len(EVERY)} invented referrals.")
