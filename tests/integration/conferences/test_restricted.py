"""Conferences, plans and core groups of restricted records: nothing of them reaches whoever is not named, nothing is
hidden silently, and the figures count them all the same (ADR 34)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cases.actions import name_officer, restrict_case, take_name_off
from cases.models import Case
from cases.restricting import whom_to_ask
from conferences import urls
from conferences.actions import book_conference, change_conference, correct_attendance
from conferences.api import urls as api_urls
from conferences.calendar import meetings
from conferences.clashes import clash_sentence
from conferences.enums import Missed
from conferences.figures import counted
from conferences.models import Conference, CoreGroup, Plan
from conferences.register import months_of, plans_on
from conferences.steps import raise_what_follows
from conferences.timeliness import held_between
from conferences.week import Asked, week_of
from deadlines import clock
from deadlines.clock import LONDON
from deadlines.periods import monday_of
from diary.checking import findings
from diary.models import Duty, DutyState
from intake.actions import pass_to_conferences
from intake.models import Message
from people.models import Person
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_core_group, as_booked, children_on, decided, held
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.reports import a_prepared_conference, a_submitted_report
from tests.factories.restricting import WHY_RESTRICTED, a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried
from tests.integration.api.asking import Program
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What stands on the restricted record, and in no answer to whoever is not named.
TELLS = ("Quillon", "Abernethy", "Marlpit", "Whitlock", "Sandpiper", WHY_RESTRICTED)


@dataclass
class Hidden:
    """A restricted record with a child on a plan, a review that is booked and a core group; who prepares the review
    is named, and a colleague, who supervised conferences there until it was restricted, is not."""

    case: Case
    child: Person
    initial: Conference
    review: Conference
    group: CoreGroup
    pclo: User
    inspector: User
    colleague: User
    ask: str


def build() -> Hidden:
    pclo, colleague = an_officer(Role.PCLO, name="Farthing"), an_officer(Role.SUPERVISOR, name="Nandra")
    case = a_case(children=[a_child("Quillon", "Abernethy")])
    where: dict[str, Any] = {"place": "Marlpit Hall", "chair": "Mrs Whitlock", "pclo": pclo}
    began = a_conference(case, starts_at=NOW - 2 * DAY, initiated_on=(NOW - 9 * DAY).date(), **where)
    initial = decided(held(began, attended_by=pclo, our_note="Sandpiper"))
    review = a_conference(case, kind="review", starts_at=NOW + DAY, **where)
    group = a_core_group(case, NOW + 2 * DAY, place="Sandpiper School")
    a_restricted_case(pclo, case=case)
    inspector = case.named.get(officer__family_name="Castell").officer
    move_time_to(NOW)
    ask = whom_to_ask([case])[case.pk]
    return Hidden(case, children_on(case)[0], initial, review, group, pclo, inspector, colleague, ask)


@pytest.fixture(scope="module")
def built(on_its_day: Shared) -> Hidden:
    return on_its_day(build)


@pytest.fixture
def hidden(built: Hidden) -> Hidden:
    move_time_to(NOW)
    return own(built)


def words_of(answer: Any) -> str:
    return unescape(answer.content.decode(errors="replace"))


def told(words: str) -> list[str]:
    """What of the restricted record stands there."""
    return [each for each in TELLS if each in words]


def page(client: Client, user: User, view: str, *args: Any, **asked: Any) -> str:
    client.force_login(user)
    answer = client.get(reverse(f"conferences:{view}", args=args), asked)
    assert answer.status_code == 200
    html = words_of(answer)
    return " ".join(html[html.index("<main") : html.index("</main")].split())


# --- every page and address ----------------------------------------------------------------------


def addresses(hidden: Hidden) -> list[str]:
    """Every page and address of the restricted record in the room."""
    said: dict[str, Any] = {"number": hidden.case.number, "nr": hidden.review.number}
    others = {"pk": 1, "copy": 1, "item": 1, "recipient": 1, "outcome": 1}
    found = []
    for each in urls.urlpatterns:
        wanted = each.pattern.converters
        if "number" in wanted:
            found.append(
                reverse(f"conferences:{each.name}", kwargs={name: {**others, **said}[name] for name in wanted})
            )
    of_plan = {"plan", "end_plan", "withdraw_plan"}
    for each in api_urls.urlpatterns:
        wanted = each.pattern.converters
        if not wanted or each.name == "set_aside_email":
            continue
        plan = Plan.objects.get(child=hidden.child)
        pk = plan.pk if each.name in of_plan else hidden.review.pk
        kwargs = {name: {**others, **said, "pk": pk}[name] for name in wanted}
        found.append(reverse(f"api:{each.name}", kwargs=kwargs))
    return found


def no_such(address: str) -> str:
    """The same address of something that is not there."""
    return re.sub(r"/\d+/", "/9999999/", address, count=1)


def test_nobody_who_is_not_named_gets_through_at_any_address_and_reads_whom_to_ask(
    client: Client, hidden: Hidden
) -> None:
    client.force_login(hidden.colleague)
    program, wrong = Program(hidden.colleague), Wrong()
    asked = addresses(hidden)
    assert len(asked) > 60
    for address in asked:
        with tried(wrong, address):
            answer = (program.client if "/api/" in address else client).get(address)
            assert told(words_of(answer)) == []
            if hidden.case.number in address:
                assert answer.status_code == 403
                assert f"Ask {hidden.ask}" in words_of(answer)
            else:  # an id, which can be counted through, tells nothing that a number nobody has does not
                assert answer.status_code == 404
                assert answer.content == program.client.get(no_such(address)).content
    assert wrong == {}
    # Whoever is named opens it as ever.
    assert "Quillon Abernethy" in page(client, hidden.pclo, "of_record", hidden.case.number)
    assert Program(hidden.pclo).get("conference", hidden.review.pk).json()["place"] == "Marlpit Hall"


LISTS: list[tuple[str, dict[str, str]]] = [
    ("conferences", {"whose": "all"}),
    ("conferences", {"whose": "mine"}),
    ("print_week", {"whose": "all"}),
    ("register", {}),
    ("register_moves", {"way": "on"}),
    ("register_moves", {"way": "off"}),
    ("attendance", {}),
    ("attendance_list", {}),
    ("timeliness", {}),
    ("timeliness_list", {}),
    ("invitations", {}),
]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PCLO, Role.COMMAND])
def test_no_list_tells_anything_of_it_to_whoever_is_not_named(client: Client, hidden: Hidden, role: Role) -> None:
    user, wrong = an_officer(role), Wrong()
    program = Program(user)
    for view, asked in LISTS:
        with tried(wrong, view, asked):
            assert told(page(client, user, view, **asked)) == []
            assert hidden.pclo.family_name not in page(client, user, view, **asked)
    for name in ("conferences", "plans"):
        with tried(wrong, name):
            answer = program.get(name).json()
            assert answer["results"] == []
            assert answer["left_out"] == [{"urn": hidden.case.urn, "ask": hidden.ask}]
            assert Program(hidden.pclo).get(name).json()["left_out"] == []
    assert wrong == {}
    assert list(meetings(user, NOW)) == []
    # Named, all of it is there.
    assert "Quillon Abernethy" in page(client, hidden.pclo, "conferences", whose="mine")
    assert "Quillon Abernethy" in page(client, hidden.pclo, "register")
    assert len(list(meetings(hidden.pclo, NOW))) == 2
    assert len(Program(hidden.pclo).get("conferences").json()["results"]) == 2


# --- what is not hidden silently -----------------------------------------------------------------


def test_the_week_says_of_which_restricted_records_something_is_left_out(client: Client, hidden: Hidden) -> None:
    sentence = (
        "1 restricted record has a conference, a core group or something due that is not shown here: "
        f"{hidden.case.urn}. Ask {hidden.ask}"
    )
    assert sentence in page(client, hidden.colleague, "conferences", whose="all")
    # What is somebody's own is on no record that they may not open; what is nobody's by name may be.
    assert sentence in page(client, hidden.colleague, "conferences", whose="mine")
    assert "restricted record has" not in page(client, hidden.pclo, "conferences", whose="all")
    # Weeks later there is still the review conference to find out, and nothing of another team's is said.
    assert sentence not in page(client, an_officer(Role.SUPERVISOR, a_team("ENF")), "conferences")


def rows_of(html: str) -> list[str]:
    """What stands in the rows of the last table of a page."""
    table = html[html.rindex("<tbody") : html.rindex("</tbody>")]
    return [" ".join(re.sub(r"<[^>]*>", " ", f"<tr {row}").split()) for row in table.split("<tr ")[1:]]


def row_of(html: str) -> str:
    (row,) = rows_of(html)
    return row


def withheld(hidden: Hidden, cells: int) -> str:
    """A row of a restricted record with so many cells after its name: whom to ask, and in the others nothing."""
    return " ".join(["A restricted record", *["not shown"] * (cells - 1), f"ask {hidden.ask}"])


def test_the_register_counts_the_child_and_names_nobody(client: Client, hidden: Hidden) -> None:
    for view, asked in (("register", {}), ("register_moves", {"way": "on"})):
        assert row_of(page(client, hidden.colleague, view, **asked)) == withheld(
            hidden, 4 if view == "register" else 3
        )
        assert "8 March 2010 it goes on" in row_of(page(client, hidden.pclo, view, **asked))
    assert "1 child was on a child protection plan" in page(client, hidden.colleague, "register")
    today = clock.today()
    numbers = [
        (plans_on(user, today).count(), months_of(user, today)[-1].number) for user in (hidden.colleague, hidden.pclo)
    ]
    assert numbers == [(1, 1), (1, 1)]


def test_the_figures_count_it_and_their_lists_are_as_long_and_name_nobody(client: Client, hidden: Hidden) -> None:
    for user in (hidden.colleague, hidden.pclo):
        assert counted(user, now=NOW).count() == 1
        assert held_between(user, (NOW - 9 * DAY).date(), NOW.date()).count() == 1
    for view, cells in (("attendance_list", 3), ("timeliness_list", 4)):
        html = page(client, hidden.colleague, view)
        assert sorted(row_of(html).split()) == sorted(withheld(hidden, cells).split())
        assert hidden.case.urn in row_of(page(client, hidden.pclo, view))
    assert "Farthing" in row_of(page(client, hidden.pclo, "attendance_list"))


def test_what_was_missed_on_it_counts_and_says_nothing_of_why(client: Client, hidden: Hidden) -> None:
    why: dict[str, Any] = {"attended_by": None, "missed": Missed.LATE_NOTICE, "missed_why": "Sandpiper rang nobody"}
    correct_attendance(hidden.initial, **why, why="As the minutes say", by=hidden.pclo)
    row = rows_of(page(client, hidden.colleague, "attendance"))[-1]
    assert sorted(row.split()) == sorted(withheld(hidden, 2).split())
    assert "Sandpiper rang nobody" in rows_of(page(client, hidden.pclo, "attendance"))[-1]


def test_a_print_for_the_wall_names_nothing_of_it_whoever_prints(client: Client, hidden: Hidden) -> None:
    html = page(client, hidden.pclo, "print_week", whose="mine")
    assert told(html) == []
    assert "On a restricted record" in html
    assert hidden.case.urn not in html
    week = week_of(hidden.pclo, Asked(monday_of(NOW.date()), "mine"), now=NOW)
    assert {row.conference.pk for row in week.rows} == {hidden.initial.pk, hidden.review.pk}


# --- other records of the child ------------------------------------------------------------------


def another_record(child: Person) -> Case:
    return a_case(children=[a_child("Quill", "Abner", same_as=child.pk)])


def test_the_other_record_of_the_child_says_whom_to_ask_and_where_the_plan_is_carried(
    client: Client, hidden: Hidden
) -> None:
    other = another_record(hidden.child)
    html = page(client, hidden.colleague, "of_record", other.number)
    assert (
        f"There is also a conference about a child of this record on a restricted record. Ask {hidden.ask} about it"
        in html
    )
    assert f"carried on a restricted record: ask {hidden.ask}" in html
    assert f"Booked, on a restricted record: ask {hidden.ask}" in html
    assert f"is carried on a restricted record (ask {hidden.ask}): its core groups are there" in html
    assert [each for each in told(html) if each not in ("Quillon", "Abernethy")] == []
    assert hidden.case.number not in html
    assert hidden.case.urn not in html
    # Whoever is named is led to it.
    html = page(client, hidden.pclo, "of_record", other.number)
    assert f"/cases/{hidden.case.number}/conferences/{hidden.review.number}/" in html
    assert "restricted record" not in html


# --- whose it is ---------------------------------------------------------------------------------


def test_whoever_is_not_named_prepares_no_conference_of_it_and_is_offered_for_none(
    client: Client, hidden: Hidden
) -> None:
    strange = an_officer(Role.PCLO, name="Kingsmere")
    refused = f"{strange} is not named on this restricted record, so cannot open it. Name them first"
    said = as_booked(hidden.case, starts_at=NOW + 30 * DAY, pclo=strange)
    with pytest.raises(ValidationError) as booked:
        book_conference(hidden.case, **said, by=hidden.pclo)
    with pytest.raises(ValidationError) as changed:
        change_conference(hidden.review, pclo=strange, by=hidden.pclo)
    assert booked.value.message_dict == changed.value.message_dict == {"pclo": [refused]}
    html = page(client, hidden.pclo, "book", hidden.case.number)
    assert "Farthing" in html
    assert "Kingsmere" not in html
    assert "Kingsmere" not in page(client, hidden.pclo, "attended", hidden.case.number, hidden.review.number)


def test_what_a_conference_officer_has_by_name_goes_back_when_the_record_is_restricted_or_their_name_taken_off() -> (
    None
):
    move_time_to(NOW)
    case, pclo = a_case(), an_officer(Role.PCLO)
    before = a_conference(case, starts_at=NOW - DAY, pclo=pclo)
    coming = a_conference(case, starts_at=NOW + 20 * DAY, pclo=pclo)
    decided(held(before, attended_by=pclo))
    inspector, sergeant = an_officer(Role.INSPECTOR), an_officer(Role.SUPERVISOR)
    assert Duty.objects.filter(case=case, state=DutyState.OPEN, owner=pclo).exists()
    restrict_case(case, reason="A constable is suspected", officers=[inspector], by=sergeant)
    coming.refresh_from_db()
    before.refresh_from_db()
    assert coming.pclo is None
    assert before.attended_by == pclo  # who went, stays said
    assert not Duty.objects.filter(case=case, state=DutyState.OPEN, owner=pclo).exists()
    assert findings([case.pk]) == []

    # And as well when somebody's name is taken off.
    second = an_officer(Role.PCLO)
    name_officer(case, officer=second, reason="Goes to the conference", by=sergeant)
    change_conference(coming, pclo=second, by=sergeant)
    assert Duty.objects.filter(case=case, state=DutyState.OPEN, owner=second).exists()
    take_name_off(case.named.get(officer=second, ended_at=None), reason="On leave", by=sergeant)
    coming.refresh_from_db()
    assert coming.pclo is None
    assert not Duty.objects.filter(case=case, state=DutyState.OPEN, owner=second).exists()
    assert findings([case.pk]) == []


def test_who_wrote_the_report_is_not_the_one_who_has_to_endorse_it() -> None:
    """Nobody else who is named holds that role."""
    wrote, inspector = an_officer(Role.SUPERVISOR), an_officer(Role.INSPECTOR)
    case = restrict_case(a_case(), reason=WHY_RESTRICTED, officers=[inspector], by=wrote)
    a_submitted_report(a_prepared_conference(case), by=wrote)
    assert Duty.objects.get(case=case, kind="endorse_report", state=DutyState.OPEN).owner == inspector


def test_what_follows_a_conference_falls_to_no_officer_who_went_and_is_not_named() -> None:
    """They stay on the conference that was held: that is who went."""
    case, went, sergeant = a_case(), an_officer(Role.PCLO), an_officer(Role.SUPERVISOR)
    conference = decided(held(a_conference(case, pclo=went), attended_by=went))
    restrict_case(case, reason=WHY_RESTRICTED, officers=[an_officer(Role.INSPECTOR)], by=sergeant)
    conference.refresh_from_db()
    assert conference.pclo == went
    # As when the record is opened again.
    Duty.objects.filter(case=case, kind="conference_minutes").update(
        state=DutyState.CANCELLED, ended_at=clock.moment(), ended_why="Closed", ended_by=User.objects.system()
    )
    raise_what_follows(conference, by=sergeant)
    assert Duty.objects.get(case=case, kind="conference_minutes", state=DutyState.OPEN).owner == sergeant
    assert findings([case.pk]) == []


def test_a_clash_with_a_conference_of_it_tells_the_time_alone(hidden: Hidden) -> None:
    words = clash_sentence(hidden.pclo, hidden.review.starts_at, 60, user=hidden.colleague)
    assert words == (
        f"{hidden.pclo} is booked already: a conference of {hidden.case.team}, 11 March 2010, 10am to midday"
    )


# --- emails --------------------------------------------------------------------------------------


def test_the_email_of_its_invitation_is_read_by_those_named_alone(client: Client) -> None:
    move_time_to(NOW)
    system, colleague, pclo = User.objects.system(), an_officer(Role.SUPERVISOR), an_officer(Role.PCLO)
    case = a_case(children=[a_child("Quillon", "Abernethy")])
    email = pass_to_conferences(a_message(subject="Invitation: Quillon Abernethy"), by=system)
    a_conference(case, message=email, starts_at=NOW + DAY)
    assert "Quillon" in page(client, colleague, "invitations")
    a_restricted_case(pclo, case=case)
    assert not Message.objects.visible_to(colleague).filter(pk=email.pk).exists()
    assert not Message.objects.handled_by(colleague).filter(pk=email.pk).exists()
    html = page(client, colleague, "invitations")
    assert told(html) == []
    assert (
        f"1 restricted record has emails that are not shown here: {case.urn}. Ask {whom_to_ask([case])[case.pk]}"
        in html
    )
    client.force_login(colleague)
    assert client.get(reverse("conferences:invitation", args=[email.pk])).status_code == 404
    assert "Quillon" in page(client, pclo, "invitations")


def test_whoever_looks_for_the_record_of_an_invitation_reads_whom_to_ask_first(
    client: Client, hidden: Hidden
) -> None:
    system = User.objects.system()
    sentence = f"Something like this is on a restricted record. Before you book, ask {hidden.ask}."
    for subject, text in ((f"Conference {hidden.case.urn}", ""), ("Invitation: Quillon ABERNETHY", "")):
        email = pass_to_conferences(a_message(subject=subject, text=text), by=system)
        html = page(client, hidden.colleague, "invitation", email.pk)
        assert sentence in html
        assert hidden.case.number not in html
        assert sentence not in page(client, hidden.pclo, "invitation", email.pk)
    other = pass_to_conferences(a_message(subject="Room bookings"), by=system)
    assert sentence not in page(client, hidden.colleague, "invitation", other.pk)
    assert sentence in page(client, hidden.colleague, "invitation", other.pk, q="Abernethy")
    assert sentence not in page(client, hidden.colleague, "invitation", other.pk, q="Oakgate")
