"""The pages of a record: what is due and why, what happened when, and two people at once who lose nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from cases import actions
from cases.enums import Happened, Kind, Part
from cases.models import Action, Case, CasePerson, Entry
from deadlines import clock
from deadlines.calendar import ONE_DAY
from people.models import Person
from people.said import PersonSaid
from referrals.actions import confirm_referral, triage_referral
from referrals.enums import Method
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.deciding import a_decision
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside

pytestmark = pytest.mark.django_db

START = datetime(2010, 1, 14, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TYPED = "What I typed and must not lose"


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in."""
    user = an_officer(Role.DESK_SERGEANT, name="Nandra")
    client.force_login(user)
    return user


def an_entry(case: Case, title: str = "Home visit", **other: Any) -> Entry:
    said: dict[str, Any] = {
        "kind": Kind.CONTACT,
        "title": title,
        "text": "Nobody at home.",
        "happened_at": START,
        "by": User.objects.system(),
    }
    return actions.add_entry(case, **(said | other))


def many_entries(*said: dict[str, Any], case: Case) -> list[Entry]:
    """Rows as `add_entry` and `correct_entry` write them, at once: for a chronology that is merely long."""
    same = {"case": case, "kind": Kind.CONTACT, "happened_at": START, "recorded_by": User.objects.system()}
    return Entry.objects.bulk_create(Entry(**(same | each)) for each in said)


def page_of(client: Client, name: str, case: Case, *args: int, **asked: Any) -> str:
    answer = client.get(reverse(name, args=[case.number, *args]), asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def send(client: Client, name: str, case: Case, *args: int, **typed: Any) -> str:
    answer = client.post(reverse(name, args=[case.number, *args]), typed, follow=True)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def titles(page: str) -> list[str]:
    return re.findall(r'<h3 class="moj-timeline__title">(.*?)</h3>', page)


def section(page: str, heading: str) -> str:
    """What stands below one question of the overview."""
    return page.split(f">{heading}</h2>")[1].split("</section>")[0]


# --- the overview --------------------------------------------------------------------------------


def test_what_is_due_next_stands_with_its_date_and_why(client: Client, sergeant: User) -> None:
    case = a_case(method=Method.TELEPHONE, urgent=True, received_at=START)
    due = section(page_of(client, "workbench:case", case), "What is due next, and why?")
    assert due.index("Triage the referral") < due.index("Get the telephone referral in writing")
    assert "14 January 2010" in due
    triage = due.split("</tr>")[1]
    why = re.search(r'data-label="Why this date">(.*?)</td>', triage, re.S)
    assert why
    assert "1 hour" in why[1]
    assert f'href="{reverse("referrals:triage", args=[case.number])}"' in triage


def test_actions_stand_among_what_is_due_with_whose_they_are(client: Client, sergeant: User, case: Case) -> None:
    triage_referral(case.referral, urgent=False, what_next="", reason="Known", by=sergeant)
    constable, today = an_officer(Role.INVESTIGATOR, name="Lindley"), clock.today()
    actions.add_action(case, what="Ring the school", owner=constable, due_on=today + 9 * ONE_DAY, by=sergeant)
    actions.add_action(case, what="Ask the doctor", owner=constable, due_on=today + 2 * ONE_DAY, by=sergeant)
    due = section(page_of(client, "workbench:case", case), "What is due next, and why?")
    assert due.index("Ask the doctor") < due.index("Ring the school")
    assert due.count(str(constable)) == due.count("(action set); rule ACTION") == 2
    assert "Triage the referral" not in due


def test_nothing_due_says_so(client: Client, sergeant: User, case: Case) -> None:
    triage_referral(case.referral, urgent=False, what_next="", reason="Known", by=sergeant)
    a_decision(case)
    cram_set_aside(case)
    assert "Nothing is due on this record." in page_of(client, "workbench:case", case)


def test_other_referrals_of_its_people_stand_with_whom_they_share(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    rhys = Person.objects.get(parts__case=case)
    other = a_referral(children=[a_child("Rhys", "Calloway", same_as=rhys.pk), a_child("Ottoline", "Vane")])
    theirs = a_referral(a_team("ENF"), children=[a_child("Rhys", "Calloway", same_as=rhys.pk)])
    known = section(page_of(client, "workbench:case", case), "Known before?")
    assert "1 other referral of people on this record." in known
    assert f'href="{reverse("workbench:case", args=[other.case.number])}"' in known
    assert "Rhys Calloway" in known
    assert "Ottoline" not in known
    assert theirs.case.number not in known


def test_the_latest_decisions_stand_with_who_took_them(client: Client, sergeant: User, case: Case) -> None:
    for number in range(7):
        an_entry(case, f"Decision {number}", kind=Kind.DECISION, happened_at=START + number * HOUR, by=sergeant)
    an_entry(case, "A mere visit", happened_at=START + 99 * HOUR)
    decided = section(page_of(client, "workbench:case", case), "Who decided what, last?")
    assert re.findall(r"<b>(Decision \d)</b>", decided) == [f"Decision {number}" for number in (6, 5, 4, 3, 2)]
    assert str(sergeant) in decided
    assert "A mere visit" not in decided


def test_a_corrected_decision_is_shown_as_it_now_stands(client: Client, sergeant: User, case: Case) -> None:
    entry = an_entry(case, "No further action", kind=Kind.DECISION)
    actions.correct_entry(
        entry, title="Section 47 enquiry", text="", happened_at=START, reason="Wrong record", by=sergeant
    )
    decided = section(page_of(client, "workbench:case", case), "Who decided what, last?")
    assert "Section 47 enquiry" in decided
    assert "corrected" in decided
    assert "No further action" not in decided


# --- the chronology ------------------------------------------------------------------------------


def test_entries_stand_by_when_they_happened_either_way_round(client: Client, sergeant: User, case: Case) -> None:
    for number in (2, 0, 1):
        an_entry(case, f"Nr {number}", happened_at=START + number * HOUR)
    newest = titles(page_of(client, "cases:chronology", case))
    assert newest[1:] == ["Nr 2", "Nr 1", "Nr 0"]
    assert titles(page_of(client, "cases:chronology", case, order="oldest")) == newest[::-1]


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_long_chronology_is_read_to_its_end_without_a_gap_or_a_repeat(
    client: Client, sergeant: User, order: str, case: Case
) -> None:
    many_entries(*({"title": f"Nr {n:03}", "happened_at": START + n % 40 * HOUR} for n in range(119)), case=case)
    here = reverse("cases:chronology", args=[case.number])
    seen: list[str] = []
    url = f"{here}?order={order}"
    while url:
        page = client.get(url).content.decode()
        assert len(titles(page)) <= 50
        seen += titles(page)
        further = re.search(r'href="([^"]*)" rel="next"', page)
        url = here + unescape(further[1]) if further else ""
    sign = "-" if order == "newest" else ""
    assert seen == list(case.entries.order_by(f"{sign}happened_at", f"{sign}id").values_list("title", flat=True))


def test_each_filter_of_the_chronology_shows_what_fits_it_alone(client: Client, sergeant: User) -> None:
    case = a_case(received_at=START - 999 * HOUR, children=[a_child("Rhys"), a_child("Tia")])
    rhys = Person.objects.get(parts__case=case, given_names="Rhys")
    an_entry(case, "Visit", happened_at=START)
    an_entry(case, "Incident", kind=Kind.INCIDENT, happened_at=START + 48 * HOUR, people=[rhys])
    an_entry(case, "Decision", kind=Kind.DECISION, happened_at=START + 96 * HOUR, significant=True)

    def shown(**asked: Any) -> list[str]:
        return titles(page_of(client, "cases:chronology", case, **asked))

    assert shown()[:3] == ["Decision", "Incident", "Visit"]
    assert shown(kind="contact") == ["Visit"]
    assert shown(person=rhys.pk)[0] == "Incident"
    assert "Visit" not in shown(person=rhys.pk)
    assert shown(significant="on")[0] == "Decision"
    assert "Visit" not in shown(significant="on")
    assert shown(from_on="16/1/2010", to_on="16/1/2010") == ["Incident"]
    assert shown(from_on="17/1/2010") == ["Decision"]
    assert shown(kind="contact", significant="on") == []


def test_a_wrong_filter_shows_nothing_and_says_why(client: Client, sergeant: User, case: Case) -> None:
    stranger = Person.objects.get(parts__case=a_case())
    for wrong in ({"from_on": "31/2/2010"}, {"kind": "gossip"}, {"person": stranger.pk}):
        page = page_of(client, "cases:chronology", case, **wrong)
        assert titles(page) == []
        assert "Nothing is shown until what is marked above is put right" in page


def test_both_times_of_an_entry_are_shown(client: Client, sergeant: User, case: Case) -> None:
    an_entry(case, happened_at=START, happened=Happened.ABOUT)
    page = page_of(client, "cases:chronology", case, kind="contact")
    assert "14 January 2010, 10am" in page
    assert "Recorded " in page


def test_corrections_stand_beside_what_was_first_recorded(client: Client, sergeant: User, case: Case) -> None:
    entry = an_entry(case, "Home visit")
    for text, why in (("The grandmother.", "Read the notebook"), ("The aunt.", "Asked again")):
        actions.correct_entry(entry, title="Home visit", text=text, happened_at=START, reason=why, by=sergeant)
    page = page_of(client, "cases:chronology", case, kind="contact")
    assert titles(page) == ["Home visit"]
    places = [page.index(words) for words in ("Nobody at home.", "The grandmother.", "The aunt.")]
    assert places == sorted(places)
    assert re.search(r"<ins>[^<]*The aunt\.</ins>", page)
    assert re.search(r"<del>[^<]*Nobody at home\.</del>", page)
    assert "Why: “Read the notebook”" in page
    assert f"by {sergeant}" in page


def test_the_print_holds_everything_the_oldest_first_and_is_logged_as_a_print(client: Client, sergeant: User) -> None:
    case = a_case(received_at=START - 99 * HOUR)
    many_entries(*({"title": f"Nr {n:02}", "happened_at": START + n * HOUR} for n in range(60)), case=case)
    page = page_of(client, "cases:print_chronology", case)
    assert titles(page)[1:] == [f"Nr {number:02}" for number in range(60)]
    look = AccessLog.objects.latest("id")
    assert (look.how, look.case_id, look.by_id) == ("print", case.pk, sergeant.pk)


def test_the_print_is_narrowed_as_the_page_was_and_says_so(client: Client, sergeant: User, case: Case) -> None:
    an_entry(case, "Visit")
    page = page_of(client, "cases:print_chronology", case, kind="contact", from_on="14/1/2010")
    assert titles(page) == ["Visit"]
    assert "1 entry, narrowed to one kind from 14 January 2010" in page


# --- what a page costs ---------------------------------------------------------------------------


def statements(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [each["sql"] for each in captured.captured_queries if "SAVEPOINT" not in each["sql"]]


def test_two_hundred_entries_cost_no_more_statements_than_five(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Rhys"), a_child("Tia")], adults=[a_child("Shelley")])
    people = list(Person.objects.filter(parts__case=case))

    def some(first: int, last: int) -> None:
        kinds, numbers = [Kind.CONTACT, Kind.DECISION], range(first, last)
        each = [{"title": f"Nr {n}", "happened_at": START + n * HOUR, "kind": kinds[n % 2]} for n in numbers]
        entries = many_entries(*each, case=case)
        on_entries = Entry.people.through.objects
        on_entries.bulk_create(on_entries.model(entry=entry, person=person) for entry in entries for person in people)
        correctors = [an_officer(Role.INVESTIGATOR) for _ in range(last // 20 + 2)]
        many_entries(
            *(
                {"title": "Now", "corrects": entry, "reason": "Wrong", "recorded_by": correctors[n % len(correctors)]}
                for n, entry in enumerate(entries[::3])
            ),
            case=case,
        )

    some(0, 5)
    a_referral(children=[a_child("Rhys", same_as=people[0].pk)])
    # The overview says of the risk too: how it was assessed, what manages it, what is not known.
    pages = {"workbench:case": 42, "cases:chronology": 16, "cases:print_chronology": 16}
    few = {name: statements(client, reverse(name, args=[case.number])) for name in pages}
    some(5, 200)
    for person in people:
        a_referral(children=[a_child("Rhys", same_as=person.pk)])
    owner = an_officer(Role.INVESTIGATOR)
    for number in range(5):
        actions.add_action(case, what=f"Nr {number}", owner=owner, due_on=clock.today(), by=sergeant)
    for name, most in pages.items():
        many = statements(client, reverse(name, args=[case.number]))
        assert len(many) == len(few[name]), (name, "\n".join(many))
        assert len(many) <= most, (name, "\n".join(many))


# --- two at once ---------------------------------------------------------------------------------


def other_sergeant() -> User:
    return an_officer(Role.SUPERVISOR, name="Tull")


def test_the_second_of_two_who_triage_is_told_who_did_it_and_loses_nothing(
    client: Client, sergeant: User, case: Case
) -> None:
    other = other_sergeant()
    triage_referral(case.referral, urgent=True, what_next="", reason="Marks on the cheek", by=other)
    page = send(client, "referrals:triage", case, urgent="no", reason=TYPED, what_next="")
    assert f"{other} triaged this referral on " in page
    assert "as urgent, because: “Marks on the cheek”" in page
    assert TYPED in page
    case.referral.refresh_from_db()
    assert case.referral.triage_urgent is True


def test_the_second_of_two_who_confirm_is_told_who_did_it_and_how_and_loses_nothing(
    client: Client, sergeant: User
) -> None:
    case, other = a_case(method=Method.TELEPHONE, received_at=START), other_sergeant()
    confirm_referral(case.referral, confirmed_at=START + HOUR, confirmed_how="Email from Gwen", by=other)
    page = send(client, "referrals:confirm", case, confirmed_at="14/1/2010 12:00", confirmed_how=TYPED)
    assert "14 January 2010, 11am: Email from Gwen." in page
    assert str(other) in page
    assert TYPED in page


def a_thing_to_do(case: Case, by: User) -> Action:
    return actions.add_action(case, what="Ring the school", owner=by, due_on=clock.today() + 3 * ONE_DAY, by=by)


@pytest.mark.parametrize("name", ["cases:complete_action", "cases:cancel_action"])
def test_the_second_of_two_who_end_an_action_is_told_who_did_it_and_loses_nothing(
    client: Client, sergeant: User, name: str, case: Case
) -> None:
    other = other_sergeant()
    action = a_thing_to_do(case, sergeant)
    actions.complete_action(action, result="They will ring back", by=other)
    page = send(client, name, case, action.pk, result=TYPED)
    assert f"{other} recorded this action as done on " in page
    assert "“They will ring back”" in page
    assert TYPED in page


def test_the_second_of_two_who_change_an_action_is_told_what_changed_and_loses_nothing(
    client: Client, sergeant: User, case: Case
) -> None:
    other = other_sergeant()
    action = a_thing_to_do(case, sergeant)
    version = version_of(action)
    actions.change_action(action, owner=other, due_on=action.due_on, reason="On leave", by=other)
    mine = {"owner": sergeant.pk, "due_on": "1/1/2099", "reason": TYPED, "version": version}
    page = send(client, "cases:change_action", case, action.pk, **mine)
    assert f"{other} changed this while you had it open" in page
    assert f"{sergeant} became {other}" in page
    assert f'value="{TYPED}"' in page
    assert 'value="1/1/2099"' in page
    action.refresh_from_db()
    assert action.owner == other


def test_whoever_changes_an_action_that_has_ended_is_told_who_ended_it_and_loses_nothing(
    client: Client, sergeant: User, case: Case
) -> None:
    other = other_sergeant()
    action = a_thing_to_do(case, sergeant)
    version = version_of(action)
    actions.cancel_action(action, result="Not needed after all", by=other)
    mine = {"owner": sergeant.pk, "due_on": "1/1/2099", "reason": TYPED, "version": version}
    page = send(client, "cases:change_action", case, action.pk, **mine)
    assert f"{other} recorded this action as not needed on " in page
    assert TYPED in page


def test_the_second_of_two_who_assign_is_told_whom_the_first_chose_and_loses_nothing(
    client: Client, sergeant: User, case: Case
) -> None:
    other = other_sergeant()
    version = version_of(case)
    actions.assign_case(case, officer_in_case=other, supervisor=None, by=other)
    mine = {"officer_in_case": sergeant.pk, "supervisor": "", "reason": TYPED, "version": version}
    page = send(client, "cases:assign_case", case, **mine)
    assert f"{other} changed this while you had it open" in page
    assert f"nothing became {other}" in page
    assert f'value="{TYPED}"' in page
    newest = re.search(r'name="version" value="(\d+)"', page)
    assert newest
    page = send(client, "cases:assign_case", case, **(mine | {"version": newest[1]}))
    assert "It is recorded who works on" in page


def test_the_second_of_two_who_correct_an_entry_reads_the_first_correction_and_loses_nothing(
    client: Client, sergeant: User, case: Case
) -> None:
    other = other_sergeant()
    entry = an_entry(case)
    actions.correct_entry(
        entry, title="Home visit", text="The aunt was there.", happened_at=START, reason="Asked", by=other
    )
    mine = {"title": "Home visit", "text": TYPED, "happened_at": "14/1/2010 10:00", "reason": "Mine", "seen": 0}
    page = send(client, "cases:correct_entry", case, entry.pk, **mine)
    assert f"{other} corrected this entry on " in page
    assert "“Home visit. The aunt was there.”" in page
    assert re.search(rf"<textarea[^>]*>\s*{TYPED}</textarea>", page)
    newest = re.search(r'name="seen" value="(\d+)"', page)
    assert newest
    page = send(client, "cases:correct_entry", case, entry.pk, **(mine | {"seen": newest[1]}))
    assert "The correction stands beside the entry" in page
    assert entry.corrections.count() == 2


def test_the_second_of_two_who_put_a_person_right_is_told_what_changed_and_loses_nothing(
    client: Client, sergeant: User
) -> None:
    case, other = a_case(children=[a_child("Rhys", "Calloway")]), other_sergeant()
    person = Person.objects.get(parts__case=case)
    version = version_of(person)
    said = PersonSaid(given_names="Rhys", family_name="Callaway")
    actions.change_person(person, case=case, said=said, reason="Spelt so", on=clock.today(), by=other)
    mine = {"given_names": "Reece", "family_name": "Calloway", "birth": "6/6/2003", "sex": "male"}
    page = send(client, "cases:change_person", case, person.pk, **mine, reason=TYPED, version=version)
    assert f"{other} changed this while you had it open" in page
    assert "Calloway became Callaway" in page
    for typed in ("Reece", "Calloway", "6/6/2003", TYPED):
        assert f'value="{typed}"' in page
    person.refresh_from_db()
    assert str(person) == "Rhys Callaway"


def test_the_second_of_two_who_take_somebody_off_is_told_who_did_it(client: Client, sergeant: User) -> None:
    case, other = a_case(adults=[a_child("Shelley", "Brannock")]), other_sergeant()
    part = CasePerson.objects.get(case=case, part=Part.ADULT)
    actions.take_person_off(part, reason="Somebody else", by=other)
    answer = client.post(reverse("cases:take_person_off", args=[case.number, part.pk]), {"reason": TYPED})
    page = unescape(answer.content.decode())
    assert "took Shelley Brannock off this record" in page
    assert str(other) in page


def test_whoever_puts_somebody_right_who_was_taken_off_is_told_so(client: Client, sergeant: User) -> None:
    case = a_case(adults=[a_child("Shelley", "Brannock")])
    part = CasePerson.objects.get(case=case, part=Part.ADULT)
    version = version_of(part.person)
    actions.take_person_off(part, reason="Somebody else", by=other_sergeant())
    mine = {"given_names": "Michelle", "family_name": "Brannock", "reason": TYPED, "version": version}
    answer = client.post(reverse("cases:change_person", args=[case.number, part.person.pk]), mine)
    page = unescape(answer.content.decode())
    assert TYPED in page
    assert "taken off" in page


def test_an_entry_about_the_future_is_refused_beside_its_field_and_nothing_is_lost(
    client: Client, sergeant: User, case: Case
) -> None:
    mine = {"kind": "contact", "title": "Visit", "text": TYPED, "happened_at": "1/1/2100 10:00"}
    page = send(client, "cases:add_entry", case, **mine)
    assert 'id="id_happened_at_error"' in page
    assert "This is in the future: it is " in page
    assert TYPED in page
    assert 'value="1/1/2100 10:00"' in page


# --- who may open it -----------------------------------------------------------------------------


def test_an_entry_or_action_of_another_record_is_not_found_on_this_one(
    client: Client, sergeant: User, case: Case
) -> None:
    other = a_case()
    entry, action = an_entry(other), a_thing_to_do(other, sergeant)
    part = CasePerson.objects.get(case=other)
    for name, pk in (
        ("correct_entry", entry.pk),
        ("change_action", action.pk),
        ("complete_action", action.pk),
        ("cancel_action", action.pk),
        ("change_person", part.person_id),
        ("take_person_off", part.pk),
    ):
        assert client.get(reverse(f"cases:{name}", args=[case.number, pk])).status_code == 404, name


def test_every_opening_is_one_row_in_the_access_log(client: Client, sergeant: User, case: Case) -> None:
    for name in ("workbench:case", "referrals:referral", "cases:chronology", "cases:people", "cases:shared"):
        page_of(client, name, case)
    looks = AccessLog.objects.filter(case_id=case.pk).order_by("id")
    assert [look.detail["page"] for look in looks] == [
        "workbench:case",
        "referrals:referral",
        "cases:chronology",
        "cases:people",
        "cases:shared",
    ]
    assert {look.by_id for look in looks} == {sergeant.pk}
