from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from deadlines import clock
from team.models import User
from workbench import borough
from workbench.borough_filled import filled
from workbench.demonstration import ACCOUNTS
from workbench.loading import EVERY, load_mail, load_referrals, logged_when
from workbench.loading_people import load_people
from workbench.past import keep_free

# Whoever looks at the demonstration while it is filled in comes first.
NICE = 15
# So many open records of those that were copied are checked.
SAMPLE = 500


class Command(BaseCommand):
    help = (
        "Loads the demonstration borough into an empty database, through the same actions as the pages: first what "
        "is made by hand, then two years of the borough, newest first. Broken off, it goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing, quietly, when anybody is there")
        parser.add_argument(
            "--without-borough", action="store_true", help="only what is made by hand; the rest comes with --go-on"
        )
        parser.add_argument(
            "--go-on",
            action="store_true",
            help="only go on filling in the borough; nothing, quietly, where there is none",
        )
        parser.add_argument(
            "--cases", type=int, metavar="N", help="for benchmarks: so many records instead, copied in bulk"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Demonstration people are only for demonstration mode (cait.settings.dev).")
        if options["go_on"]:
            self._fill(aloud=False)
            return
        if User.objects.people().exists():
            if options["if_empty"]:
                return
            found = filled()
            if options["cases"] or options["without_borough"] or found is None or found.is_whole:
                raise CommandError("There are accounts already. `make reset` throws the demonstration data away.")
            self._fill()
            return
        if options["cases"]:
            self._copy(options["cases"])
            return
        self._load()
        if not options["without_borough"]:
            self._fill()

    def _load(self) -> None:
        """What is made by hand, and the plan of the rest."""
        with transaction.atomic():
            now = clock.now()
            load_people(clock.today())
            begun = borough.begin(now, logged_when(now))
            load_referrals(now, begun.numbers)
            keep_free(begun.last)
            load_mail(now)
        self.stdout.write(f"Loaded {len(ACCOUNTS)} invented officers and {len(EVERY)} invented referrals.")

    def _fill(self, *, aloud: bool = True) -> None:
        """The rest, until it is whole."""
        found = filled()
        if found is None:
            return
        os.nice(NICE)
        if not found.is_whole:
            self.stdout.write(f"Filling in the demonstration: {found.words}")

        def say(words: str) -> None:
            if aloud:
                self.stdout.write(f"Filling in the demonstration: {words}")

        after = borough.go_on(say)
        if after is None:
            self.stdout.write("The demonstration is being filled in already.")
        elif after.is_whole and not found.is_whole:
            self.stdout.write(f"The demonstration is whole: {after.words}.")

    def _copy(self, cases: int) -> None:
        """Very many records for benchmarks, and whether a sample of them is as the check of duties wants it."""
        from workbench import bulk  # so that whoever only goes on does not wait for it

        filled_in = bulk.fill(cases, self.stdout.write)
        looked_at, wrong = bulk.wrong_in_a_sample(SAMPLE)
        for each in wrong:
            self.stdout.write(each)
        if wrong:
            raise CommandError(f"{len(wrong)} wrong, on {looked_at} records that were checked.")
        self.stdout.write(f"{filled_in.cases:,} records. Every duty is right on the {looked_at} that were checked.")
