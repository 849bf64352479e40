"""The database of yesterday is restored: what has fallen since is raised, and no email gets another name."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.db import connection

from cait import embedded
from diary.models import Duty
from tests.factories.deciding import an_answer, an_open_update, judged
from tests.factories.referrals import a_case
from tests.faults.parts import Programs, database, drop_database, number, recovered, run_sql, set_clock, swept_again
from tests.faults.whole import all_is_as_it_should_be, what_fell_is_raised
from tests.faults.world import DAY, HOUR, MADE, MINUTE
from tests.integration.diary.mail_server import MailServer


def run_program(name: str, *words: str) -> None:
    where = ["--host", str(embedded.socket_folder(settings.DATA)), "--username", "cait"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    command = [embedded.postgres_program(name), *where, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_18_yesterday_s_backup_is_restored(few: str, programs: Programs, sink: MailServer, tmp_path: Path) -> None:
    """As deploy/README.md says it is made and restored."""
    name, dump = database(), str(tmp_path / "cait.dump")
    yesterday = MADE + 13 * DAY + 12 * HOUR
    set_clock(yesterday)
    worker = programs.worker()
    recovered()
    # A request is written and has not gone when the backup is made.
    an_open_update()
    connection.close()
    run_program("pg_dump", "--format", "custom", "--file", dump, name)
    before = number("SELECT count(*) FROM diary_step WHERE number = 1")

    # A day's work, and the first chases: all that is lost.
    set_clock(yesterday + DAY + 20 * MINUTE)
    a_case()
    answered = Duty.objects.filter(kind="update", state="open", chase__state="running", held_at=None).first()
    assert answered is not None
    judged(an_answer(answered.case))
    connection.close()
    recovered()
    assert number("SELECT count(*) FROM diary_step WHERE number = 1") > before
    of_yesterday = Counter(str(message["Message-ID"]) for message in sink.received)
    worker.end()

    connection.close()
    drop_database(name)
    run_sql(f'CREATE DATABASE "{name}"', name="postgres")
    run_program("pg_restore", "--exit-on-error", "--dbname", name, dump)
    assert number("SELECT count(*) FROM diary_step WHERE number = 1") == before
    set_clock(yesterday + DAY + HOUR)
    programs.worker()
    swept_again()
    what_fell_is_raised()
    recovered()
    arrived = Counter(str(message["Message-ID"]) for message in sink.received)
    twice = {which for which, times in arrived.items() if times > 1}
    # What went after the backup goes again, and nobody takes it for something new.
    assert set(of_yesterday) <= set(arrived)
    assert twice
    chases = {which for which in arrived if which.endswith(f".1@{settings.MAIL_FROM.rpartition('@')[2]}>")}
    assert chases & twice
    assert max(arrived.values()) == 2
    # The one who has answered is chased again until the answer is written down again.
    again = Duty.objects.get(pk=answered.pk)
    assert again.state == "open"
    judged(an_answer(again.case))
    connection.close()
    recovered()
    all_is_as_it_should_be(sink, crashed_between=twice)
