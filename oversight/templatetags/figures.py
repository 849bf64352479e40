"""How a figure stands on a page. In Python, not in templates: a page of all teams has hundreds.

Wherever a number stands that counts something it is a link to what it counts; a percentage has its numbers with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString

from conferences.figures import ENOUGH
from oversight import charts
from oversight.dashboards import LONGER, Figure, Series
from pages import words

register = template.Library()

NONE = SafeString('<span class="cait-soft">none</span>')


def _html(made: str) -> SafeString:
    """What is written here escapes itself whatever is not our own: `format_html` took a third of a page."""
    return SafeString(made)


def _link(figure: Figure, number: int, which: str, said: str) -> SafeString:
    """`said` is escaped already; of an address that is encoded only "&" is left to be."""
    address = figure.listed(which).replace("&", "&amp;")
    return _html(
        f'<a class="govuk-link" href="{address}">{number:,}<span class="govuk-visually-hidden"> {said}</span></a>'
    )


@lru_cache(maxsize=2000)
def _escaped(words: str) -> str:
    """A page has the same few names and months hundreds of times."""
    return escape(words)


def _said(figure: Figure, about: str = "") -> str:
    """What tells the link of a number from the others of its page, for whoever hears them one by one."""
    where = figure.team.name if figure.team else "all teams"
    return ", ".join([_escaped(each) for each in (figure.measure.name, about, figure.when, where) if each])


@register.simple_tag
def counted(figure: Figure, about: str = "") -> SafeString:
    """{% counted figure %}: the number alone; of a share of those that were so."""
    said = _said(figure, about)
    if not figure.is_share:
        return _link(figure, figure.counted, "", said)
    return _link(figure, figure.counted, "counted", f"{_escaped(figure.measure.was or 'so')}: {said}")


@register.simple_tag
def counted_of(figure: Figure, about: str = "") -> SafeString:
    """{% counted_of figure %}: of a share of how many."""
    return _link(figure, figure.of, "", f"{_escaped(figure.measure.of or 'in all')}: {_said(figure, about)}")


@register.simple_tag
def numbers(figure: Figure, about: str = "") -> SafeString:
    """{% numbers series.now name %}: "19 of 20"; never a percentage, where many stand beside each other."""
    if not figure.is_share:
        return counted(figure, about)
    if not figure.of:
        return NONE
    return _html(f"{counted(figure, about)} of {counted_of(figure, about)}")


@register.simple_tag
def counts(figure: Figure | None, about: str = "", inline: bool = False) -> SafeString | str:
    """{% counts series.now %}: "1,050"; "95%" with "19 of 20" below it, or `inline` after it; "4 of 5"; "none". Each
    number leads to its list. `about`: what else tells it from the others of the page, such as the name of a part."""
    if figure is None:
        return ""
    said = numbers(figure, about)
    if not figure.is_share or figure.of < ENOUGH:
        return said
    if inline:
        return _html(f"{figure.per_cent}% ({said})")
    return _html(f'{figure.per_cent}% <span class="cait-sub">{said}</span>')


@register.simple_tag
def said_of(series: Series) -> SafeString:
    """{% said_of series %}: whether it has changed, with a shape before what has; red where it has to the worse."""
    kind = _marked(series) if series.changed else "cait-soft"
    return _html(f'<span class="{kind}">{_escaped(series.finding)}</span>')


def _marked(series: Series) -> str:
    higher = series.changed is not None and series.changed.higher
    kind = "cait-change cait-change--higher" if higher else "cait-change cait-change--lower"
    return f"{kind} cait-change--worse" if series.worse else kind


@register.simple_tag
def spark(series: Series) -> SafeString | str:
    """{% spark series %}: thirteen months as a small line; nothing where they are not known."""
    it = charts.spark_of(series)
    if it is None:
        return ""
    mean = f'<path class="c-mean" d="{it.mean}" fill="none" stroke="#858686" stroke-width="1"/>' if it.mean else ""
    line = f'<path class="c-line" d="{it.line}" fill="none" stroke="#0b0c0c" stroke-width="2.5"/>' if it.line else ""
    return _html(
        f'<svg class="cait-spark" viewBox="0 0 {it.width} {it.height}" width="{it.width}" height="{it.height}"'
        ' aria-hidden="true" focusable="false" xmlns="http://www.w3.org/2000/svg">'
        f'{mean}{line}<circle class="c-dot" cx="{it.x}" cy="{it.y}" r="4" fill="#0b0c0c"/></svg>'
    )


@register.filter
def took(minutes: int | None) -> str:
    """{{ fact.minutes|took }}: "20 minutes"; "5 hours"; "12 days". Empty where it is not known."""
    if minutes is None:
        return ""
    if minutes >= LONGER:
        return "most were late"
    if minutes < 120:
        return words.count(max(minutes, 0), "minute")
    return words.count(minutes // 60, "hour") if minutes < 48 * 60 else words.count(minutes // (24 * 60), "day")


def _cut(finding: str) -> tuple[str, str]:
    """ "Higher than usual" and "since May 2009"."""
    usual = "usual"
    before, _, after = finding.partition(f"{usual} ")
    return before + usual, after


# The shape says whether it is higher or lower; the words of it are heard.
def _mark(series: Series) -> str:
    how, since = _cut(_escaped(series.finding))
    return (
        f' <span class="cait-sub"><span class="{_marked(series)}">'
        f'<span class="govuk-visually-hidden">{how} </span>{since}</span></span>'
    )


def team_cells(of_teams: Sequence[Series]) -> SafeString:
    """The foremost figure of each team, and whether it is more than chance there."""
    cells = []
    for series in of_teams:
        figure = series.foremost
        act = ' class="cait-figure--act"' if figure.short else ""
        mark = _mark(series) if series.changed else ""
        cells.append(f'<td role="cell" data-label="{_escaped(str(series.team))}"{act}>{counts(figure)}{mark}</td>')
    return _html("".join(cells))


@register.simple_tag
def part_cells(past: Sequence[Figure], name: str) -> SafeString:
    """{% part_cells past name %}: the months of one part of a measure."""
    cells = (
        f'<td role="cell" class="cait-num" data-label="{_escaped(each.when)}">{numbers(each, name)}</td>'
        for each in past
    )
    return _html("".join(cells))
