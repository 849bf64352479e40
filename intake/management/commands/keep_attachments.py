"""`keep_attachments [--missing]`: one pass over the attachments that are held, without Celery."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intake.enums import FileState
from intake.keeping import hold_missing, keep_held
from intake.models import Attachment
from pages.words import count


class Command(BaseCommand):
    help = "Take attachments out of their emails, see what they are, have them scanned, and keep those that pass."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--missing",
            action="store_true",
            help="first have those checked and kept again whose file is gone, as after a backup was restored",
        )

    def handle(self, *args: Any, missing: bool, **options: Any) -> None:
        if missing:
            self.stdout.write(f"{count(hold_missing(), 'file')} gone, to be kept again.")
        settled = keep_held()
        left = Attachment.objects.filter(state=FileState.HELD).count()
        self.stdout.write(f"{count(settled, 'attachment')} settled, {left:,} held.")
