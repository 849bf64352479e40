"""Form fields as GOV.UK draws and words them, for every form of the project (and of allauth) alike.

`{{ form }}` or `{{ form.field.as_field_group }}` gives label, hint (help_text), what is wrong, and widget.
Widths and the like are classes of the widget: `TextInput(attrs={"class": "govuk-input--width-10"})`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

from deadlines import clock
from deadlines.ages import days_before
from pages import words

# Empty fields of forms that narrow a list, as they are drawn.
_drawn: dict[Any, SafeString] = {}
MOST_DRAWN = 1000


class GovukBoundField(forms.BoundField):
    """A field that speaks plainly and carries GOV.UK's classes.

    Django's own messages are replaced when the field is first bound, which is before it is cleaned; messages
    that a form or a field class of ours gives stay.
    """

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        _speak_plainly(field, str(self.label))

    @property
    def says_optional(self) -> bool:
        """Whether "(optional)" stands behind the label; a form whose fields are all so says `all_optional = True`."""
        return not (self.field.required or self.is_single_checkbox or getattr(self.form, "all_optional", False))

    def as_field_group(self) -> SafeString:
        """The field as it stands on a page. An empty one of a form that narrows a list looks the same each time, and
        such a page has ten of them: it is drawn once, and once for each thing that can be chosen from a list. So what
        such a form calls its fields, and their hints, are the same for everybody and on every day; only their choices
        may differ."""
        if not getattr(self.form, "narrows", False) or self.errors:
            return super().as_field_group()
        choices = tuple((str(value), str(label)) for value, label in getattr(self.field, "choices", ()))
        said = self.value()
        if said in (None, "", False, []):
            chosen: tuple[str, ...] = ()
        elif choices:
            chosen = tuple(map(str, said)) if isinstance(said, list | tuple) else (str(said),)
        else:  # what somebody typed is not kept
            return super().as_field_group()
        key = (type(self.form), self.html_name, choices, chosen)
        drawn = _drawn.get(key)
        if drawn is None:
            drawn = super().as_field_group()
            if len(_drawn) >= MOST_DRAWN:
                _drawn.clear()
            _drawn[key] = drawn
        return drawn

    @property
    def is_single_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if widget.is_hidden:
            return attrs
        # The browser's own checks speak other words than ours, and maxlength cuts off what is pasted without a
        # word; a placeholder vanishes when it is needed. False leaves an attribute of the widget out.
        attrs.pop("required", None)
        for name in ("maxlength", "minlength", "placeholder", "min", "max", "step"):
            if name in widget.attrs:
                attrs[name] = False
        if self.use_fieldset:  # the fieldset is described and wrong, not each choice
            attrs.pop("aria-invalid", None)
            return attrs
        classes = [_base_class(widget), widget.attrs.get("class", "")]
        if self.errors and classes[0] in ("govuk-input", "govuk-textarea", "govuk-select"):
            classes.append(f"{classes[0]}--error")
        attrs["class"] = " ".join(filter(None, classes))
        return attrs


class GovukRenderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = GovukBoundField


def _base_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.Textarea):
        return "govuk-textarea"
    if isinstance(widget, forms.CheckboxInput):
        return "govuk-checkboxes__input"
    if isinstance(widget, forms.Select):
        return "govuk-select"
    if isinstance(widget, forms.FileInput):
        return "govuk-file-upload"
    return "govuk-input"


# --- what is wrong, in plain words ---------------------------------------------------------------

# A label that begins with one of these takes no article: "Enter your telephone number".
_DETERMINERS = {"a", "an", "the", "your", "this", "that", "any", "all", "every", "each", "other", "more"}


def _speak_plainly(field: forms.Field, label: str) -> None:
    """Replaces Django's messages in this form's own copy of the field."""
    djangos: dict[str, Any] = {}
    for klass in reversed(type(field).__mro__):
        own = vars(klass).get("default_error_messages", {})
        if klass.__module__.startswith("django."):
            djangos.update(own)
        else:
            djangos = {code: text for code, text in djangos.items() if code not in own}
    for code, sentence in _sentences(field, label).items():
        if code not in field.error_messages or field.error_messages[code] == djangos.get(code):
            field.error_messages[code] = sentence


def _sentences(field: forms.Field, label: str) -> dict[str, str]:
    plain = re.sub(r"\s*\([^)]*\)$", "", label).rstrip(":. ")
    many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    sentences = {
        "required": _missing(field, plain),
        "max_length": f"{plain} must be %(limit_value)d characters or fewer; it has %(show_value)d",
        "min_length": f"{plain} must be %(limit_value)d characters or more",
        "max_value": f"{plain} must be %(limit_value)s or less",
        "min_value": f"{plain} must be %(limit_value)s or more",
        "null_characters_not_allowed": "Take out characters that cannot be seen: type it again by hand",
    }
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) or many:
        sentences |= dict.fromkeys(("invalid_choice", "invalid_list"), f"{_select(plain, many=many)} from the list")
        sentences["invalid_pk_value"] = sentences["invalid_choice"]
    elif isinstance(field, forms.EmailField):
        sentences["invalid"] = "Enter the email address like name@example.com"
    elif isinstance(field, forms.IntegerField):  # also DecimalField, FloatField
        whole = type(field) is forms.IntegerField
        sentences["invalid"] = f"{plain} must be a {'whole number, such as 12' if whole else 'number, such as 12.5'}"
    elif isinstance(field, forms.FileField):
        sentences |= {
            "missing": sentences["required"],
            "empty": "The file chosen is empty",
            "invalid": "Choose a file",
        }
    return sentences


def _missing(field: forms.Field, label: str) -> str:
    if label.endswith("?"):
        return f"Answer “{label}”"
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        return _select(label, many=many)
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}”"
    if isinstance(field, forms.FileField):
        return f"Choose {_the(label)}"
    return f"Enter {_the(label)}"


def _select(label: str, *, many: bool) -> str:
    if many:
        return f"Select at least one: {_lower(label)}"
    lower = _lower(label)
    if _has_determiner(label):
        return f"Select {lower}"
    return f"Select {'an' if lower[:1].lower() in 'aeiou' else 'a'} {lower}"


def _the(label: str) -> str:
    return _lower(label) if _has_determiner(label) else f"the {_lower(label)}"


def _has_determiner(label: str) -> bool:
    return label.split(" ", 1)[0].lower() in _DETERMINERS


def _lower(label: str) -> str:
    """ "User name" → "user name", but "URN" and "DS in charge" as they are."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


# --- several lines --------------------------------------------------------------------------------


class LinesField(forms.CharField):
    """Several lines. A browser sends them with carriage returns; what was kept without comes back the same."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


# --- days ----------------------------------------------------------------------------------------

_MONTHS = {name[:n].lower(): month for month, name in enumerate(words.MONTHS, 1) for n in range(3, len(name) + 1)}
_WEEKDAY = re.compile(r"^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\s+", re.I)
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$", re.A)
_IN_FIGURES = re.compile(r"^(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(\d+))?$", re.A)
_IN_WORDS = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[\s/.\-]*([a-z]+)\.?(?:[\s/.\-]*(\d+))?$", re.I | re.A)
_DAYS_AGO = {"today": 0, "yesterday": 1, "tomorrow": -1}
_LIKE = "like 2 December 2009 or 2/12/2009"


def read_day(text: str) -> date:
    """The date somebody typed: 2/12/2009, 2.12.09, 2 Dec 2009, Wed 2 December 2009, 2009-12-02, today, yesterday,
    tomorrow. Day first.

    A year of two figures is one of the 2000s, and refused where that would be more than ten years ahead: a
    birth in '85 must not become 2085, nor be guessed. Raises ValidationError with the sentence to show.
    """
    plain = _WEEKDAY.sub("", re.sub(r"[,\s]+", " ", text).strip())
    if (days_ago := _DAYS_AGO.get(plain.lower())) is not None:
        return days_before(days_ago, clock.today())
    if found := _ISO.match(plain):
        year, month, on = found.groups()
    elif found := _IN_FIGURES.match(plain):
        on, month, year = found.groups()
    elif found := _IN_WORDS.match(plain):
        on, name, year = found.groups()
        month = str(_MONTHS.get(name.lower(), ""))
        if not month:
            raise ValidationError(f"“{name}” is not a month: write the date {_LIKE}", code="invalid")
    else:
        raise ValidationError(f"Enter the date {_LIKE}", code="invalid")
    if year is None:
        raise ValidationError(f"Add the year: write the date {_LIKE}", code="invalid")
    return _real_day(_full_year(year), int(month), int(on))


def read_month(text: str) -> date | None:
    """The first day of a month that somebody typed with its year: March 2027, Mar 2027. None for anything else."""
    found = re.match(r"^([a-z]+)\.?,?\s+(\d{4})$", text.strip(), re.I | re.A)
    month = _MONTHS.get(found[1].lower()) if found else None
    return _real_day(int(found[2]), month, 1) if found and month else None


def _full_year(figures: str) -> int:
    if len(figures) == 2:
        year = 2000 + int(figures)
        if year > clock.today().year + 10:
            raise ValidationError(f"Enter all four figures of the year: 19{figures} or 20{figures}?", code="invalid")
        return year
    if len(figures) != 4:
        raise ValidationError(f"Enter the year with four figures: {figures} cannot be right", code="invalid")
    return int(figures)


def _real_day(year: int, month: int, on: int) -> date:
    if not 1 <= month <= 12:
        raise ValidationError(f"There is no month {month}: write the day first, then the month", code="invalid")
    if not 1900 <= year <= 2100:
        raise ValidationError(f"The year {year} cannot be right", code="invalid")
    try:
        return date(year, month, on)
    except ValueError:
        raise ValidationError(f"There is no {on} {words.MONTHS[month - 1]} {year}", code="invalid") from None


class DayField(forms.Field):
    """A date in one box, as people write it. Gives a `date`."""

    widget = forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"})

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return clock.london_date(value)
        return read_day(str(value))

    def prepare_value(self, value: Any) -> Any:
        return words.day(value) if isinstance(value, date) else value


# --- moments -------------------------------------------------------------------------------------

_TIME_AT_END = re.compile(
    r"^(?P<day>.+?)(?:,\s*|\s+at\s+|\s+|T)"
    r"(?P<time>midday|noon|midnight|\d{1,2}[:.]\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]m)?|\d{1,2}\s*[ap]m|\d{4}(?:\s*hrs)?)"
    r"(?:\s+(?P<zone>GMT|BST))?$",
    re.I | re.A,
)
_TIME_ALONE = re.compile(
    r"^(midday|noon|midnight|\d{1,2}[:.]\d{2}(\s*[ap]m)?|\d{1,2}\s*[ap]m|\d{4}\s*hrs)$", re.I | re.A
)
_TIME = re.compile(r"^(\d{1,2})(?:[:.]?(\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*(am|pm|hrs)?$", re.I | re.A)
_TIME_LIKE = "like 15:20 or 3:20pm"


def read_moment(text: str) -> datetime:
    """The date and London time somebody typed, in UTC: 14/1/2010 10:52; 14 January 2010, 3:20pm; 14.1.10 1052.

    An hour the clocks jump over in March is refused. In the hour they repeat in October, the first (BST) is
    meant unless GMT is written. Raises ValidationError with the sentence to show.
    """
    plain = re.sub(r"\s+", " ", text).strip()
    if _TIME_ALONE.match(plain):
        raise ValidationError(f"Add the date, like 2/12/2009 {plain}", code="invalid")
    found = _TIME_AT_END.match(plain)
    if found and found["time"].isdigit():  # "14 January 2010" ends in a year, "14 January 2010 1052" in a time
        try:
            read_day(found["day"])
        except ValidationError:
            found = None
    if not found:
        read_day(plain)  # says what is wrong with the date, if anything
        raise ValidationError(f"Add the time, {_TIME_LIKE}", code="invalid")
    on, at = read_day(found["day"]), read_time(found["time"])
    return in_london(on, at, (found["zone"] or "").upper())


def read_time(text: str) -> time:
    named = {"midday": time(12), "noon": time(12), "midnight": time(0)}
    if at := named.get(text.lower()):
        return at
    parts = _TIME.match(text)
    if not parts:
        raise ValidationError(f"Enter the time {_TIME_LIKE}", code="invalid")
    hour, minute, half = int(parts[1]), int(parts[2] or 0), (parts[3] or "").lower()
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise ValidationError(f"“{text}” is not a time: write it {_TIME_LIKE}", code="invalid")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if (hour, minute) == (24, 0):
        raise ValidationError("Enter midnight as 00:00 of the day that begins then", code="invalid")
    if hour > 23 or minute > 59:
        raise ValidationError(f"“{text}” is not a time: write it {_TIME_LIKE}", code="invalid")
    return time(hour, minute)


def in_london(on: date, at: time, zone: str) -> datetime:
    local = datetime.combine(on, at, tzinfo=clock.LONDON).replace(fold=1 if zone == "GMT" else 0)
    moment = local.astimezone(UTC)
    if moment.astimezone(clock.LONDON).time() != at:
        raise ValidationError(
            f"There is no {at:%H:%M} on {words.day(on)}: the clocks go forward from 1am to 2am", code="invalid"
        )
    if zone and local.tzname() != zone:
        raise ValidationError(f"London is not on {zone} at that time: leave {zone} out", code="invalid")
    return moment


class MomentField(forms.Field):
    """A date and a London time in one box. Gives an aware `datetime` in UTC."""

    widget = forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"})

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return clock.utc(value)
        return read_moment(str(value))

    def prepare_value(self, value: Any) -> Any:
        return words.moment(value) if isinstance(value, datetime) else value
