from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from deadlines import clock
from deadlines.calendar import add_months
from team.actions import add_account, add_team, change_password, give_role
from team.enums import Posting, Role, TeamKind
from team.models import Team, User
from workbench.demonstration import ACCOUNTS, COMMAND_TEAM, PASSWORD, TEAMS


class Command(BaseCommand):
    help = "Loads the demonstration people into an empty database, through the same actions as the pages."

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
            self._load(User.objects.system())
        self.stdout.write(f"Loaded {len(ACCOUNTS)} invented people.")

    def _load(self, by: User) -> None:
        teams: dict[str, Team] = {}
        for codes, kind in ((TEAMS, TeamKind.CAIT), (COMMAND_TEAM, TeamKind.COMMAND)):
            for code, name in codes.items():
                teams[code] = add_team(code=code, name=name, kind=kind, by=by)
        today = clock.today()
        for a in ACCOUNTS:
            user, _ = add_account(
                username=a.username,
                rank=a.rank,
                given_names=a.given_names,
                family_name=a.family_name,
                email=f"{a.username}@police.example",
                by=by,
            )
            change_password(user, password=PASSWORD, by=user)
            give_role(user, team=teams[a.team], role=Role(a.role), from_on=today.replace(month=1, day=1), by=by)
        give_role(
            User.objects.get(username="graham.oduya"),
            team=teams["HGY"],
            role=Role.SUPERVISOR,
            posting=Posting.LOAN,
            from_on=today.replace(day=1),
            to_on=add_months(today, 1),
            reason="Covers plan supervision while DS Petrie is away",
            by=by,
        )
