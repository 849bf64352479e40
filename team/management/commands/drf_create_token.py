from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from team.actions import give_token, withdraw_tokens
from team.models import User
from team.queries import tokens_of


class Command(BaseCommand):
    help = (
        "Gives a program a token with which it acts as an account, for a year. Prints it, once: it is kept nowhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "-r", "--reset", action="store_true", help="withdraw the tokens that the account has, first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.system()
        user = User.objects.people().filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account with the user name “{options['username']}”.")
        try:
            with transaction.atomic():
                if options["reset"] and tokens_of(user):
                    withdraw_tokens(user, by=by)
                token = give_token(user, by=by)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(f"Generated token {token} for user {user.username}")
