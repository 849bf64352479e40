"""What long pages draw quicker than Django would: it looks the same, and nothing of one page stands on another."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse

from pages.addresses import record_address
from pages.forms import DayField


class Narrowing(forms.Form):
    narrows = True
    all_optional = True

    q = forms.CharField(label="Name", required=False)
    team = forms.ChoiceField(choices=[("", "All")], required=False)
    from_on = DayField(label="From", required=False)
    whose = forms.ChoiceField(
        choices=[("", "All"), ("mine", "Mine")], required=False, widget=forms.RadioSelect, help_text="Whose it is."
    )
    kind = forms.MultipleChoiceField(
        choices=[("a", "A & B"), ("b", "B")], required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, teams: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        field.choices = [("", "All"), *(teams or [])]


class AsEver(Narrowing):
    narrows = False


def drawn(form: forms.Form) -> dict[str, str]:
    form.is_valid()
    return {name: str(form[name].as_field_group()) for name in form.fields}


TYPED = [{}, {"q": "Rhys"}, {"from_on": "31/2/2010"}, {"q": "<b>"}, {"from_on": "1/2/2010"}]
CHOSEN = [{"team": "HGY"}, {"team": "BRN"}, {"whose": "mine"}, {"whose": "hers"}]
SEVERAL = [{"kind": ["a"]}, {"kind": ["b", "a"]}, {"kind": ["c"]}]


@pytest.mark.parametrize("asked", [*TYPED, *CHOSEN, *SEVERAL])
def test_a_field_that_is_drawn_once_looks_as_it_would(asked: dict[str, Any]) -> None:
    teams = [("HGY", "Haringey CAIT")]
    for _ in range(2):  # the second time from what was kept
        assert drawn(Narrowing(asked, teams=teams)) == drawn(AsEver(asked, teams=teams))


def test_what_one_may_choose_is_not_shown_to_another() -> None:
    mine, theirs = (drawn(Narrowing({}, teams=[(code, code)]))["team"] for code in ("HGY", "ENF"))
    assert "HGY" in mine
    assert "HGY" not in theirs
    assert "ENF" in theirs


def test_what_was_typed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages import forms as ours

    kept: dict[Any, Any] = {}
    monkeypatch.setattr(ours, "_drawn", kept)
    assert "Quill" in drawn(Narrowing({"q": "Quill", "team": "Quill"}))["q"]
    assert "Quill" not in drawn(Narrowing({}))["q"]
    assert "Quill" not in str(kept)


@pytest.mark.parametrize(
    ("asked", "value"), [({"whose": "mine"}, "mine"), ({"kind": ["a"]}, "a"), ({"team": "HGY"}, "HGY")]
)
def test_what_one_has_chosen_is_not_chosen_for_another(asked: dict[str, Any], value: str) -> None:
    (name,) = asked
    mine, theirs = (drawn(Narrowing(said, teams=[("HGY", "Haringey CAIT")]))[name] for said in (asked, {}))
    assert re.search(rf'value="{value}"[^>]* (checked|selected)', mine)
    assert not re.search(rf'value="{value}"[^>]* (checked|selected)', theirs)


def test_no_more_is_kept_than_a_house_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages import forms as ours

    monkeypatch.setattr(ours, "_drawn", {})
    monkeypatch.setattr(ours, "MOST_DRAWN", 3)
    for number in range(10):
        drawn(Narrowing({}, teams=[(str(number), "A team")]))
    assert len(ours._drawn) <= 3


def test_a_select_has_its_groups_and_what_is_chosen() -> None:
    class Grouped(forms.Form):
        kind = forms.ChoiceField(
            choices=[("", "Any"), ("<Duties>", [("a", "A & B"), ("b", "B")])], widget=forms.Select({"data-x": "1"})
        )

    html = str(Grouped({"kind": "b"})["kind"])
    assert '<optgroup label="&lt;Duties&gt;">' in html
    assert '<option value="a">A &amp; B</option>' in html
    assert '<option value="b" selected>B</option>' in html
    assert html.count(" selected") == 1
    assert ' data-x="1"' in html
    assert 'name="kind"' in html


def test_an_address_of_a_record_is_the_one_that_django_gives() -> None:
    for number in ("HGY-2026-0001", "ENF-2009-118712"):
        assert record_address("cases:chronology", number) == reverse("cases:chronology", args=[number])
    tag = Template("{% record_url 'workbench:case' number %}")
    assert tag.render(Context({"number": "HGY-2026-0001"})) == reverse("workbench:case", args=["HGY-2026-0001"])
    with pytest.raises(NoReverseMatch):
        record_address("cases:records", "HGY-2026-0001")
