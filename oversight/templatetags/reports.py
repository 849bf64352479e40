"""How a figure stands in a monthly report: its numbers lead to what was counted then, not to what counts today."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from oversight.models import MonthlyReport
from oversight.report_frozen import Printed
from pages import words

register = template.Library()

LINK = '<a class="govuk-link" href="{}">{}<span class="govuk-visually-hidden"> {}</span></a>'


def _link(report: MonthlyReport, figure: Printed, number: int, which: str, said: str) -> SafeString:
    asked = {name: value for name, value in (("part", figure.part), ("which", which)) if value}
    address = reverse("oversight:report_facts", args=[report.pk, figure.measure.code])
    return format_html(LINK, f"{address}?{urlencode(asked)}" if asked else address, f"{number:,}", said)


@register.simple_tag
def counted_in(report: MonthlyReport, figure: Printed, part: str = "") -> SafeString:
    """{% counted_in report figure name %}: "1,050"; "95%" with "19 of 20" below; "4 of 5"; "none". Each number leads
    to the list of what it counts. `part`: what the figure is a part of the measure by."""
    measure = figure.measure
    said = ", ".join(each for each in (words.uncapitalised(measure.name), part) if each)
    if not figure.is_share:
        return _link(report, figure, figure.counted, "", said)
    if not figure.of and figure.words:
        return format_html('<span class="cait-soft">{}</span>', figure.words)
    numbers = format_html(
        "{} of {}",
        _link(report, figure, figure.counted, "counted", f"{measure.was or 'so'}: {said}"),
        _link(report, figure, figure.of, "", f"{measure.of or 'in all'}: {said}"),
    )
    if not figure.in_per_cent:
        return numbers
    return format_html('{} <span class="cait-sub">{}</span>', figure.words, numbers)


@register.simple_tag
def told(figure: Printed) -> SafeString | str:
    """{% told figure %}: the same in words alone, of other months."""
    if not figure.in_per_cent:
        return figure.words
    numbers = f"{figure.counted:,} of {figure.of:,}"
    return format_html('{} <span class="cait-sub">{}</span>', figure.words, numbers)
