"""The form of the desk: what is typed is stored, what is wrong stands beside its field, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from audit.models import AuditEvent
from cases.enums import Part
from cases.models import Case, CasePerson
from deadlines import clock
from people.models import Person, Relationship
from referrals.actions import save_draft
from referrals.models import Draft, Referral
from team.actions import give_role, withdraw_role
from team.enums import Role
from team.models import Team, User
from tests.factories.assessing import an_assessment
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried
from tests.rules.doors import DOORS

pytestmark = pytest.mark.django_db

RECEIVED = "14/1/2010 10:52"
RHYS = {"given_names": "Rhys", "family_name": "Calloway"}
# What one person's row sends that is left as it stands on the page.
UNTOUCHED = {"sex": ""}


# --- what a browser sends, and what a page then holds --------------------------------------------


def at_the_desk(client: Client, role: Role = Role.DESK_SERGEANT, team: Team | None = None, name: str = "") -> User:
    """Who is signed in."""
    user = an_officer(role, team, name=name)
    client.force_login(user)
    return user


def rows(prefix: str, people: Iterable[dict[str, str]]) -> dict[str, Any]:
    people = list(people)
    fields: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": str(len(people)), f"{prefix}-INITIAL_FORMS": "0"}
    for place, person in enumerate(people):
        fields |= {f"{prefix}-{place}-{name}": value for name, value in {**UNTOUCHED, **person}.items()}
    return fields


def a_form(
    team: Team | None = None,
    *,
    children: Iterable[dict[str, str]] = (RHYS,),
    adults: Iterable[dict[str, str]] = (),
    **other: Any,
) -> dict[str, Any]:
    """What is sent when a referral is typed; `do` is the button."""
    return {
        "do": "log",
        "key": str(uuid4()),
        "version": "0",
        "team": str((team or a_team()).pk),
        "method": "email",
        "received_at": RECEIVED,
        "source": "school",
        "circumstances": "Came in late with a red mark across the left cheek.",
        "categories": ["physical"],
        "urgent": "no",
        **rows("children", children),
        **rows("adults", adults),
        **other,
    }


def send(client: Client, form: dict[str, Any], do: str = "log") -> str:
    """The page that follows."""
    answer = client.post(reverse("referrals:log"), {**form, "do": do}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


class Fields(HTMLParser):
    """What the browser would send of a page: the value of each field that is there, ticked or chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name, value = at.get("name") or "", at.get("value") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in at:
            self.values.setdefault(self.select, []).append(value)
        elif tag == "textarea":
            self.area = name
            self.values[name] = [""]
        elif tag == "input" and name and (at.get("type") not in ("radio", "checkbox") or "checked" in at):
            self.values.setdefault(name, []).append(value or ("on" if at.get("type") == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""


def shown(page: str) -> dict[str, list[str]]:
    """What stands in the fields of a page."""
    fields = Fields()
    fields.feed(page)
    return {name: [value.removeprefix("\n") for value in values] for name, values in fields.values.items()}


def lost(form: dict[str, Any], page: str) -> dict[str, Any]:
    """What was typed and does not stand in the page's fields any more, by field."""
    there = shown(page)
    missing = {}
    for name, typed in form.items():
        if name in ("do", "version") or name.endswith("_FORMS"):
            continue
        wanted = typed if isinstance(typed, list) else [typed]
        if (there.get(name) or [""]) != wanted:
            missing[name] = (wanted, there.get(name))
    return missing


def beside(page: str, field: str) -> str:
    """What is said to be wrong beside a field; empty where nothing is."""
    found = re.search(rf'id="id_{re.escape(field)}_error">(.*?)</p>', page, re.S)
    return unescape(re.sub(r"<[^>]+>", "", found[1])).replace("Error:", "").strip() if found else ""


def words_of(page: str) -> str:
    """The page without what can be chosen on it."""
    return unescape(re.sub(r"<(select|script)\b.*?</\1>", "", page, flags=re.S))


# --- what is stored ------------------------------------------------------------------------------


def test_everything_that_was_typed_is_stored(client: Client) -> None:
    desk = at_the_desk(client)
    form = a_form(
        method="telephone",
        source="health",
        referrer_name="Gwen Teasdale",
        referrer_job="Health visitor, Tidewell Clinic",
        referrer_telephone="020 7946 0991",
        referrer_email="g.teasdale@clinic.example",
        rang_back="on",
        protected="on",
        circumstances="First line.\r\nSecond line: “he fell”.",
        categories=["physical", "neglect"],
        will_be_lost="The bedding",
        urgent="yes",
        who_has_child="His grandmother",
        other_children="A baby",
        whereabouts="At work until 6pm",
        done_so_far="Rang Social Services",
    )
    send(client, form)
    logged = Referral.objects.get()
    assert (logged.team, logged.logged_by) == (a_team(), desk)
    assert logged.received_at == datetime(2010, 1, 14, 10, 52, tzinfo=UTC)
    as_typed = ["method", "source", "referrer_name", "referrer_job", "referrer_telephone", "referrer_email"]
    as_typed += ["categories", "will_be_lost", "who_has_child", "other_children", "whereabouts", "done_so_far"]
    for name in as_typed:
        assert getattr(logged, name) == form[name], name
    assert logged.circumstances.replace("\r\n", "\n") == "First line.\nSecond line: “he fell”."
    assert (logged.rang_back, logged.protected, logged.urgent) == (True, True, True)
    assert logged.no_child_because == ""


def test_a_box_that_is_not_ticked_is_not_stored_as_ticked(client: Client) -> None:
    at_the_desk(client)
    send(client, a_form())
    logged = Referral.objects.get()
    assert (logged.rang_back, logged.protected, logged.urgent) == (False, False, False)


def test_everybody_who_was_typed_is_on_the_record_in_the_order_in_which_they_were_said(client: Client) -> None:
    at_the_desk(client)
    children = [
        {**RHYS, "birth": "6/6/2003", "sex": "male", "address": "22 Tidewell House, N17"},
        {"given_names": "Tia", "family_name": "", "birth": "9 months", "sex": "female"},
    ]
    adults = [
        {"given_names": "Shelley", "family_name": "Calloway", "relation": "mother", "birth": "1984", "sex": "female"},
        {"given_names": "", "family_name": "Orme", "relation": "parents_partner", "may_have_harmed": "on"},
    ]
    send(client, a_form(children=children, adults=adults))
    parts = CasePerson.objects.filter(case=Case.objects.get()).select_related("person").order_by("place")
    assert [(part.person.full_name, part.part) for part in parts] == [
        ("Rhys Calloway", Part.CHILD),
        ("Tia (family name not known)", Part.CHILD),
        ("Shelley Calloway", Part.ADULT),
        ("Orme (first name not known)", Part.SUSPECT),
    ]
    rhys, tia, shelley, orme = [part.person for part in parts]
    assert (rhys.birth.earliest, rhys.birth.latest, rhys.sex) == (date(2003, 6, 6), date(2003, 6, 6), "male")
    assert str(rhys.residences.get().address) == "22 Tidewell House, N17"
    assert (tia.birth.earliest, tia.birth.latest) == (date(2009, 3, 15), date(2009, 4, 14))
    assert (shelley.birth.earliest, shelley.birth.latest) == (date(1984, 1, 1), date(1984, 12, 31))
    said = Relationship.objects.values_list("person", "relation", "to")
    assert set(said) == {
        (shelley.pk, "mother", rhys.pk),
        (shelley.pk, "mother", tia.pk),
        (orme.pk, "parents_partner", rhys.pk),
        (orme.pk, "parents_partner", tia.pk),
    }


def test_an_age_counts_from_the_day_of_the_referral(client: Client) -> None:
    at_the_desk(client)
    send(client, a_form(children=[{**RHYS, "birth": "6 years"}], received_at="14/1/2009 10:00"))
    birth = Person.objects.get().birth
    assert (birth.earliest, birth.latest) == (date(2002, 1, 15), date(2003, 1, 14))


def test_an_unborn_child_can_be_what_it_is_about(client: Client) -> None:
    at_the_desk(client)
    page = send(client, a_form(children=[{"family_name": "Aldous", "birth": "due 9/6/2010"}]))
    assert Person.objects.get().expected_on == date(2010, 6, 9)
    assert "Unborn baby Aldous" in page


def test_the_urn_and_the_record_are_told_at_once(client: Client) -> None:
    at_the_desk(client)
    page = send(client, a_form())
    logged = Referral.objects.get()
    assert f'<p class="cait-read-out">{logged.urn}</p>' in page
    assert logged.case.number in page
    assert "Triage the referral" in page


def test_a_referral_without_a_child_is_logged_with_the_reason(client: Client) -> None:
    at_the_desk(client)
    why = "An adult tells of her own childhood"
    page = send(client, a_form(children=[{}], no_child_because=why))
    logged = Referral.objects.get()
    assert (logged.no_child_because, CasePerson.objects.count()) == (why, 0)
    assert "No child named" in page
    assert why in client.get(reverse("referrals:referral", args=[logged.case.number])).content.decode()


def test_a_row_in_which_nothing_is_typed_is_nobody(client: Client) -> None:
    at_the_desk(client)
    send(client, a_form(children=[{}, RHYS, {"birth": "  "}], adults=[{"relation": "unknown"}]))
    assert [str(person) for person in Person.objects.all()] == ["Rhys Calloway"]


def test_the_referral_is_of_the_team_for_which_one_is_working(client: Client) -> None:
    user = at_the_desk(client, team=a_team("ENF"))
    page = client.get(reverse("referrals:log")).content.decode()
    assert shown(page)["team"] == [str(a_team("ENF").pk)]
    assert user.memberships.get().team == a_team("ENF")


# --- what is wrong -------------------------------------------------------------------------------


WRONG: list[tuple[str, Any, str]] = [
    ("method", "", "Enter how it reached us|Select"),
    ("received_at", "", "Enter the when|When"),
    ("received_at", "1/1/2100 10:00", "This is in the future: it is "),
    ("received_at", "14/1/2003 10:00", "CAIT holds referrals from 2004 on"),
    ("received_at", "14/1/2010", "Add the time"),
    ("received_at", "yesterday", "Add the time"),
    ("source", "", "Select"),
    ("source", "the moon", "Select"),
    ("referrer_name", "x" * 121, "must be 120 characters or fewer; it has 121"),
    ("referrer_job", "Nurse\u202egnp", "Take out line breaks"),
    ("referrer_email", "not an address", "Enter the email address like"),
    ("no_child_because", "No idea", "You named a child in part 2. Empty this field, or take the child out"),
    ("circumstances", "  ", "Enter"),
    ("circumstances", "x" * 20_001, "must be 20000 characters or fewer"),
    ("categories", [], "Select"),
    ("categories", ["physical", "bad luck"], "Select"),
    ("urgent", "", "Answer “Is urgent action needed?”"),
    ("will_be_lost", "x" * 301, "must be 300 characters or fewer"),
    ("children-0-given_names", "x" * 81, "must be 80 characters or fewer"),
    ("children-0-birth", "15/1/2010", "15 January 2010 is after 14 January 2010, the day this was said."),
    ("children-0-birth", "31/2/2009", "There is no 31 February 2009"),
    ("children-0-birth", "soon", "Write the birth like"),
    ("children-0-sex", "both", "Select"),
    ("children-0-address", "x" * 201, "must be 200 characters or fewer"),
    ("adults-0-birth", "200 years", "Check the age: 200 years"),
    ("adults-0-relation", "the lodger", "Select"),
]


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(client: Client) -> None:
    at_the_desk(client)
    wrong = Wrong()
    for field, typed, said in WRONG:
        form = a_form(
            adults=[{"given_names": "Shelley", "relation": "mother"}], **{"referrer_name": "Gwen", field: typed}
        )
        with tried(wrong, field, typed):
            page = send(client, form)
            assert any(part in beside(page, field) for part in said.split("|")), beside(page, field)
            assert "There is a problem" in page
            assert Referral.objects.count() == 0
            chosen_from_a_list = field in ("method", "source", "children-0-sex", "adults-0-relation", "categories")
            assert set(lost(form, page)) <= ({field} if chosen_from_a_list else set())
    assert wrong == {}


def test_a_person_without_a_name_is_asked_for_one(client: Client) -> None:
    at_the_desk(client)
    form = a_form(children=[{"birth": "6"}], adults=[{"address": "22 Tidewell House"}])
    page = send(client, form)
    assert beside(page, "children-0-given_names").startswith(
        "Enter a name, even one that may be wrong, or empty this"
    )
    assert beside(page, "adults-0-given_names").endswith("or empty this adult’s fields")
    assert lost(form, page) == {}


def test_everything_that_is_wrong_is_said_at_once(client: Client) -> None:
    at_the_desk(client)
    form = a_form(
        children=[{**RHYS, "birth": "15/1/2010"}, {"birth": "6"}],
        adults=[{"given_names": "Shelley", "birth": "200 years"}],
        received_at="1/1/2100 10:00",
        referrer_email="nobody",
        urgent="",
    )
    form["children-0-birth"] = "31/2/2009"
    page = send(client, form)
    wrong = ["received_at", "referrer_email", "urgent"]
    wrong += ["children-0-birth", "children-1-given_names", "adults-0-birth"]
    assert [field for field in wrong if not beside(page, field)] == []
    summary = page.split('class="govuk-error-summary"')[1].split("</ul>")[0]
    assert summary.count("<li>") == len(wrong)
    assert lost(form, page) == {}


def test_no_child_and_no_reason_is_said_with_whatever_else_is_wrong(client: Client) -> None:
    at_the_desk(client)
    form = a_form(children=[{}], urgent="", referrer_email="nobody")
    page = send(client, form)
    assert beside(page, "referrer_email")
    assert beside(page, "urgent")
    assert beside(page, "no_child_because") == "Name a child in part 2, or say why no child can be named"


def test_no_child_and_no_reason_alone_is_said(client: Client) -> None:
    at_the_desk(client)
    page = send(client, a_form(children=[{}]))
    assert beside(page, "no_child_because") == "Name a child in part 2, or say why no child can be named"
    assert Referral.objects.count() == 0


def test_a_form_in_which_nothing_was_typed_is_shown_again_with_what_is_missing(client: Client) -> None:
    at_the_desk(client)
    opened = shown(client.get(reverse("referrals:log")).content.decode())
    form = {name: values[-1] if values else "" for name, values in opened.items() if name != "csrfmiddlewaretoken"}
    page = send(client, form)
    wrong = [name for name in ("method", "source", "circumstances", "categories", "urgent") if beside(page, name)]
    assert wrong == ["method", "source", "circumstances", "categories", "urgent"]
    assert not beside(page, "received_at")  # it is filled when the form is opened
    assert Referral.objects.count() == 0


@pytest.mark.parametrize("do", ["log", "check", "save", "add_children", "add_adults", "nonsense"])
def test_garbage_in_every_field_breaks_nothing(client: Client, do: str) -> None:
    at_the_desk(client)
    wrong = Wrong()
    for garbage in ("\0", "\uffff", "²", "9" * 40, "%s%n' OR 1=1 --", "<script>", "\u202e", "🙂" * 300):
        person = dict.fromkeys(("given_names", "family_name", "birth", "sex", "address", "same_as"), garbage)
        form = a_form(children=[person], adults=[{**person, "relation": garbage, "may_have_harmed": garbage}])
        kept = {"key", "team"}
        form = {name: value if name in kept or "FORMS" in name else garbage for name, value in form.items()}
        with tried(wrong, garbage):
            send(client, form, do)
            assert Referral.objects.count() == 0
    assert wrong == {}


def test_a_damaged_count_of_people_breaks_nothing(client: Client) -> None:
    at_the_desk(client)
    wrong = Wrong()
    for garbage in ("", "-1", "x", "9" * 40, "²"):
        for do in ("log", "check"):
            with tried(wrong, garbage, do):
                send(client, a_form() | {"children-TOTAL_FORMS": garbage, "children-INITIAL_FORMS": garbage}, do)
                assert Referral.objects.count() == 0
    assert wrong == {}


def test_the_key_of_another_program_is_refused(client: Client) -> None:
    at_the_desk(client)
    assert client.post(reverse("referrals:log"), a_form(key="none of ours")).status_code == 400


def test_a_damaged_version_breaks_nothing(client: Client) -> None:
    at_the_desk(client)
    wrong = Wrong()
    for typed in ("one", "-1", "9" * 30, "²"):
        with tried(wrong, typed):
            send(client, a_form(version=typed), "check")
            assert Draft.objects.count() == 1
    assert wrong == {}


def test_a_role_that_ended_since_the_form_was_opened_is_told_and_nothing_typed_is_lost(client: Client) -> None:
    user = at_the_desk(client, team=a_team("ENF"))
    give_role(user, team=a_team("HGY"), role=Role.DESK_SERGEANT, from_on=clock.today(), by=User.objects.system())
    form = a_form(a_team("QQQ"), referrer_name="Gwen Teasdale")
    page = send(client, form)
    assert "You no longer log referrals for this team: your role in it has ended." in page
    assert lost({name: value for name, value in form.items() if name != "team"}, page) == {}
    assert (Referral.objects.count(), Draft.objects.count()) == (0, 0)


def test_who_holds_no_role_any_more_still_sees_what_they_typed(client: Client) -> None:
    user = at_the_desk(client)
    withdraw_role(user.memberships.get(), reason="Moves", by=User.objects.system())
    answer = client.post(reverse("referrals:log"), a_form(circumstances="Said by Gwen Teasdale."))
    page = answer.content.decode()
    assert Referral.objects.count() == 0
    assert "your role in it has ended" in page
    assert "Said by Gwen Teasdale." in page


def test_one_logs_for_no_team_in_which_one_holds_no_role(client: Client) -> None:
    at_the_desk(client)
    page = send(client, a_form(a_team("ENF")))
    assert "You no longer log referrals for this team" in page
    assert Referral.objects.count() == 0


# --- sent twice ----------------------------------------------------------------------------------


def test_a_form_that_is_sent_twice_is_logged_once_and_says_so(client: Client) -> None:
    desk = at_the_desk(client)
    form = a_form()
    send(client, form)
    logged = Referral.objects.get()
    page = send(client, form)
    assert Referral.objects.count() == Case.objects.count() == Person.objects.count() == 1
    assert f"This form was sent before: {desk} logged it as {logged.urn}" in words_of(page)
    assert "Nothing was logged twice" in words_of(page)
    assert f'<p class="cait-read-out">{logged.urn}</p>' in page


def test_a_form_without_a_child_that_is_sent_twice_is_logged_once_and_says_so(client: Client) -> None:
    at_the_desk(client)
    form = a_form(children=[{}], no_child_because="An adult tells of her own childhood")
    send(client, form)
    assert "Nothing was logged twice" in send(client, form)
    assert Referral.objects.count() == 1
    assert AuditEvent.objects.filter(event="REFERRAL_LOGGED").count() == 1


# --- one more person -----------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["children", "adults"])
def test_one_more_row_keeps_all_that_was_typed(client: Client, prefix: str) -> None:
    at_the_desk(client)
    form = a_form(
        children=[{**RHYS, "birth": "six or so"}],
        adults=[{"given_names": "Shelley", "relation": "mother", "may_have_harmed": "on"}],
        protected="on",
        categories=["physical", "neglect"],
        received_at="about ten",
        referrer_name="Gwen",
    )
    page = send(client, form, f"add_{prefix}")
    assert lost(form, page) == {}
    assert shown(page)[f"{prefix}-TOTAL_FORMS"] == ["2"]
    assert shown(page)[f"{prefix}-1-given_names"] == [""]
    assert "There is a problem" not in page
    assert Referral.objects.count() == 0


@pytest.mark.parametrize("prefix", ["children", "adults"])
def test_there_are_twenty_rows_at_most(client: Client, prefix: str) -> None:
    at_the_desk(client)
    twenty = [{"given_names": f"Nr{number}", "family_name": "Sprottle"} for number in range(20)]
    form = a_form() | rows(prefix, twenty)
    page = send(client, form, f"add_{prefix}")
    assert shown(page)[f"{prefix}-TOTAL_FORMS"] == ["20"]
    assert lost(form, page) == {}


def test_twenty_children_are_logged(client: Client) -> None:
    at_the_desk(client)
    twenty = [{"given_names": f"{chr(ord('A') + number) * 3}", "family_name": ""} for number in range(20)]
    send(client, a_form(children=twenty))
    assert CasePerson.objects.filter(case=Case.objects.get(), part=Part.CHILD).count() == 20


def test_more_rows_than_any_page_of_ours_has_are_refused(client: Client) -> None:
    at_the_desk(client)
    many = [{"given_names": f"{chr(ord('A') + number) * 3}"} for number in range(21)]
    page = send(client, a_form(children=many))
    assert "There is a problem" in page
    assert Referral.objects.count() == 0


# --- a protected caller --------------------------------------------------------------------------

CALLER: dict[str, Any] = {
    "referrer_name": "Zebulon Quarrington",
    "referrer_job": "Lollipop warden",
    "referrer_telephone": "020 7946 0991",
    "referrer_email": "zq@warden.example",
}
SECRET: list[str] = [*CALLER.values(), "Zebulon", "Voluntary organisation"]


def a_protected_referral(client: Client, **other: Any) -> Referral:
    send(client, a_form(source="voluntary", method="telephone", protected="on", **{**CALLER, **other}))
    return Referral.objects.get()


def pages_of(case: Case) -> list[str]:
    """Every page of a record, but the one that says who the caller is, and that on which the command names somebody,
    of restricted records alone. What programs get has tests of its own."""
    found = []
    names = set(DOORS) - {"referrals:caller", "cases:name_on_restricted"}
    for name in sorted(name for name in names if not DOORS[name].program):
        try:
            url = reverse(name, kwargs={"number": case.number})
        except NoReverseMatch:
            continue
        if not url.startswith("/cram/matrix/"):  # whose number is a version's
            found.append(url)
    assert len(found) > 12
    entry = case.entries.order_by("pk").first()
    assert entry
    return [*found, reverse("cases:correct_entry", args=[case.number, entry.pk])]


def told(page: str) -> list[str]:
    """Which words about the caller stand on a page."""
    return [secret for secret in SECRET if secret in words_of(page)]


def test_who_a_protected_caller_is_stands_on_no_page_of_the_record(client: Client) -> None:
    at_the_desk(client)
    case = a_protected_referral(client).case
    an_assessment(case)
    wrong = {}
    for role in (Role.DESK_SERGEANT, Role.INVESTIGATOR, Role.COMMAND):
        client.force_login(an_officer(role))
        for url in pages_of(case):
            answer = client.get(url, follow=True)
            # Only the inspector puts duties right, and ends restrictions.
            inspectors = url.endswith(("/put-right/", "/restriction/end/"))
            if answer.status_code == 403 and (role != Role.DESK_SERGEANT or inspectors):
                continue
            assert answer.status_code == 200, (role, url)
            if said := told(answer.content.decode()):
                wrong[role, url] = said
    assert wrong == {}


def test_who_a_protected_caller_is_stands_on_no_list(client: Client) -> None:
    at_the_desk(client)
    a_protected_referral(client)
    wrong = {}
    for url in (reverse("referrals:log_page"), reverse("workbench:today"), reverse("cases:records")):
        if said := told(client.get(url).content.decode()):
            wrong[url] = said
    assert wrong == {}


def test_who_a_protected_caller_is_is_not_told_when_the_child_is_known_already(client: Client) -> None:
    at_the_desk(client)
    a_protected_referral(client)
    form = a_form()
    page = send(client, form, "check")
    assert "Is Rhys Calloway one of these?" in page
    assert told(page) == []


def test_the_source_of_a_protected_caller_cannot_be_found_out_by_narrowing_the_log(client: Client) -> None:
    at_the_desk(client)
    urn = a_protected_referral(client).urn
    here = reverse("referrals:log_page")
    assert urn in client.get(here).content.decode()
    assert urn not in client.get(here, {"source": "voluntary"}).content.decode()
    for name in CALLER.values():
        assert urn not in client.get(here, {"q": name}).content.decode()


def test_who_a_protected_caller_is_stands_in_no_entry_of_the_chronology(client: Client) -> None:
    at_the_desk(client)
    case = a_protected_referral(client).case
    text = "\n".join(f"{e.title} {e.text} {e.source}" for e in case.entries.all())
    assert "A caller" in text
    assert [secret for secret in SECRET if secret in text] == []


def test_neither_log_of_the_auditor_names_a_protected_caller(client: Client) -> None:
    at_the_desk(client)
    case = a_protected_referral(client).case
    client.get(reverse("referrals:caller", args=[case.number]))
    client.force_login(an_officer(Role.AUDITOR))
    for name in ("oversight:audit_events", "oversight:access_log"):
        assert told(client.get(reverse(name)).content.decode()) == []


def test_only_sergeants_see_who_a_protected_caller_is(client: Client) -> None:
    at_the_desk(client)
    case = a_protected_referral(client).case
    here = reverse("referrals:caller", args=[case.number])
    assert told(client.get(here).content.decode()) == SECRET
    for role in (Role.INVESTIGATOR, Role.OFFICE_MANAGER, Role.COMMAND):
        client.force_login(an_officer(role))
        answer = client.get(here)
        assert (answer.status_code, told(answer.content.decode())) == (403, [])
    client.force_login(an_officer(Role.SUPERVISOR, a_team("ENF")))
    assert client.get(here).status_code == 404


def test_a_caller_who_is_not_protected_is_named_on_the_record(client: Client) -> None:
    at_the_desk(client)
    send(client, a_form(**CALLER))
    page = client.get(reverse("referrals:referral", args=[Case.objects.get().number])).content.decode()
    assert "Zebulon Quarrington, Lollipop warden" in page


@pytest.mark.parametrize("role", [Role.OFFICE_MANAGER, Role.DESK_SERGEANT])
def test_a_half_typed_referral_is_not_called_after_a_protected_caller(client: Client, role: Role) -> None:
    typed = {"protected": ["on"], "referrer_name": ["Zebulon Quarrington"], "circumstances": ["He told me that …"]}
    draft = save_draft(a_team(), key=uuid4(), typed=typed, by=an_officer(Role.DESK_SERGEANT))
    at_the_desk(client, role)
    wrong = {}
    for url in (
        reverse("referrals:log_page"),
        reverse("workbench:today"),
        reverse("referrals:take_over_draft", args=[draft.key]),
        reverse("referrals:discard_draft", args=[draft.key]),
    ):
        page = client.get(url).content.decode()
        if said := told(page):
            wrong[url] = said
    assert wrong == {}


def test_the_record_of_another_team_keeps_its_caller(client: Client) -> None:
    case = a_case(a_team("ENF"), referrer_name="Zebulon Quarrington")
    at_the_desk(client)
    for url in pages_of(case):
        assert client.get(url).status_code == 404
