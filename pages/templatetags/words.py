"""Words of every page; a template builtin, so nothing has to be loaded.

Filters take an empty value (nothing known yet) and give nothing back. Nothing here asks the clock, which
would be a query for each row: pages pass `today`, or `now` where hours count, as the argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.forms.formsets import BaseFormSet
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pages import words
from pages.addresses import record_address

register = template.Library()

# Between two names, without a capital: "Yvonne van den Berg".
WITHIN_NAMES = {"da", "de", "del", "den", "der", "di", "du", "el", "la", "le", "van", "von"}


@register.filter
def day(when: date | datetime | None) -> str:
    """{{ decided_on|day }}: 2 December 2009"""
    return words.day(when) if when else ""


@register.filter
def short_day(when: date | datetime | None) -> str:
    """{{ decided_on|short_day }}: Wed 2 Dec 2009"""
    return words.short_day(when) if when else ""


@register.filter
def long_day(when: date | datetime | None) -> str:
    """{{ today|long_day }}: Wednesday 2 December 2009"""
    return words.long_day(when) if when else ""


@register.filter
def moment(when: datetime | None) -> str:
    """{{ decided_at|moment }}: 2 December 2009, 3:20pm"""
    return words.moment(when) if when else ""


@register.filter
def time_of_day(when: datetime | None) -> str:
    """{{ decided_at|time_of_day }}: 3:20pm"""
    return words.time_of_day(when) if when else ""


@register.filter
def lately(when: datetime | None, today: date) -> str:
    """{{ checked_at|lately:today }}: today at 7:44am"""
    return words.lately(when, today) if when else ""


@register.filter
def days_away(due: date | datetime | None, reference: date | datetime) -> str:
    """{{ duty.due_on|days_away:today }}: 3 days late"""
    return words.days_away(due, reference) if due else ""


@register.filter
def waiting(since: datetime | None, now: datetime) -> str:
    """How long: {{ message.received_at|waiting:now }}."""
    return words.waiting(since, now) if since else ""


@register.filter
def uncapitalised(label: str) -> str:
    """A label within a sentence: {{ use.get_kind_display|uncapitalised }}."""
    return words.uncapitalised(label)


@register.filter
def counted(number: int, nouns: str) -> str:
    """{{ children|length|counted:"child,children" }}: 2 children. One noun is enough where "s" makes the plural."""
    return words.count(number, *nouns.split(","))


@register.filter
def recorded(value: object) -> str:
    """{{ value|recorded }}: 2 December 2009; desk sergeant; given names, email"""
    return words.recorded(value)


@register.filter
def of(things: Mapping[Any, Any], key: Any) -> Any:
    """{{ people|of:row.by_id }}: what stands under a key, the key itself in words where nothing does."""
    return things.get(key, f"number {key}")


@register.filter
def under(things: Mapping[Any, Any], key: Any) -> Any:
    """{{ lists|under:row.pk }}: the list that stands under a key, an empty one where there is none."""
    return things.get(key, ())


@register.simple_tag
def due(when: date | datetime | None, reference: date | datetime) -> str:
    """{% due duty.due_on today %}: the date, and below it how late or how soon, in words and with a shape."""
    if not when:
        return ""
    away = words.days_away(when, reference)
    kind = "late" if words.is_late(when, reference) else "today" if away.startswith("due today") else "later"
    written = words.moment(when) if isinstance(when, datetime) else words.day(when)
    return format_html(
        '<span class="cait-nowrap">{}</span> <span class="cait-due cait-due--{}">{}</span>', written, kind, away
    )


@register.filter
def level_tag(level: Any) -> SafeString:
    """{{ record.level|level_tag }}: "high", "medium" or "standard" (or a choice with a label) in its frame."""
    if not level:
        return format_html('<span class="cait-soft">{}</span>', "No level yet")
    label = getattr(level, "label", None) or str(level).capitalize()
    return format_html('<span class="cait-level cait-level--{}">{}</span>', str(level).lower(), label)


@register.filter
def attributes(attrs: dict[str, Any]) -> str:
    """{{ widget.attrs|attributes }}: as they stand in a tag, each with a space before it."""
    return flatatt(attrs)


@register.filter
def options(optgroups: Iterable[tuple[str | None, list[dict[str, Any]], int]]) -> str:
    """{{ widget.optgroups|options }}: the options of a select. In Python, for a filter has dozens."""
    lines = []
    for group, within, _ in optgroups:
        drawn = format_html_join("\n", '<option value="{}"{}>{}</option>', (_option(each) for each in within))
        lines.append(format_html('<optgroup label="{}">{}</optgroup>', group, drawn) if group else drawn)
    return format_html_join("\n", "{}", ((line,) for line in lines))


def _option(option: dict[str, Any]) -> tuple[Any, str, Any]:
    return option["value"], flatatt(option["attrs"]) if option["attrs"] else "", option["label"]


@register.simple_tag
def record_url(view: str, number: str) -> str:
    """{% record_url 'workbench:case' case.number %}: as `url`, quicker where it stands in each row."""
    return record_address(view, number)


@register.simple_tag
def figure(number: int, most: int) -> str:
    """A number that was not counted beyond `most`: "1,000+"."""
    return f"{most:,}+" if number > most else f"{number:,}"


@register.filter
def with_age(person: Any, on: date) -> str:
    """{{ person|with_age:today }}: "Rhys Calloway, 6"."""
    return str(person.with_age(on))


@register.simple_tag
def help_desk() -> str:
    """Ring {% help_desk %}: whom to ring when CAIT itself fails. Any error page can say it: it needs no context."""
    return str(settings.HELP_DESK)


@register.inclusion_tag("forms/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet[Any]) -> dict[str, Any]:
    """{% error_summary form %} at the top of main: what is wrong, each with a link to its field.

    Takes several forms and formsets, in the order of the page. Draws nothing where nothing is wrong.
    """
    return {"mistakes": [mistake for form in forms if form for mistake in _mistakes(form)]}


def _mistakes(form: BaseForm | BaseFormSet[Any]) -> Iterator[tuple[str, str]]:
    """Each mistake and the id of the field to go to; those of no field lead to the form's first one."""
    if isinstance(form, BaseFormSet):
        first = _target(form.forms[0].visible_fields()[0]) if form.forms else ""
        if form.is_bound:
            yield from ((str(sentence), first) for sentence in form.non_form_errors())
        for one in form.forms:
            who = getattr(one, "who", "") if len(form.forms) > 1 else ""
            yield from ((f"{who}: {sentence}" if who else sentence, target) for sentence, target in _mistakes(one))
        return
    if not form.errors:
        return
    visible = form.visible_fields()
    first = _target(visible[0]) if visible else ""
    yield from ((str(sentence), first) for sentence in form.non_field_errors())
    for field in form:
        target = "" if field.is_hidden else _target(field)
        codes = [error.code for error in form.errors.as_data().get(field.name, [])]
        for sentence, code in zip(field.errors, codes, strict=True):
            # What asks for a field names it already.
            whole = code in ("required", "whole")
            yield (str(sentence) if whole else _with_label(str(sentence), field, named=code == "named")), target


def _with_label(sentence: str, field: BoundField, *, named: bool) -> str:
    """Above the form it must be plain which field is meant: "From: there is no 31 February 2010".

    What begins with a name keeps its capital. `named`: the action says so, with the code "named"; otherwise it is
    seen where a name has several words.
    """
    label = str(field.label).split(",")[0].rstrip("?:")
    if field.is_hidden or label.lower() in sentence.lower():
        return sentence
    keeps = named or sentence[1:2].isupper() or _begins_with_names(sentence)
    begins = sentence[:2] if keeps else sentence[:2].lower()
    return f"{label}: {begins}{sentence[2:]}"


def _begins_with_names(sentence: str) -> bool:
    """Whether a second name, or the code of a team, follows the first word: "Yvonne Tull entered", "Team HGY has"."""
    following = (word for word in sentence.split()[1:] if word not in WITHIN_NAMES)
    return next(following, "")[:1].isupper()


def _target(field: BoundField) -> str:
    """The first choice of radios and checkboxes has the id with _0; the group itself has the plain id."""
    if field.use_fieldset and len(field.subwidgets):
        return field.subwidgets[0].id_for_label or field.auto_id
    return field.id_for_label or field.auto_id
