"""To which record an email may belong: what speaks for one, what against, and that nobody else's record is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Mail, Waker
from diary.outbox import send_due
from diary.sweep import sweep
from intake.models import Message
from pages.words import day
from referrals.actions import confirm_referral
from referrals.enums import DecisionKind, Method
from referrals.models import Referral
from referrals.suggestions import MOST, Suggestion, looked_for, suggested
from team.actions import give_role, withdraw_role
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case, a_decided_case, an_approved_address, an_open_update
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried

pytestmark = pytest.mark.django_db

# A subject that names nobody.
BARE = "Your request"
EARLY = datetime(2010, 1, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def sergeant() -> User:
    return an_officer(Role.DESK_SERGEANT)


def an_asked_case(**other: Any) -> tuple[Case, Mail]:
    """A record about which Social Services were written to, and the email that went."""
    if not Mail.objects.exists():
        an_approved_address()
    case = an_open_update(**other).case
    assert send_due(lambda message: None) == 1
    return case, Mail.objects.get(case=case)


def found(message: Message, user: User) -> list[Case]:
    return [one.case for one in suggested(message, user=user)]


def only(message: Message, user: User) -> Suggestion:
    [one] = suggested(message, user=user)
    return one


def about(subject: str = BARE, text: str = "See above.", **said: Any) -> Message:
    return a_message(subject=subject, text=text, **said)


# --- our own email that it answers ---------------------------------------------------------------

OF_THE_BOROUGH = "Sevgi Arikan <s.arikan@Borough.EXAMPLE>"


def an_answer(mail: Mail, subject: str = BARE, *, sender: str = OF_THE_BOROUGH, **said: Any) -> Message:
    """An email that says it answers one of ours; from where ours went to, unless said otherwise."""
    return about(subject, **{"sender": sender, "In_Reply_To": mail.message_id, **said})


@pytest.mark.parametrize("header", ["In_Reply_To", "References"])
def test_an_answer_to_our_email_belongs_to_its_record(sergeant: User, header: str) -> None:
    case, mail = an_asked_case()
    a_case()
    assert mail.sent_at is not None
    ids = mail.message_id if header == "In_Reply_To" else f"<first@borough.example> {mail.message_id}"
    one = only(about(sender=OF_THE_BOROUGH, **{header: ids}), sergeant)
    assert (one.case, one.referral) == (case, case.referral)
    assert one.reasons == [f"It answers our email of {day(mail.sent_at)}"]
    assert one.is_sure


def test_an_answer_to_somebody_elses_email_belongs_to_nothing(sergeant: User) -> None:
    an_asked_case()
    assert found(about(In_Reply_To="<other@borough.example>"), sergeant) == []


def test_an_answer_from_elsewhere_is_said_to_be_one_and_is_not_sure(sergeant: User) -> None:
    case, mail = an_asked_case()
    assert mail.sent_at is not None
    wrong = Wrong()
    for sender in (
        "Gillian Teasdale <g.teasdale@fernley.example>",
        "Sevgi Arikan <s.arikan@borough.example.fernley.example>",
        "Sevgi Arikan <s.arikan@my-borough.example>",
        '"step1@borough.example" <g.teasdale@fernley.example>',
    ):
        with tried(wrong, sender):
            one = only(an_answer(mail, sender=sender), sergeant)
            assert one.case == case
            assert one.reasons == [
                f"It answers our email of {day(mail.sent_at)}, but comes from somewhere else than it went to"
            ]
            assert not one.is_sure
    assert wrong == {}


def test_an_answer_from_elsewhere_comes_after_a_urn_and_before_one_name(sergeant: User) -> None:
    answered, mail = an_asked_case()
    named = a_case(children=[a_child("Zoltan", "Vane")])
    numbered = a_referral()
    message = an_answer(mail, f"RE: URN {numbered.urn} Vane", sender="g.teasdale@fernley.example")
    assert found(message, sergeant) == [numbered.case, answered, named]


def test_whoever_cites_two_of_our_emails_from_elsewhere_is_no_surer() -> None:
    friday = datetime(2009, 12, 11, 15, 0, tzinfo=LONDON)
    move_time_to(friday)
    an_approved_address()
    case = an_open_update(received_at=friday).case
    for at in (friday + timedelta(hours=1), datetime(2009, 12, 25, 9, 0, tzinfo=LONDON)):
        move_time_to(at)
        sweep(woken_by=Waker.COMMAND)
        move_time_to(at + timedelta(minutes=1))
        assert send_due(lambda message: None) == 1
    ids = " ".join(Mail.objects.values_list("message_id", flat=True))
    user = an_officer(Role.DESK_SERGEANT, from_on=friday.date())
    [theirs] = suggested(about(sender="s.arikan@borough.example", References=ids), user=user)
    [elsewhere] = suggested(about(sender="g.teasdale@fernley.example", References=ids), user=user)
    assert theirs.case == elsewhere.case == case
    assert (theirs.is_sure, elsewhere.is_sure) == (True, False)


def test_an_answer_to_our_email_comes_before_a_urn_and_a_urn_before_a_name(sergeant: User) -> None:
    answered, mail = an_asked_case()
    named = a_case(children=[a_child("Zoltan", "Vane")])
    numbered = a_referral()
    message = an_answer(mail, f"RE: URN {numbered.urn} Vane")
    assert found(message, sergeant) == [answered, numbered.case, named]


def test_of_an_answer_that_has_lost_its_urn_the_record_is_found_all_the_same(sergeant: User) -> None:
    case, mail = an_asked_case()
    assert found(an_answer(mail, "AUTOMATIC REPLY"), sergeant) == [case]


# --- by number -----------------------------------------------------------------------------------


def test_a_urn_in_the_subject_and_one_in_the_text_say_where_they_stand(sergeant: User) -> None:
    first, second = a_referral(), a_referral()
    in_subject, in_text = suggested(about(f"RE: URN {first.urn}", f"See also {second.urn}."), user=sergeant)
    assert (in_subject.case, in_subject.reasons) == (first.case, [f"The subject names {first.urn}"])
    assert (in_text.case, in_text.reasons) == (second.case, [f"The text names {second.urn}"])


def test_a_urn_in_subject_and_text_is_said_once(sergeant: User) -> None:
    referral = a_referral()
    one = only(about(f"RE: URN {referral.urn}", f"Our reference {referral.urn}."), sergeant)
    assert one.reasons == [f"The subject names {referral.urn}"]


@pytest.mark.parametrize(
    "written", ["{0:04}/{1}", "{0:03}/{1}", "{0:04} / {1}", "URN {0}/{1}", "urn: {0}/{1}", "({0:04}/{1})"]
)
def test_a_urn_is_read_however_it_is_written(sergeant: User, written: str) -> None:
    referral = a_referral()
    subject = written.format(referral.urn_serial, f"{referral.urn_year % 100:02}")
    assert found(about(subject), sergeant) == [referral.case]


def test_a_urn_with_the_whole_year_is_read_too(sergeant: User) -> None:
    referral = a_referral()
    assert found(about(f"URN {referral.urn_serial:04}/{referral.urn_year}"), sergeant) == [referral.case]


def test_a_date_or_another_number_is_no_urn(sergeant: User) -> None:
    referral, wrong = a_referral(), Wrong()
    assert referral.urn_serial == 1
    year = f"{referral.urn_year % 100:02}"
    months = ("1/{0}", "01/{0}", "1/1/{0}", "01/01/{0}", "1/01/20{0}")
    for written in (*months, "10/001/{0}", "0001/{0}/1", "20001/{0}", "0001-{0}"):
        with tried(wrong, written):
            message = about(f"Meeting {written.format(year)}", f"Seen {written.format(year)}.")
            assert found(message, sergeant) == []
    assert wrong == {}
    assert found(about(f"Meeting 0001/{year}"), sergeant) == [referral.case]


def test_a_urn_of_another_year_is_another(sergeant: User) -> None:
    referral = a_referral()
    assert found(about(f"URN {referral.urn_serial:04}/{referral.urn_year % 100 - 1:02}"), sergeant) == []


def test_what_stands_far_below_is_from_older_emails_and_not_read(sergeant: User) -> None:
    referral = a_referral()
    assert found(about(text="word " * 300 + referral.urn), sergeant) == [referral.case]
    assert found(about(text="word " * 500 + referral.urn), sergeant) == []


@pytest.mark.parametrize("where", ["subject", "text"])
@pytest.mark.parametrize("how", [str.upper, str.lower])
def test_a_record_number_is_found_in_subject_and_text(sergeant: User, where: str, how: Any) -> None:
    case = a_case()
    a_case()
    one = only(about(**{where: f"Your record {how(case.number)}"}), sergeant)
    assert (one.case, one.reasons) == (case, [f"The {where} names {case.urn}"])


# --- by name -------------------------------------------------------------------------------------


def test_a_name_in_the_subject_finds_who_is_called_so(sergeant: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    a_case(children=[a_child("Rhys", "Vane")])
    one = only(about("Calloway family: visit"), sergeant)
    assert (one.case, one.reasons) == (case, ["The subject names Calloway"])


@pytest.mark.parametrize("subject", ["Calloways", "Callow", "calloway", "The call"])
def test_a_part_of_a_name_or_a_word_without_a_capital_finds_nobody(sergeant: User, subject: str) -> None:
    a_case(children=[a_child("Rhys", "Calloway")])
    assert found(about(subject), sergeant) == []


@pytest.mark.parametrize("written", ["CALLOWAY", "Calloway"])
def test_a_name_is_found_in_capitals_too(sergeant: User, written: str) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    assert found(about(f"Referral - {written}"), sergeant) == [case]


def test_two_names_of_one_record_are_surer_than_one(sergeant: User) -> None:
    one_name = a_case(children=[a_child("Zoltan", "Calloway")])
    both = a_case(children=[a_child("Rhys", "Calloway")])
    newer = a_case(children=[a_child("Zoltan", "Calloway")])
    first, *others = suggested(about("Calloway, Rhys (06.06.2003)"), user=sergeant)
    assert (first.case, first.reasons) == (both, ["The subject names Calloway and Rhys"])
    assert [one.case for one in others] == [newer, one_name]


@pytest.mark.parametrize("name", ["O'Connor", "Day-Ahmed", "Şahbaz", "Brönte"])
def test_a_name_that_is_not_letters_alone_is_found(sergeant: User, name: str) -> None:
    case = a_case(children=[a_child("Rhys", name)])
    assert found(about(f"Update - {name}"), sergeant) == [case]


def test_an_apostrophe_is_an_apostrophe(sergeant: User) -> None:
    case = a_case(children=[a_child("Niamh", "O'Connor")])
    assert found(about("Update - O’Connor"), sergeant) == [case]


def test_a_name_in_the_text_alone_finds_nobody(sergeant: User) -> None:
    a_case(children=[a_child("Rhys", "Calloway")])
    assert found(about(text="Rhys CALLOWAY, DOB 06/06/2003."), sergeant) == []


# --- which records -------------------------------------------------------------------------------


def test_only_records_of_the_team_to_whose_mailbox_it_came(sergeant: User) -> None:
    ours = a_case(children=[a_child("Rhys", "Calloway")])
    theirs = a_referral(a_team("ENF"), children=[a_child("Rhys", "Calloway")])
    both = an_officer(Role.DESK_SERGEANT)
    give_role(both, team=a_team("ENF"), role=Role.DESK_SERGEANT, from_on=clock.today(), by=User.objects.system())
    message = about(f"Calloway {theirs.case.number}")
    assert found(message, sergeant) == found(message, both) == [ours]
    assert found(about(f"Calloway {theirs.case.number}", team=a_team("ENF")), both) == [theirs.case]


def test_whoever_may_not_open_a_record_is_not_told_of_it(sergeant: User) -> None:
    case, mail = an_asked_case(children=[a_child("Rhys", "Calloway")])
    message = about(f"URN {case.urn} Calloway {case.number}", In_Reply_To=mail.message_id)
    assert found(message, sergeant) == [case]
    assert found(message, an_officer(Role.DESK_SERGEANT, a_team("ENF"))) == []
    withdraw_role(sergeant.memberships.get(), reason="Moved", by=User.objects.system())
    assert found(message, User.objects.get(pk=sergeant.pk)) == []


def test_a_closed_record_is_found_by_its_urn_and_not_by_a_name(sergeant: User) -> None:
    case = a_closed_case()
    name = case.people.get().family_name
    assert found(about(f"{name}"), sergeant) == []
    one = only(about(f"URN {case.urn} {name}"), sergeant)
    assert (one.case, one.is_open, one.against) == (case, False, "")


def test_of_two_that_are_as_sure_the_open_one_comes_first(sergeant: User) -> None:
    still_open, closed = a_referral(), a_closed_case()
    assert found(about(f"{closed.urn} and {still_open.urn}"), sergeant) == [still_open.case, closed]


def test_no_more_are_suggested_than_one_can_look_through(sergeant: User) -> None:
    cases = [a_case(children=[a_child("Rhys", "Calloway")]) for _ in range(MOST + 2)]
    assert found(about("Calloway"), sergeant) == cases[: -MOST - 1 : -1]


# --- against -------------------------------------------------------------------------------------


def test_where_nobody_has_the_name_of_the_subject_it_is_said(sergeant: User) -> None:
    referral = a_referral(children=[a_child("Zoltan", "Vane")])
    one = only(about(f"RE: URN {referral.urn} Calloway"), sergeant)
    assert one.against == "Nobody called Calloway is on it: read both before you go on."
    several = only(about(f"RE: URN {referral.urn} Calloway, Rhys"), sergeant)
    assert several.against.startswith("Nobody called Calloway or Rhys is on it")


def test_where_one_of_the_names_fits_nothing_speaks_against_it(sergeant: User) -> None:
    referral = a_referral(children=[a_child("Rhys", "Vane")])
    assert only(about(f"RE: URN {referral.urn} Calloway, Rhys"), sergeant).against == ""


def test_a_subject_without_a_name_speaks_against_nothing(sergeant: User) -> None:
    referral = a_referral(children=[a_child("Rhys", "Vane")])
    assert only(about(f"RE: URN {referral.urn} - outcome of initial assessment"), sergeant).against == ""


def test_what_speaks_against_an_answer_to_our_own_email_is_said_too(sergeant: User) -> None:
    _, mail = an_asked_case(children=[a_child("Zoltan", "Vane")])
    assert "Nobody called Calloway" in only(about("Calloway", In_Reply_To=mail.message_id), sergeant).against


# --- sure ----------------------------------------------------------------------------------------


def test_a_number_or_two_names_are_sure_and_one_name_is_not(sergeant: User) -> None:
    referral = a_referral(children=[a_child("Rhys", "Calloway")])
    for subject in (f"URN {referral.urn}", f"Your {referral.case.number}", "Rhys Calloway"):
        assert only(about(subject), sergeant).is_sure, subject
    assert only(about(text=f"Your {referral.urn}"), sergeant).is_sure
    assert not only(about("The Calloway family"), sergeant).is_sure


def test_what_something_speaks_against_or_is_closed_is_never_sure(sergeant: User) -> None:
    referral, closed = a_referral(children=[a_child("Zoltan", "Vane")]), a_closed_case()
    assert not only(about(f"URN {referral.urn} Calloway"), sergeant).is_sure
    assert not only(about(f"URN {closed.urn}"), sergeant).is_sure
    assert not any(one.is_sure for one in looked_for(referral.urn, about(), user=sergeant))


# --- a confirmation that is waited for -----------------------------------------------------------

CONFIRMATION = "Written confirmation of telephone referral - Calloway"


def test_of_two_families_of_a_name_the_telephoned_one_is_likelier_to_be_confirmed(sergeant: User) -> None:
    telephoned = a_case(children=[a_child("Rhys", "Calloway")], method=Method.TELEPHONE)
    written = a_case(children=[a_child("Tia", "Calloway")])
    likelier, other = suggested(about(CONFIRMATION), user=sergeant)
    assert (likelier.case, other.case) == (telephoned, written)
    assert likelier.reasons == ["The subject names Calloway", "telephoned, and not yet confirmed in writing"]
    assert other.reasons == ["The subject names Calloway"]


def test_what_is_confirmed_or_no_confirmation_is_not_likelier(sergeant: User) -> None:
    referral = a_referral(children=[a_child("Rhys", "Calloway")], method=Method.TELEPHONE)
    assert only(about("Visit - Calloway"), sergeant).reasons == ["The subject names Calloway"]
    confirm_referral(referral, confirmed_at=clock.now(), confirmed_how="Letter", by=sergeant)
    assert only(about(CONFIRMATION), sergeant).reasons == ["The subject names Calloway"]


# --- what it costs -------------------------------------------------------------------------------


def test_many_candidates_cost_no_more_queries_than_one_and_never_more_than_five(sergeant: User) -> None:
    def cost(message: Message) -> tuple[int, int]:
        user = User.objects.get(pk=sergeant.pk)
        assert user.roles_today  # asked once for every page
        with CaptureQueriesContext(connection) as captured:
            rows = suggested(message, user=user)
            for one in rows:  # what the page reads of each
                assert one.referral.children_as_given
                assert one.is_open
                assert one.referral.needs_confirmation
                assert one.referral.urn == one.case.urn
        return len(rows), len(captured)

    def message() -> Message:
        referrals = Referral.objects.order_by("pk")[:8]
        ids = " ".join(Mail.objects.order_by("pk").values_list("message_id", flat=True)[:8])
        subject = " ".join([CONFIRMATION, *(each.urn for each in referrals)])
        return about(subject, " ".join(each.case.number for each in referrals), References=ids)

    said = {"children": [a_child("Rhys", "Calloway")], "method": Method.TELEPHONE}
    an_asked_case(**said)
    number, queries = cost(message())
    assert (number, queries) == (1, queries)
    assert queries <= 5
    for _ in range(7):
        an_asked_case(**said)
    assert cost(message()) == (8, queries)


def test_an_email_that_says_nothing_costs_nothing(sergeant: User) -> None:
    message = about("")
    assert sergeant.roles_today
    with CaptureQueriesContext(connection) as captured:
        assert suggested(message, user=sergeant) == []
    assert len(captured) == 0


# --- looked for ----------------------------------------------------------------------------------


def test_a_record_is_looked_for_by_urn_number_or_name(sergeant: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    a_case(children=[a_child("Zoltan", "Vane")])
    message = about()
    short = f"{case.referral.urn_serial}/{case.referral.urn_year}"
    for words in (case.urn, short, case.number, f" {case.number.lower()} ", "Calloway", "rhys calloway", "callo"):
        assert [one.case for one in looked_for(words, message, user=sergeant)] == [case], words
    assert looked_for("Zzyzx", message, user=sergeant) == []


def test_what_is_looked_for_is_of_the_emails_team_and_may_be_closed(sergeant: User) -> None:
    child = [a_child("Rhys", "Calloway")]
    theirs = a_referral(a_team("ENF"), children=child)
    closed = a_closed_case()
    message = about()
    command = an_officer(Role.COMMAND)
    assert looked_for("Calloway", message, user=sergeant) == looked_for("Calloway", message, user=command) == []
    assert looked_for(theirs.case.number, message, user=command) == []
    [one] = looked_for(closed.urn, message, user=sergeant)
    assert (one.case, one.is_open, one.reasons, one.against) == (closed, False, [], "")


def test_the_newest_are_found_first_and_no_more_than_one_can_look_through(sergeant: User) -> None:
    child = [a_child("Rhys", "Calloway")]
    cases = [a_case(children=child, received_at=EARLY.replace(hour=hour)) for hour in range(MOST + 2)]
    assert [one.case for one in looked_for("Calloway", about(), user=sergeant)] == cases[: -MOST - 1 : -1]


def test_too_short_a_word_is_refused_with_a_sentence(sergeant: User) -> None:
    with pytest.raises(ValidationError) as refused:
        looked_for("Ca", about(), user=sergeant)
    assert refused.value.messages == ["Enter at least 3 letters of each name, or a URN like 0598/09"]


def test_a_decided_record_is_suggested_like_any_other(sergeant: User) -> None:
    case = a_decided_case(DecisionKind.INFORMATION)
    assert found(about(f"URN {case.urn}"), sergeant) == [case]
