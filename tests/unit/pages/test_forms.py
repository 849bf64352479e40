"""Every widget as GOV.UK draws it, with its hint and what is wrong tied to it for screen readers."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.utils.html import format_html

from pages.forms import DayField

CHOICES = [("a", "Supervisor"), ("b", "Investigator")]


class Form(forms.Form):
    name = forms.CharField(label="User name", help_text="As on the warrant card", max_length=20)
    what = forms.CharField(label="What happened?", help_text="In the caller’s words", widget=forms.Textarea)
    role = forms.ChoiceField(label="Role", help_text="One for now", choices=[("", "Choose"), *CHOICES])
    urgent = forms.ChoiceField(label="Officer", help_text="Who does it", choices=CHOICES, widget=forms.RadioSelect)
    kinds = forms.MultipleChoiceField(
        label="Kind of harm (all that apply)", help_text="Any", choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label="I have rung back", help_text="On a number you looked up")
    password = forms.CharField(label="Password", help_text="Yours", widget=forms.PasswordInput)
    number = forms.IntegerField(label="Number of children", help_text="Born", min_value=1)
    mail = forms.EmailField(label="Your email", help_text="At work")
    file = forms.FileField(label="Document", help_text="A scan")
    secret = forms.CharField(widget=forms.HiddenInput, initial="x")


VISIBLE = [name for name in Form.base_fields if name != "secret"]


class Tags(HTMLParser):
    """All tags of a piece of HTML, and whether each that was opened was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("input", "br", "meta", "link", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def controls(self) -> list[dict[str, Any]]:
        return [attrs | {"tag": tag} for tag, attrs in self.found if tag in ("input", "select", "textarea")]

    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.found if "id" in attrs]


def field_of(form: forms.Form, name: str) -> Tags:
    return Tags(form[name].as_field_group())


@pytest.mark.parametrize("name", VISIBLE)
def test_hint_and_mistake_are_tied_to_the_field(name: str) -> None:
    html = Tags(Form({})[name].as_field_group())
    described = f"id_{name}_helptext id_{name}_error"
    carriers = [a for t, a in html.found if a.get("aria-describedby")]
    assert [a["aria-describedby"] for a in carriers] == [described]
    assert set(described.split()) <= set(html.ids())
    assert html.found[0][1]["class"] == "govuk-form-group govuk-form-group--error"


@pytest.mark.parametrize("name", VISIBLE)
def test_without_a_mistake_only_the_hint(name: str) -> None:
    html = Form()[name].as_field_group()
    assert f'aria-describedby="id_{name}_helptext"' in html
    assert "error" not in html
    assert "aria-invalid" not in html


@pytest.mark.parametrize("name", VISIBLE)
def test_every_control_has_its_label(name: str) -> None:
    html = field_of(Form(), name)
    labelled = {attrs["for"] for tag, attrs in html.found if tag == "label"}
    assert {control["id"] for control in html.controls()} == labelled


@pytest.mark.parametrize("name", ["urgent", "kinds"])
def test_a_group_of_choices_is_a_fieldset_with_a_legend(name: str) -> None:
    html = field_of(Form({}), name)
    assert [tag for tag, _ in html.found if tag in ("fieldset", "legend")] == ["fieldset", "legend"]
    # Neither ARIA nor GOV.UK know a single wrong radio button.
    assert not any("aria-invalid" in control or "aria-describedby" in control for control in html.controls())


@pytest.mark.parametrize(
    ("name", "css"),
    [
        ("name", "govuk-input"),
        ("what", "govuk-textarea"),
        ("role", "govuk-select"),
        ("urgent", "govuk-radios__input"),
        ("kinds", "govuk-checkboxes__input"),
        ("agreed", "govuk-checkboxes__input"),
        ("password", "govuk-input"),
        ("number", "govuk-input"),
        ("mail", "govuk-input"),
        ("file", "govuk-file-upload"),
    ],
)
def test_classes(name: str, css: str) -> None:
    for control in field_of(Form(), name).controls():
        assert control["class"] == css
    wrong = field_of(Form({}), name).controls()[0]
    if css in ("govuk-input", "govuk-select", "govuk-textarea"):
        assert wrong["class"] == f"{css} {css}--error"
        assert wrong["aria-invalid"] == "true"


def test_the_browser_neither_cuts_nor_checks_nor_hides_the_label() -> None:
    html = str(Form())
    for attribute in ("required", "maxlength", "placeholder", 'type="number"', "min="):
        assert attribute not in html
    assert 'inputmode="numeric"' in html


def test_width_classes_and_other_attributes_stay() -> None:
    class Narrow(forms.Form):
        on = DayField(label="On")
        kind = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect(attrs={"class": "cait-radios"}))

    html = str(Narrow({"on": "x"}))
    assert 'class="govuk-input govuk-input--width-10 govuk-input--error"' in html
    assert 'autocomplete="off"' in html
    assert 'class="govuk-radios govuk-radios--small cait-radios"' in html


def test_a_whole_form_has_no_id_twice_and_closes_what_it_opens() -> None:
    for form in (Form(), Form({}), Form({"name": "Priya", "kinds": ["a"], "urgent": "b"})):
        html = Tags(str(form))
        assert len(html.ids()) == len(set(html.ids()))
    assert 'type="hidden" name="secret" value="x"' in str(Form())


def test_what_was_typed_is_kept_and_escaped() -> None:
    html = str(Form({"name": '"><script>', "what": "<b>", "urgent": "b", "kinds": ["a"]}))
    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html
    assert len(re.findall(r"\bchecked\b", html)) == 2


def test_passwords_are_not_sent_back() -> None:
    assert "correct horse" not in str(Form({"password": "correct horse"}))


def test_hints_are_escaped_unless_made_safe() -> None:
    class Hints(forms.Form):
        raw = forms.CharField(help_text="<b>")
        made = forms.CharField(help_text=format_html("<b>{}</b>", "x"))

    html = str(Hints())
    assert "&lt;b&gt;" in html
    assert "<b>x</b>" in html


# --- the words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("name", "Enter the user name"),
        ("what", "Answer “What happened?”"),
        ("role", "Select a role"),
        ("urgent", "Select an officer"),
        ("kinds", "Select at least one: kind of harm"),
        ("agreed", "Tick “I have rung back”"),
        ("password", "Enter the password"),
        ("number", "Enter the number of children"),
        ("mail", "Enter your email"),
        ("file", "Choose the document"),
    ],
)
def test_what_is_missing_is_said_with_the_label(name: str, sentence: str) -> None:
    assert Form({}).errors[name] == [sentence]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("name", "x" * 21, "User name must be 20 characters or fewer; it has 21"),
        ("role", "z", "Select a role from the list"),
        ("kinds", ["z"], "Select at least one: kind of harm from the list"),
        ("number", "two", "Number of children must be a whole number, such as 12"),
        ("number", "0", "Number of children must be 1 or more"),
        ("mail", "x", "Enter the email address like name@example.com"),
    ],
)
def test_what_is_wrong_is_said_plainly(name: str, value: object, sentence: str) -> None:
    assert Form({name: value}).errors[name] == [sentence]


def test_a_forms_own_words_and_a_fields_own_words_stay() -> None:
    class Upper(forms.CharField):
        default_error_messages = {"required": "Say it loudly"}

    class Own(forms.Form):
        ours = forms.CharField(
            error_messages={"required": "Say who told you", "max_length": "Too long"}, max_length=1
        )
        loud = Upper()
        on = DayField(label="Decided on")

    assert Own({}).errors == {
        "ours": ["Say who told you"],
        "loud": ["Say it loudly"],
        "on": ["Enter the decided on"],
    }
    assert Own({"ours": "xx"}).errors["ours"] == ["Too long"]
    assert Own.base_fields["on"].error_messages["required"] == "This field is required."  # only the copies change


def test_names_that_are_capitals_keep_them() -> None:
    class Capitals(forms.Form):
        urn = forms.CharField(label="URN")
        oic = forms.ChoiceField(label="DS in charge", choices=CHOICES)

    assert Capitals({}).errors == {"urn": ["Enter the URN"], "oic": ["Select a DS in charge"]}


# --- the summary ---------------------------------------------------------------------------------


def summary(*given: object) -> str:
    names = {f"f{n}": form for n, form in enumerate(given)}
    return engines["django"].from_string("{% error_summary " + " ".join(names) + " %}").render(names).strip()


def test_no_summary_without_mistakes() -> None:
    assert summary(Form()) == ""
    assert summary(None) == ""


def test_the_summary_leads_to_each_field_in_the_order_of_the_page() -> None:
    html = summary(Form({"secret": "x"}))
    targets = re.findall(r'href="#([^"]+)"', html)
    assert targets == [f"id_{n}_0" if n in ("urgent", "kinds") else f"id_{n}" for n in VISIBLE]
    assert set(targets) <= set(Tags(str(Form({"secret": "x"}))).ids())
    assert "There is a problem" in html
    assert 'data-module="govuk-error-summary"' in html


def test_a_mistake_of_the_whole_form_leads_to_its_first_field() -> None:
    form = Form({"secret": "x"})
    form.add_error(None, "Somebody else changed this <meanwhile>")
    assert '<a href="#id_name">Somebody else changed this &lt;meanwhile&gt;</a>' in summary(form)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("There is no 31 February 2010", "From: there is no 31 February 2010"),
        ("URN is taken", "From: URN is taken"),
        ("Yvonne Tull entered 2 hours", "From: Yvonne Tull entered 2 hours"),
        ("Sgt van den Berg entered 2 hours", "From: Sgt van den Berg entered 2 hours"),
        ("Team HGY has none", "From: Team HGY has none"),
        ("Nobody has it", "From: nobody has it"),
        (forms.ValidationError("Tull entered 2 hours", code="named"), "From: Tull entered 2 hours"),
    ],
)
def test_what_begins_with_a_name_keeps_its_capital_in_the_summary(
    error: str | forms.ValidationError, said: str
) -> None:
    class Filter(forms.Form):
        on = DayField(label="From", required=False)

    form = Filter({})
    form.add_error("on", error)
    assert f">{said}</a>" in summary(form)


def test_characters_that_cannot_be_seen_are_refused_in_plain_words() -> None:
    class Line(forms.Form):
        name = forms.CharField(label="Name")

    assert Line({"name": "a\0b"}).errors["name"] == ["Take out characters that cannot be seen: type it again by hand"]


def test_formsets_and_several_forms_share_one_summary() -> None:
    class Row(forms.Form):
        name = forms.CharField(label="Name")

    rows = forms.formset_factory(Row, min_num=2, validate_min=True, extra=0)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""}
    )
    html = summary(rows, Row({}, prefix="other"))
    assert html.count("<h2") == 1
    assert re.findall(r'href="#([^"]+)"', html) == ["id_form-0-name", "id_form-0-name", "id_other-name"]
    assert summary(forms.formset_factory(Row)()) == ""
