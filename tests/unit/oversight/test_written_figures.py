"""How a figure stands on a page: what is not our own is escaped, and figures are made only where they are shown."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from deadlines.periods import months_until
from oversight.dashboards import Figure, Months, Series
from oversight.measures import BY_CODE, Measure
from oversight.templatetags.figures import counts, part_cells, said_of, spark, team_cells
from team.models import Team

MONTHS = months_until(date(2009, 12, 1), 13)
SHARE, NUMBER = BY_CODE["attendance"], BY_CODE["overdue"]
TEAM = Team(code="H&Y", name='<Haringey> & "Tottenham\'s"')


def a_series(measure: Measure, numbers: list[tuple[int, int]], part: str | None = None) -> Series:
    months = Months(measure, numbers, MONTHS, TEAM, part)
    return Series(measure, months, Figure(measure, *numbers[-1], None, TEAM, part), TEAM)


@pytest.mark.parametrize("numbers", [(19, 20), (4, 5), (0, 0)])
def test_what_is_not_our_own_is_escaped(numbers: tuple[int, int]) -> None:
    """Names of teams and of parts, in words and in addresses."""
    name = '<i>Else & "so"\'s'
    series = a_series(SHARE, [numbers] * 12 + [(0, 20)], part='"<&')
    written = [counts(series.months[0], name), part_cells(series.months[:2], name), team_cells([series])]
    tags = re.findall(r"<[^>]*>", "".join(written))
    assert {re.split(r"[ >]", tag)[0] for tag in tags} <= {"<a", "</a", "<span", "</span", "<td", "</td"}
    assert re.sub(r"&(amp|lt|gt|quot|#x27);", "", "".join(written)).count("&") == 0
    assert f'data-label="{TEAM.name}"' in unescape(written[2])
    if numbers != (0, 0):
        assert f"{SHARE.name}, {name}, December 2008, {TEAM.name}</span>" in unescape(written[0])
        assert 'href="/oversight/measures/attendance/records/?team=H%26Y&amp;part=%22%3C%26&amp;month=' in written[0]


def test_a_figure_of_a_month_is_the_same_however_it_is_asked_for() -> None:
    """Months that are bare numbers are read like a list of figures, and say the same of a series."""
    for measure in (SHARE, NUMBER):
        numbers = [(9, 10), (5, 5), *[(10, 10)] * 10, (2, 30)]
        bare = a_series(measure, numbers)
        figures = [Figure(measure, *each, month, TEAM) for each, month in zip(numbers, MONTHS, strict=True)]
        listed = Series(measure, figures, bare.now, TEAM)
        assert list(bare.months) == figures
        assert bare.months[::-1] == figures[::-1]
        assert (bare.last, bare.year_before, bare.foremost) == (listed.last, listed.year_before, listed.foremost)
        assert bare.values == listed.values
        assert (bare.finding, bare.worse, bare.beyond) == (listed.finding, listed.worse, listed.beyond)
        assert (said_of(bare), spark(bare)) == (said_of(listed), spark(listed))
        with pytest.raises(IndexError):
            bare.months[13]


def test_whether_there_is_anything_is_told_of_all_months_and_of_now() -> None:
    nothing = [(0, 0)] * 13
    assert not a_series(NUMBER, nothing).anything
    assert a_series(NUMBER, [(1, 1), *nothing[1:]]).anything
    now = Figure(NUMBER, 1, 1, None, TEAM)
    assert Series(NUMBER, Months(NUMBER, nothing, MONTHS, TEAM, None), now, TEAM).anything
