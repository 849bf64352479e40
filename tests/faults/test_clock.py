"""Days in which nothing ran, a clock that was wrong, and the days on which days are counted wrongly."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest
from django.core.mail import EmailMessage as Outgoing
from django.db import connection

from deadlines.clock import LONDON, london_date
from diary.models import Waker
from diary.outbox import send_due
from diary.sweep import dates_checked, sweep
from tests.faults.middle import told
from tests.faults.parts import Programs, heartbeat, number, recovered, rows, set_clock, the_time
from tests.faults.whole import all_is_as_it_should_be, what_fell_is_raised
from tests.faults.world import DAY, HOUR, LATE, MADE, MINUTE, make_records
from tests.integration.cait.processes import eventually
from tests.integration.diary.mail_server import MailServer


def digests_that_arrived(sink: MailServer) -> set[str]:
    """Of which days: 20091202."""
    ids = [str(message["Message-ID"]) for message in sink.received]
    return {each.partition("@")[0].rpartition(".")[2] for each in ids if each.startswith("<digest.")}


def test_09_three_days_down(many: str, programs: Programs, sink: MailServer) -> None:
    late_from = rows("SELECT late_from FROM diary_duty GROUP BY late_from HAVING count(*) >= %s", LATE)[0][0]
    stopped = datetime.combine(london_date(late_from - HOUR), datetime.min.time(), LONDON) + 7 * HOUR
    back = stopped + 3 * DAY
    set_clock(stopped)
    sink.stop()  # that day's emails are written, and cannot go
    worker = programs.worker()
    recovered()
    assert sink.received == []
    written = number("SELECT count(*) FROM diary_digest WHERE state = 'queued'")
    assert written > 0
    worker.end()
    before, last = told(), heartbeat()
    assert last is not None

    sink.start()
    set_clock(back)
    assert dates_checked().stale
    programs.worker()
    programs.beat()  # which wakes the sweep by itself
    eventually(lambda: heartbeat() != last)
    assert told() >= before + LATE
    eventually(lambda: number('SELECT count(*) FROM diary_digest WHERE "on" = %s', london_date(back)) > 0)
    recovered()
    # One notice to the inspector of each team in which something became late meanwhile.
    outages = rows("SELECT team_id, to_role, to_person_id, since FROM diary_notice WHERE kind = 'outage' ORDER BY 1")
    between = "SELECT DISTINCT team_id FROM diary_duty WHERE late_from > %s AND late_from <= %s ORDER BY 1"
    assert [team for team, *_ in outages] == [team for (team,) in rows(between, last, back)]
    assert len(outages) == 2
    assert {tuple(each) for _, *each in outages} == {("inspector", None, last)}
    # Of the day on which they could not go, and of the days in which nothing ran, nobody gets an email.
    assert {on for (on,) in rows('SELECT "on" FROM diary_digest')} == {london_date(stopped), london_date(back)}
    assert digests_that_arrived(sink) == {f"{london_date(back):%Y%m%d}"}
    missed = "SELECT count(*) FROM diary_digest WHERE \"on\" = %s AND text <> '' AND state <> 'sent'"
    assert number(missed, london_date(stopped)) == written
    all_is_as_it_should_be(sink)


def test_10_the_clock_is_two_days_ahead_and_is_set_right(few: str, programs: Programs, sink: MailServer) -> None:
    right = MADE + 13 * DAY + HOUR  # the first chase is due tomorrow
    set_clock(right)
    programs.worker()
    recovered()
    before = told()
    set_clock(right + 2 * DAY)
    recovered()
    ahead = the_time()
    assert told() > before
    assert number("SELECT count(*) FROM diary_step WHERE number = 1") > 0
    set_clock(right + 20 * MINUTE)
    # A heartbeat from the future proves nothing.
    assert dates_checked().stale
    recovered()
    assert not dates_checked().stale
    all_is_as_it_should_be(sink, fallen_by=ahead)
    after = told()
    set_clock(right + DAY)  # within what was told of already
    recovered()
    assert told() == after
    all_is_as_it_should_be(sink, fallen_by=ahead)
    set_clock(right + 10 * DAY)
    recovered()
    assert told() > after
    all_is_as_it_should_be(sink)


# Of each the first London day, how many days, and how many hours they have.
DAYS = {
    "the night on which the clocks go forward": (date(2010, 3, 27), 2, 47),
    "the night on which they go back": (date(2010, 10, 30), 2, 49),
    "29 February": (date(2012, 2, 28), 3, 72),
    "Christmas to New Year": (date(2009, 12, 24), 9, 216),
}


@pytest.mark.parametrize("when", DAYS)
def test_11_every_hour_of_strange_days(blank: str, when: str) -> None:
    """What fell within the hour is raised by the end of it: neither an hour late nor a day early."""
    first, days, hours = DAYS[when]
    begins = datetime.combine(first, datetime.min.time(), LONDON).astimezone(UTC)
    ends = datetime.combine(first + days * DAY, datetime.min.time(), LONDON).astimezone(UTC)
    assert (ends - begins) / HOUR == hours
    # The first chase, fourteen days after the decision, falls within them; at Christmas the second too.
    make_records(datetime.combine(first + DAY - 14 * DAY, datetime.min.time(), LONDON) + 10 * HOUR + 20 * MINUTE)
    set_clock(begins - 12 * HOUR)
    sink = MailServer()
    pass_of_the_diary(sink)
    before = told()
    chases = number("SELECT count(*) FROM diary_step WHERE number > 0")
    for hour in range(hours + 1):
        set_clock(begins + hour * HOUR)
        pass_of_the_diary(sink)
        what_fell_is_raised()
    assert told() > before
    assert number("SELECT count(*) FROM diary_step WHERE number > 0") > chases
    # One email a day to each, on days of 23, 24 and 25 hours.
    assert {times for (times,) in rows('SELECT count(*) FROM diary_digest GROUP BY "on"')} == {3}
    assert number('SELECT count(DISTINCT "on") FROM diary_digest') == days + 1
    all_is_as_it_should_be(sink)


def pass_of_the_diary(sink: MailServer) -> None:
    """As `manage.py sweep` makes it, hundreds of times, and so within this process."""

    def deliver(message: Outgoing) -> None:
        arrived = EmailMessage()
        arrived["Message-ID"] = message.extra_headers["Message-ID"]
        sink.received.append(arrived)

    with contextlib.closing(connection):
        sweep(woken_by=Waker.COMMAND)
        send_due(deliver)
