"""What reviewers and attackers found, so that it stays mended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions as on_case
from cases.enums import Kind, Part
from cases.models import Case, Entry
from deadlines import clock
from pages.words import moment
from people.births import Birth, read_birth
from people.models import OtherName, Person
from people.said import PersonSaid
from referrals import actions
from referrals.enums import Source
from referrals.known import known_already
from referrals.models import Draft, Referral
from team.actions import give_role
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from tests.factories.referrals import a_case, a_child, a_referral, aged, as_received
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def system() -> User:
    return User.objects.system()


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["İlkay", "ΝΙΚΟΣ", "Straße", "Éloïse"])
def test_a_name_whose_small_letters_are_disputed_can_be_logged_as_often_as_one_likes(name: str) -> None:
    said = a_child(name, "Özdemir")
    person = a_referral(children=[said]).case.people.get()
    for _ in range(3):
        a_referral(children=[replace(said, same_as=person.pk)])
    assert person.cases.count() == 4
    assert not OtherName.objects.exists()


@pytest.mark.parametrize("typed", ["İlkay", "ilkay özd", "ÖZDEMİR"])
def test_such_a_name_is_found_in_the_log(typed: str, client: Client) -> None:
    a_referral(children=[a_child("İlkay", "ÖZDEMİR")])
    client.force_login(an_officer(Role.DESK_SERGEANT))
    page = client.get(reverse("referrals:log_page"), {"q": typed}).content.decode()
    assert ("İlkay ÖZDEMİR" in page) == (typed != "ilkay özd")  # a dotless i is another letter


def test_a_common_name_does_not_push_out_whoever_is_like_another_name_or_born_on_the_day() -> None:
    for _ in range(13):
        a_referral(children=[a_child("John", "Smith") for _ in range(10)])
    child = a_referral(children=[a_child("Rhys", "Calloway", birth=aged(7))]).case.people.get()
    twin = a_referral(children=[a_child("Mina", "Halloran", birth=aged(9))]).case.people.get()
    said = [a_child("John", "Smith"), a_child("Reece", "Calloway"), a_child("Myna", "Holloran", birth=aged(9))]
    first, second, third = known_already(said, user=an_officer(Role.DESK_SERGEANT)).matches
    assert len(first) == 5
    assert [match.person for match in second] == [child]
    assert [match.person for match in third] == [twin]


def test_a_newborn_is_known_by_the_child_that_was_expected() -> None:
    due = clock.today() + 4 * DAY
    baby = a_referral(children=[a_child("", "Aldous", birth=Birth.due(due))]).case.people.get()
    said = [a_child("Ada", "Aldous", birth=Birth.on(clock.today()), address="6 Ermine Road, N17")]
    matches = known_already(said, user=an_officer(Role.DESK_SERGEANT)).matches[0]
    assert not any("But another birth" in reason for match in matches for reason in match.reasons)
    a_referral(children=[replace(said[0], same_as=baby.pk)])
    baby.refresh_from_db()
    assert baby.birth == Birth.on(clock.today())


def test_a_brother_chosen_by_mistake_does_not_give_the_unborn_child_his_birth() -> None:
    due = Birth.due(clock.today() + 4 * DAY)
    baby = a_referral(children=[a_child("", "Aldous", birth=due)]).case.people.get()
    a_referral(children=[a_child("Carl", "Aldous", birth=aged(9), same_as=baby.pk)])
    baby.refresh_from_db()
    assert baby.birth == due


@pytest.mark.parametrize("written", ["not known", "N/K", "nfa", "No fixed abode"])
def test_two_without_an_address_do_not_live_together(written: str) -> None:
    a_referral(children=[a_child("Ali", "Noor", address=written)])
    known = known_already([a_child("Ali", "Khan", address=written)], user=an_officer(Role.DESK_SERGEANT))
    assert known.places == []
    assert not any("Same address" in match.reasons for match in known.matches[0])


def test_another_number_in_the_street_is_another_address() -> None:
    a_referral(children=[a_child(address="22 Tidewell House, London N17 6QX")])
    desk = an_officer(Role.DESK_SERGEANT)
    typed = ["22 Tidewell Hse, London N17", "23 Tidewell House, London N17 6QX"]
    assert [len(known_already([a_child(address=each)], user=desk).places) for each in typed] == [1, 0]


@pytest.mark.django_db(transaction=True)
def test_the_first_look_up_of_a_session_finds_as_every_other() -> None:
    a_referral(children=[a_child("Rhys", "Calloway")])
    desk = an_officer(Role.DESK_SERGEANT)
    connection.close()
    for _ in range(2):
        assert len(known_already([a_child("Rhys", "Calloway")], user=desk).matches[0]) == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('enable_seqscan')")
            assert cursor.fetchone() == ("on",)


# --- drafts --------------------------------------------------------------------------------------


def test_whoever_lost_a_draft_to_a_colleague_cannot_log_what_they_typed() -> None:
    first, second, key = an_officer(Role.DESK_SERGEANT), an_officer(Role.DESK_SERGEANT), uuid4()
    draft = actions.save_draft(a_team(), key=key, typed={"whereabouts": ["at home"]}, by=first)
    actions.take_over_draft(draft, by=second)
    with pytest.raises(ChangedMeanwhile, match=f"{second} has gone on with this referral"):
        actions.log_referral(a_team(), **as_received(token=key), draft_version=1, by=first)
    assert Draft.objects.get(key=key).typed == {"whereabouts": ["at home"]}
    assert actions.log_referral(a_team(), **as_received(token=key), draft_version=2, by=second).just_now
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_late_save_never_brings_a_logged_draft_back() -> None:
    team, desk = a_team(), an_officer(Role.DESK_SERGEANT)

    def race(_: int) -> None:
        key = uuid4()
        actions.save_draft(team, key=key, typed={}, by=desk)

        def log() -> None:
            try:
                actions.log_referral(team, **as_received(token=key), draft_version=1, by=User.objects.get(pk=desk.pk))
            except ChangedMeanwhile:
                pass  # the save came first: then the draft stays
            finally:
                connection.close()

        def save() -> None:
            try:
                actions.save_draft(team, key=key, typed={}, version=1, by=User.objects.get(pk=desk.pk))
            except ChangedMeanwhile:
                pass  # it was logged first
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            for done in (pool.submit(log), pool.submit(save)):
                done.result()

    for turn in range(10):
        race(turn)
    logged = set(Referral.objects.values_list("token", flat=True))
    assert not logged & set(Draft.objects.values_list("key", flat=True))


def test_a_draft_keeps_only_the_fields_that_the_form_has(client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    key = uuid4()
    sent = {"key": key, "team": a_team().pk, "junk": "x" * 1000, "children-TOTAL_FORMS": "1"}
    client.post(reverse("referrals:save_draft", args=[key]), {**sent, "children-0-given_names": "Rhys"})
    assert "junk" not in Draft.objects.get(key=key).typed
    assert Draft.objects.get(key=key).typed["children-0-given_names"] == ["Rhys"]


def test_more_than_anybody_types_is_not_kept() -> None:
    with pytest.raises(ValidationError, match="longer than"):
        actions.save_draft(a_team(), key=uuid4(), typed={"circumstances": ["x" * 300_000]}, by=system())


def test_a_new_referral_of_somebody_shown_before_is_a_new_look(client: Client) -> None:
    from audit.models import AccessLog

    desk = an_officer(Role.DESK_SERGEANT)
    client.force_login(desk)
    child = a_child("Rhys", "Calloway")
    person = a_referral(children=[child]).case.people.get()
    key = uuid4()
    sent = {"key": key, "team": a_team().pk, "children-TOTAL_FORMS": "1"}
    sent |= {"children-0-given_names": "Rhys", "children-0-family_name": "Calloway"}

    def looks(version: int) -> int:
        client.post(reverse("referrals:save_draft", args=[key]), {**sent, "version": version})
        return AccessLog.objects.filter(by_id=desk.pk, object_type="people.person").count()

    assert [looks(0), looks(1)] == [1, 1]
    a_referral(children=[replace(child, same_as=person.pk)])
    assert looks(2) == 2


# --- the download --------------------------------------------------------------------------------


def test_the_download_holds_only_the_teams_for_which_one_may_download(client: Client) -> None:
    own, other = a_referral(a_team("HGY")), a_referral(a_team("ENF"))
    officer = an_officer(Role.SUPERVISOR, a_team("HGY"))
    give_role(officer, team=a_team("ENF"), role=Role.INVESTIGATOR, from_on=clock.today(), by=system())
    client.force_login(officer)
    assert other.case.number in client.get(reverse("referrals:log_page")).content.decode()
    answer = client.post(reverse("referrals:download"), {"reason": "Audit"})
    cells = {cell.value for row in load_workbook(BytesIO(answer.content)).active for cell in row}
    assert own.case.number in cells
    assert other.case.number not in cells


# --- the record ----------------------------------------------------------------------------------


def test_what_is_put_right_is_told_on_every_open_record_of_the_person() -> None:
    said = a_child("Rhys", "Calloway")
    first = a_case(children=[said])
    person = first.people.get()
    second, closed = (a_case(a_team("ENF"), children=[replace(said, same_as=person.pk)]) for _ in range(2))
    Case.objects.filter(pk=closed.pk).update(state="closed", closed_at=clock.now())
    name = PersonSaid(given_names="Reece", family_name="Calloway")
    on_case.change_person(person, case=first, said=name, reason="Certificate", on=clock.today(), by=system())
    told = Entry.objects.filter(kind=Kind.PEOPLE).order_by("case_id").values_list("case_id", "title")
    assert list(told) == [
        (first.pk, "Details of Rhys Calloway put right"),
        (second.pk, "Details of Rhys Calloway put right on another record"),
    ]


def test_what_a_referral_teaches_about_somebody_known_stands_in_its_chronology() -> None:
    person = a_case(children=[a_child("Rhys", "Calloway")]).people.get()
    said = a_child("Reece", "Calloway", birth=Birth.on(clock.today() - 400 * DAY), same_as=person.pk)
    text = a_case(children=[said]).entries.get().text
    assert "Rhys Calloway is also called Reece Calloway." in text
    assert "before not known." in text


def test_a_corrected_date_counts_when_the_chronology_is_narrowed() -> None:
    from cases.queries import chronology, entries_narrowed

    case = a_case()
    then = clock.now() - 400 * DAY
    entry = on_case.add_entry(
        case, kind=Kind.NOTE, title="Seen", text="Well", happened_at=clock.now() - DAY, by=system()
    )
    on_case.correct_entry(entry, title="Seen", text="Well", happened_at=then, reason="Last year", by=system())
    day = clock.london_date(then)
    assert list(entries_narrowed(chronology(case), from_on=day, to_on=day)) == [entry]


def test_an_entry_about_the_wrong_child_is_corrected_to_the_right_one() -> None:
    from cases.queries import chronology, entries_narrowed

    case = a_case(children=[a_child("Ellis"), a_child("Tia")])
    ellis, tia = case.people.order_by("pk")
    entry = on_case.add_entry(
        case, kind=Kind.NOTE, title="Seen", text="Well", happened_at=clock.now(), people=[ellis], by=system()
    )
    correction = on_case.correct_entry(
        entry, title="Seen", text="Well", happened_at=entry.happened_at, people=[tia], reason="Mixed up", by=system()
    )
    assert list(correction.people.all()) == [tia]
    assert entry in entries_narrowed(chronology(case), person=tia)


def test_correcting_a_title_alone_leaves_the_moment_as_it_was() -> None:
    case = a_case()
    entry = case.entries.get()
    shown = entry.happened_at.replace(second=0, microsecond=0)
    correction = on_case.correct_entry(
        entry, title="Another", text=entry.text, happened_at=shown, reason="Slip", by=system()
    )
    assert correction.happened_at == entry.happened_at
    again: dict[str, Any] = {
        "title": "Another",
        "text": entry.text,
        "happened_at": shown,
        "reason": "Slip",
        "by": system(),
    }
    with pytest.raises(ValidationError, match="Nothing is changed yet"):
        on_case.correct_entry(entry, **again)


def test_an_overdue_action_can_be_given_to_somebody_else_and_stays_overdue() -> None:
    case, owner = a_case(), an_officer(Role.INVESTIGATOR)
    action = on_case.add_action(case, what="Visit", owner=owner, due_on=clock.today(), by=system())
    type(action).objects.filter(pk=action.pk).update(due_on=clock.today() - DAY)
    action.refresh_from_db()
    other = an_officer(Role.INVESTIGATOR)
    changed = on_case.change_action(action, owner=other, due_on=action.due_on, reason="Leave", by=system())
    assert (changed.owner, changed.due_on) == (other, clock.today() - DAY)


def test_nobody_supervises_their_own_work_and_only_a_sergeant_supervises() -> None:
    case, sergeant, constable = a_case(), an_officer(Role.SUPERVISOR), an_officer(Role.INVESTIGATOR)
    with pytest.raises(ValidationError, match="nobody supervises their own work"):
        on_case.assign_case(case, officer_in_case=sergeant, supervisor=sergeant, by=system())
    with pytest.raises(ValidationError, match="is no sergeant or inspector"):
        on_case.assign_case(case, officer_in_case=None, supervisor=constable, by=system())


@pytest.mark.parametrize("kind", [Kind.REFERRAL, Kind.RECORD, Kind.SHARED, Kind.ACTION, Kind.PEOPLE])
def test_nobody_writes_by_hand_what_cait_writes(kind: Kind) -> None:
    with pytest.raises(ValidationError, match="written by CAIT alone"):
        on_case.add_entry(a_case(), kind=kind, title="T", text="t", happened_at=clock.now(), by=system())


def test_the_heading_says_what_an_adult_is_to_the_first_child_by_what_was_said_last() -> None:
    from cases.queries import people_on

    case = a_case(children=[a_child("Ellis"), a_child("Tia")])
    ellis, tia = case.people.order_by("pk")
    adult = on_case.add_person(case, part=Part.ADULT, said=PersonSaid("Kim"), on=clock.today(), by=system())
    from people.steps import relate

    for child, relation in ((ellis, "mother"), (tia, "father"), (ellis, "step_parent")):
        relate([(adult, relation, child)], by=system())
    (shown,) = [each for each in people_on(case, today=clock.today()) if each.person == adult]
    assert shown.relation == "step-parent"


# --- what was sent -------------------------------------------------------------------------------


def test_a_source_that_is_protected_is_not_found_by_its_source(client: Client) -> None:
    a_referral(source=Source.PUBLIC, protected=True, children=[a_child("Rhys", "Calloway")])
    client.force_login(an_officer(Role.DESK_SERGEANT))
    assert "Rhys" not in client.get(reverse("referrals:log_page"), {"source": "public"}).content.decode()


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "base64", "undefined"])
def test_what_is_not_sent_in_utf_8_is_refused(charset: str, client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    answer = client.generic("POST", reverse("referrals:log"), b"do=check&circumstances=%2B2AA-", kind)
    assert answer.status_code == 400


def test_an_answer_that_is_no_id_of_ours_is_no_answer(client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    case, wrong = a_case(), Wrong()
    for same_as in ("9" * 5000, "-1", "1e9", "²", "0x1"):
        with tried(wrong, same_as):
            sent = {"part": "adult", "given_names": "Kim", "same_as": same_as}
            answer = client.post(reverse("referrals:add_person", args=[case.number]), sent)
            assert answer.status_code in (200, 302)
            assert Person.objects.filter(given_names="Kim").count() == (answer.status_code == 302)
    assert wrong == {}


def test_a_very_long_name_or_birth_is_not_searched(client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    key = uuid4()
    sent = {"key": key, "team": a_team().pk, "children-TOTAL_FORMS": "1", "version": 0}
    sent |= {"children-0-given_names": "x" * 100_000, "children-0-birth": "~" * 50_000}
    assert client.post(reverse("referrals:save_draft", args=[key]), sent).status_code == 200


# --- what a sergeant stumbled over ---------------------------------------------------------------


def test_the_referral_stays_as_it_was_given_whoever_it_was_taken_to_be(client: Client) -> None:
    person = a_referral(children=[a_child("Rhys", "Calloway", birth=aged(6))]).case.people.get()
    adult = PersonSaid("Dean", may_have_harmed=True)
    said = a_child("Reece", "Callaway", same_as=person.pk, address="4 Mill Lane")
    case = a_referral(children=[said], adults=[adult]).case
    client.force_login(an_officer(Role.DESK_SERGEANT))
    page = client.get(reverse("referrals:referral", args=[case.number])).content.decode()
    for words in ("Reece Callaway", "4 Mill Lane", "Taken to be Rhys Calloway", "may have harmed the child"):
        assert words in page


def test_nobody_is_said_to_live_with_the_child_who_was_not_said_to() -> None:
    from cases.queries import heading

    adults = [PersonSaid("Kerry", "Strand", address="14 Larch Walk"), PersonSaid("Dean", may_have_harmed=True)]
    shown = heading(a_case(children=[a_child("Ella", "Strand", address="14 larch walk")], adults=adults))
    assert [str(each.person) for each in shown["at_home"]] == ["Kerry Strand"]
    assert [each.may_have_harmed for each in shown["elsewhere"]] == [True]


def test_a_correction_of_several_lines_that_changes_nothing_is_refused(client: Client) -> None:
    case, desk = a_case(), an_officer(Role.DESK_SERGEANT)
    client.force_login(desk)
    entry = case.entries.get()
    assert "\n" in entry.text
    sent = {
        "title": entry.title,
        "text": entry.text.replace("\n", "\r\n"),  # as a browser sends it
        "happened_at": moment(entry.happened_at),
        "people": [person.pk for person in entry.people.all()],
        "significant": "on",
        "reason": "None",
        "seen": 0,
    }
    page = client.post(reverse("cases:correct_entry", args=[case.number, entry.pk]), sent).content.decode()
    assert "Nothing is changed yet" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [("30s", "about 35"), ("30ish", "about 30"), ("due March 2010", "due 1 March 2010"), ("June 2003", "about 6")],
)
def test_a_rough_answer_about_a_birth_is_taken(typed: str, words: str) -> None:
    on = date(2010, 1, 14)
    assert read_birth(typed, on=on).age(on) == words


def test_a_child_is_under_eighteen_and_what_is_not_clear_is_not_clear_alone() -> None:
    with pytest.raises(ValidationError, match="This is an adult"):
        a_referral(children=[a_child(birth=aged(18))])
    a_referral(children=[a_child(birth=aged(17))])
    with pytest.raises(ValidationError, match="This is an adult"):
        on_case.add_person(
            a_case(), part=Part.OTHER_CHILD, said=a_child(birth=aged(18)), on=clock.today(), by=system()
        )
    with pytest.raises(ValidationError, match="Take out “Not clear yet”"):
        a_referral(categories=["physical", "unclear"])


def test_a_form_in_which_nothing_is_typed_leaves_no_draft(client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    sent = {"key": uuid4(), "team": a_team().pk, "children-TOTAL_FORMS": "1", "received_at": "14/1/2010 10:52"}
    for wanted in ("log", "check", "save"):
        client.post(reverse("referrals:log"), {**sent, "do": wanted})
    assert not Draft.objects.exists()


def test_above_the_form_it_is_said_which_child_is_meant(client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    sent = {"key": uuid4(), "team": a_team().pk, "children-TOTAL_FORMS": "2", "do": "log"}
    sent |= {"children-0-given_names": "Ella", "children-1-given_names": "Tom", "children-1-birth": "31/2/2018"}
    page = client.post(reverse("referrals:log"), sent).content.decode()
    assert "Child 2: Born: there is no 31 February 2018" in page
