from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import engines
from django.utils import formats

from deadlines.clock import LONDON
from deadlines.enums import Clock
from deadlines.rule import Rule
from pages import words

TODAY = date(2010, 1, 14)
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("when", "written"),
    [
        (datetime(2009, 12, 2, 15, 20, tzinfo=UTC), "2 December 2009, 3:20pm"),
        (datetime(2009, 12, 2, 15, 0, tzinfo=UTC), "2 December 2009, 3pm"),
        (datetime(2009, 12, 2, 12, 0, tzinfo=UTC), "2 December 2009, midday"),
        (datetime(2009, 12, 2, 0, 0, tzinfo=UTC), "2 December 2009, midnight"),
        (datetime(2009, 12, 2, 0, 5, tzinfo=UTC), "2 December 2009, 12:05am"),
        (datetime(2009, 12, 2, 12, 30, tzinfo=UTC), "2 December 2009, 12:30pm"),
        # Summer: London is an hour ahead, and here on the next day.
        (datetime(2009, 6, 30, 23, 30, tzinfo=UTC), "1 July 2009, 12:30am"),
        # The night the clocks go back: the same hour twice.
        (datetime(2009, 10, 25, 0, 30, tzinfo=UTC), "25 October 2009, 1:30am BST"),
        (datetime(2009, 10, 25, 1, 30, tzinfo=UTC), "25 October 2009, 1:30am GMT"),
    ],
)
def test_a_moment_is_written_in_london_time(when: datetime, written: str) -> None:
    assert words.moment(when) == written


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        words.moment(datetime(2009, 12, 2, 15, 20))  # noqa: DTZ001


def test_days() -> None:
    assert words.day(date(2009, 12, 2)) == "2 December 2009"
    assert words.short_day(date(2009, 12, 2)) == "Wed 2 Dec 2009"
    assert words.day(datetime(2009, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2009"


@pytest.mark.parametrize(
    ("when", "written"),
    [
        (datetime(2010, 1, 14, 7, 44, tzinfo=UTC), "today at 7:44am"),
        (datetime(2010, 1, 13, 17, 42, tzinfo=UTC), "yesterday at 5:42pm"),
        (datetime(2010, 1, 12, 12, 0, tzinfo=UTC), "12 January 2010, midday"),
        (datetime(2010, 1, 15, 9, 0, tzinfo=UTC), "15 January 2010, 9am"),
    ],
)
def test_lately(when: datetime, written: str) -> None:
    assert words.lately(when, TODAY) == written


@pytest.mark.parametrize(
    ("days", "written"),
    [
        (-20, "20 days late"),
        (-1, "1 day late"),
        (0, "due today"),
        (1, "tomorrow"),
        (2, "in 2 days"),
        (1200, "in 1,200 days"),
    ],
)
def test_days_away(days: int, written: str) -> None:
    due = TODAY + timedelta(days=days)
    assert words.days_away(due, TODAY) == written
    assert words.days_away(due, NOW) == written
    assert words.days_away(NOW + timedelta(days=days), TODAY) == written
    assert words.is_late(due, TODAY) == words.is_late(due, NOW) == (days < 0)


@pytest.mark.parametrize(
    ("minutes", "written"),
    [
        (-0.5, "1 minute late"),
        (-20, "20 minutes late"),
        (-60, "1 hour late"),
        (-5 * 60, "5 hours late"),
        (-13 * 60, "13 hours late"),  # ran out yesterday at 11pm
        (-24 * 60, "1 day late"),
        (-50 * 60, "2 days late"),
        (0, "1 minute late"),  # from the minute it runs out
        (0.5, "due today, in 1 minute"),
        (5, "due today, in 5 minutes"),
        (119, "due today, in 1 hour"),
        (11 * 60, "due today, in 11 hours"),
        (12 * 60 - 1, "due today, in 11 hours"),
        (13 * 60, "tomorrow"),
    ],
)
def test_hours_away(minutes: float, written: str) -> None:
    due = NOW + timedelta(minutes=minutes)
    assert words.days_away(due, NOW) == written
    assert words.is_late(due, NOW) == ("late" in written)


def test_soon_after_midnight_is_told_in_hours() -> None:
    late = datetime(2010, 1, 14, 23, 50, tzinfo=LONDON)
    assert words.days_away(late + timedelta(minutes=30), late) == "in 30 minutes"
    assert words.days_away(late + timedelta(hours=13), late) == "tomorrow"


def test_late_is_the_same_on_a_page_and_in_the_diary() -> None:
    for hours in range(-100, 100):
        taken = NOW + timedelta(hours=hours)
        due = Rule(code="X", name="x", starts_with="x", clock=Clock.HOURS, source="x").count(taken, 72)
        assert due.due_at
        for moment in (due.due_at - timedelta(seconds=1), due.due_at, due.due_at + timedelta(seconds=1)):
            assert words.is_late(due.due_at, moment) == due.is_late(moment)


def test_late_in_words_is_late_in_colour_at_every_hour() -> None:
    for hours in range(-100, 100):
        due = NOW + timedelta(hours=hours)
        for reference in (NOW, TODAY):
            assert ("late" in words.days_away(due, reference)) == words.is_late(due, reference)


def test_counts() -> None:
    assert words.count(1, "day") == "1 day"
    assert words.count(0, "child", "children") == "0 children"
    assert render('{{ n|counted:"child,children" }}', n=2) == "2 children"
    assert render('{{ n|counted:"record" }}', n=1) == "1 record"


def test_filters_are_silent_where_nothing_is_known_yet() -> None:
    filters = ("day", "short_day", "moment", "time_of_day", "lately:t", "days_away:t")
    source = "".join(f"{{{{ x|{name} }}}}" for name in filters) + "{% due x t %}"
    assert render(source, x=None, t=TODAY) == ""
    assert render("{{ nothing|day }}") == ""


@pytest.mark.parametrize(
    ("due", "kind", "away"),
    [
        (date(2010, 1, 13), "late", "1 day late"),
        (date(2010, 1, 14), "today", "due today"),
        (date(2010, 1, 15), "later", "tomorrow"),
    ],
)
def test_due_says_in_words_what_it_shows(due: date, kind: str, away: str) -> None:
    assert render("{% due on today %}", on=due, today=TODAY) == (
        f'<span class="cait-nowrap">{words.day(due)}</span> <span class="cait-due cait-due--{kind}">{away}</span>'
    )


def test_due_of_a_moment_shows_its_time() -> None:
    html = render("{% due at now %}", at=NOW - timedelta(hours=2), now=NOW)
    assert "14 January 2010, 10am" in html
    assert "cait-due--late" in html
    assert "2 hours late" in html


def test_level_is_written_and_escaped() -> None:
    assert render("{{ l|level_tag }}", l="high") == '<span class="cait-level cait-level--high">High</span>'
    assert "No level yet" in render("{{ l|level_tag }}", l="")
    assert "<b>" not in render("{{ l|level_tag }}", l="<b>")


def test_older_and_newer_only_where_there_are_any() -> None:
    source = '{% include "components/older_newer.html" %}'
    assert render(source).strip() == ""
    html = render(source, older_url="?after=x&y=1")
    assert 'href="?after=x&amp;y=1"' in html
    assert "Newer" not in html


def test_dates_that_no_filter_writes_are_still_english() -> None:
    assert formats.date_format(date(2009, 12, 2)) == "2 December 2009"
    assert formats.localize_input(date(2009, 12, 2)) == "02/12/2009"


@pytest.mark.parametrize(
    ("minutes", "written"),
    [
        (0, "1 minute"),
        (1, "1 minute"),
        (59.9, "59 minutes"),
        (60, "1 hour"),
        (61, "1 hour 1 minute"),
        (96, "1 hour 36 minutes"),
        (120, "2 hours"),
        (179.9, "2 hours 59 minutes"),
        (180, "3 hours"),
        (239, "3 hours"),
        (48 * 60 - 1, "47 hours"),
        (48 * 60, "2 days"),
        (71 * 60, "2 days"),
        (-5, "1 minute"),
    ],
)
def test_how_long_something_waits(minutes: float, written: str) -> None:
    assert words.waiting(NOW - timedelta(minutes=minutes), NOW) == written
    template = "{% load words %}{{ since|waiting:now }}"
    assert render(template, since=NOW - timedelta(minutes=minutes), now=NOW) == written


def test_a_label_within_a_sentence() -> None:
    assert render("{% load words %}{{ 'Put on a record'|uncapitalised }}") == "put on a record"
