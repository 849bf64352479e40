"""The mail server is away, or CAIT falls over between handing an email over and writing that down."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Any

from diary.queries import trouble
from tests.faults.middle import told
from tests.faults.parts import (
    SEND,
    Programs,
    heartbeat,
    mail_is_sent,
    move_clock,
    number,
    recovered,
    rows,
    set_clock,
    swept_again,
    the_time,
    wake,
)
from tests.faults.whole import all_is_as_it_should_be, what_fell_is_raised
from tests.faults.world import DAY, HOUR, MADE, MINUTE
from tests.integration.cait.processes import eventually
from tests.integration.diary.mail_server import MailServer

WAITING = "SELECT count(*) FROM diary_mail WHERE state = 'queued'"
# The steps of what is neither held back nor answered meanwhile.
NOT_STOPPED = (
    "SELECT step.id FROM diary_step AS step JOIN diary_duty AS duty ON duty.id = step.duty_id JOIN diary_chase AS "
    "chase ON chase.duty_id = duty.id WHERE duty.held_at IS NULL AND chase.state = 'running'"
)


def test_15_the_mail_server_is_away(few: str, programs: Programs, sink: MailServer) -> None:
    """Duties are raised all the same; emails wait, whoever can ring instead is told, and each goes once."""
    sink.stop()
    set_clock(MADE + 15 * DAY)
    worker = programs.worker()
    recovered()
    assert "The mail server does not answer" in worker.said()
    assert number(WAITING + " AND tries > 0 AND problem <> ''") > 0
    assert number("SELECT count(*) FROM diary_step WHERE number = 1") > 0
    assert trouble(None, now=the_time()).delayed == 0
    what_fell_is_raised()
    move_clock(16 * MINUTE)
    recovered()
    assert trouble(None, now=the_time()).delayed == number(f"{WAITING} AND step_id IN ({NOT_STOPPED})") > 4
    before = told()
    move_clock(8 * DAY)
    recovered()
    assert told() > before
    what_fell_is_raised()
    assert sink.received == []
    assert number("SELECT count(*) FROM diary_mail WHERE state = 'sent'") == 0

    sink.start()
    move_clock(HOUR)  # the longest that a try waits for the next
    recovered()
    recovered()
    going = rows("SELECT message_id FROM diary_mail WHERE state = 'sent' ORDER BY 1")
    # Of the request and the chases that fell meanwhile only the last goes.
    assert len(going) == number(
        "SELECT count(DISTINCT step.duty_id) FROM diary_mail JOIN diary_step step ON "
        "step.id = step_id WHERE diary_mail.state = 'sent'"
    )
    assert len(going) > 4
    all_is_as_it_should_be(sink)


class StopsBeforeItAnswers(MailServer):
    """It has taken the first email, and has not said so yet, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        said = await super().handle_DATA(server, session, envelope)
        while not self.go.is_set():
            await asyncio.sleep(0.05)
        return said


def test_15_a_crash_comes_between_an_email_and_its_being_written_down(few: str, programs: Programs) -> None:
    """It goes again, with the same Message-ID, by which a mail program knows it: rather twice than not at all."""
    server = StopsBeforeItAnswers()
    server.start()
    programs.mail_port = server.port
    try:
        worker = programs.worker()
        swept_again()
        wake(SEND)
        eventually(lambda: len(server.received) == 1)
        (crashed,) = (str(message["Message-ID"]) for message in server.received)
        assert number("SELECT count(*) FROM diary_mail WHERE state = 'sent'") == 0
        for child in worker.children():
            os.kill(child, signal.SIGKILL)
        server.go.set()
        before = heartbeat()
        recovered()
        mail_is_sent()
        assert heartbeat() != before
        arrived = [str(message["Message-ID"]) for message in server.received]
        assert arrived.count(crashed) == 2
        all_is_as_it_should_be(server, crashed_between=[crashed])
    finally:
        server.go.set()
        server.stop()
