from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from deadlines import clock
from team.actions import add_account, add_team, give_role
from team.enums import Role, TeamKind
from team.models import Team, User


class Command(BaseCommand):
    help = "Adds an administrator, for an installation that has none yet. Prints the first password, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("family_name")
        parser.add_argument("--given-names", default="")
        parser.add_argument("--command-code", default="CMD", help="three capitals; used when there is no command yet")
        parser.add_argument("--command-name", default="Command", help="used when there is no command yet")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.system()
        try:
            with transaction.atomic():
                team = Team.objects.filter(kind=TeamKind.COMMAND).first() or add_team(
                    code=options["command_code"], name=options["command_name"], kind=TeamKind.COMMAND, by=by
                )
                user, password = add_account(
                    username=options["username"],
                    family_name=options["family_name"],
                    given_names=options["given_names"],
                    by=by,
                )
                give_role(user, team=team, role=Role.ADMINISTRATOR, from_on=clock.today(), by=by)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(f"{user} can sign in as {user.username} with the first password {password}")
