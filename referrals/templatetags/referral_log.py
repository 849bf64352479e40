"""The rows of the log. In Python, not in the page's template: a page has fifty, and they took a third of its time."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from diary.sweep import DatesChecked
from pages.templatetags.words import due
from referrals.queries import Line

register = template.Library()

# Without spaces between the cells, as the template has none that show.
ROW = (
    '<tr role="row">'
    '<td role="cell" data-label="URN" class="cait-nowrap">{} <span class="cait-sub">{}</span></td>'
    '<td role="cell" data-label="Received">{}</td>'
    '<th scope="row" role="rowheader"><a class="govuk-link" href="{}">{}</a></th>'
    '<td role="cell" data-label="Kind of harm">{}</td>'
    '<td role="cell" data-label="Source">{}</td>{}'
    '<td role="cell" data-label="State">{}</td>'
    "</tr>"
)
TEAM = '<td role="cell" data-label="Team">{}</td>'


@register.simple_tag
def log_rows(rows: list[Line], at: DatesChecked, several_teams: bool) -> SafeString:
    """{% log_rows rows dates_checked several_teams %}: one row for each referral."""
    return format_html_join("\n", ROW, (_cells(row, at, several_teams) for row in rows))


def _cells(row: Line, at: DatesChecked, several_teams: bool) -> tuple[str, ...]:
    team = format_html(TEAM, row.team) if several_teams else ""
    return row.urn, row.number, row.received, row.url, row.children, row.harm, row.source, team, _state(row, at)


def _state(row: Line, at: DatesChecked) -> str:
    """How far the desk has come, and what is due when."""
    if not (row.urgent or row.due or row.update_due or row.unconfirmed):
        return row.state
    parts: list[str] = [mark_safe("<b>Urgent.</b>")] if row.urgent else []
    parts.append(row.state)
    if row.due:
        parts.append(due(row.due, at.now))
    if row.update_due:
        parts += [mark_safe('<span class="cait-sub">update due</span>'), due(row.update_due, at.today)]
    if row.unconfirmed:
        parts.append(mark_safe('<span class="cait-sub">Written confirmation outstanding</span>'))
    return format_html_join(" ", "{}", ((part,) for part in parts))
