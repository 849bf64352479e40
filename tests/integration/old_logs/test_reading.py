"""How an old log is read: each row accounted for, what its columns say, the workbook of what must be put right."""

from __future__ import annotations

import csv
import io
from io import BytesIO

import pytest
from django.contrib.auth.models import AnonymousUser

from old_logs.actions import add_old_log, bring_in_old_log, choose_columns, discard_old_log
from old_logs.enums import RowState, Says, State
from old_logs.models import Column, OldLog, OldRow
from old_logs.queries import counts
from old_logs.workbook import WHAT, WHERE, workbook_of
from referrals.models import Referral
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import Team, User
from team.permissions import NotAllowed
from tests.factories.old_logs import (
    HEADINGS,
    a_row,
    an_old_log,
    as_csv,
    brought_in,
    referral_of,
    states_of,
    worked_on,
    wrong_with,
)
from tests.factories.referrals import a_referral
from tests.factories.team import a_team, an_officer
from tests.integration.old_logs.put_right import midnight, opened
from tests.shared import own, undone

pytestmark = pytest.mark.django_db

READY, FLAWED, HERE, BROUGHT_IN, NO_REFERRAL = (
    str(each) for each in (RowState.READY, RowState.FLAWED, RowState.HERE, RowState.BROUGHT_IN, RowState.NO_REFERRAL)
)


def by_cait() -> User:
    return User.objects.system()


def as_text(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


# --- what a row is -------------------------------------------------------------------------------


def test_titles_headings_and_totals_are_no_referrals_and_are_counted() -> None:
    rows = [list(a_row().values()), list(HEADINGS.values()), ["", ""], list(a_row().values()), ["Total", "2"]]
    log = an_old_log(content=as_text([["HARINGEY CAIT"], ["RESTRICTED"], list(HEADINGS.values()), *rows]))
    expected = [NO_REFERRAL] * 3 + [FLAWED, NO_REFERRAL, FLAWED, NO_REFERRAL]
    assert len(states_of(log)) == len(expected)
    assert [each == NO_REFERRAL for each in states_of(log)] == [each == NO_REFERRAL for each in expected]
    assert (log.sheets[0]["heading"], log.sheets[0]["rows"], log.sheets[0]["blank"]) == (3, 7, 1)


def test_a_file_that_cannot_be_read_says_why_and_keeps_no_row() -> None:
    log = an_old_log(content=b"%PDF-1.4 not a log", name="log.xlsx")
    assert (log.state, OldRow.objects.filter(log=log).count()) == (State.REFUSED, 0)
    assert "This is a PDF" in log.refused_why


def test_what_stands_as_above_is_what_stands_above() -> None:
    first = a_row(address="4 Quill Court", decision="Info only")
    log = an_old_log(first, a_row(address='"', decision="as above"), a_row(address="ditto", decision="do."))
    assert [row.said["address"] for row in OldRow.objects.filter(log=log, state=READY)] == ["4 Quill Court"] * 3
    alone = an_old_log(a_row(decision="as above"))
    assert [each for each in wrong_with(alone) if "nothing stands above it" in each]


def test_of_a_urn_that_is_used_twice_the_second_goes_to_a_person_however_it_is_written() -> None:
    log = an_old_log(a_row(urn="0598/09"), a_row(urn="598/2009"), a_row(urn="0599/09"))
    assert states_of(log)[1:] == [READY, FLAWED, READY]
    assert wrong_with(log) == [
        "This URN is used twice: in row 2 too. If this is another child of that referral, add the child to that row, "
        "with a stroke between the names, or to its record once it is brought in; and leave this row out. If not, "
        "find out which is right, and give the other its own."
    ]


def test_a_caller_who_asked_not_to_be_named_is_named_in_no_word_that_all_read() -> None:
    row = a_row(referrer="Jane Poole - anon", circs="Jane Poole next door heard shouting.")
    assert ["Take it out" in each for each in wrong_with(an_old_log(row))] == [True]


# --- what the columns say ------------------------------------------------------------------------

ODD = ["Nr", "Day in", "Kid", "Story"]
ODD_ROWS = [["0001/09", "2/7/2009", "Rhys Calloway", "A red mark."], ["0002/09", "3/7/2009", "Ann Orme", "Alone."]]
CHOSEN = {"nr": Says.URN, "day in": Says.RECEIVED_ON, "kid": Says.CHILD, "story": Says.CIRCUMSTANCES}


def an_odd_log(team: Team | None = None) -> OldLog:
    return an_old_log(content=as_text([ODD, *ODD_ROWS]), team=team)


def test_a_sheet_whose_heading_nobody_knows_goes_to_a_person_row_by_row() -> None:
    log = an_odd_log()
    assert (log.sheets[0]["heading"], states_of(log)) == (None, [FLAWED] * 3)
    assert all(each.startswith("No row of this sheet was taken for its heading.") for each in wrong_with(log))


def test_a_log_is_read_again_as_somebody_says_what_its_columns_are() -> None:
    log = choose_columns(an_odd_log(), columns=CHOSEN, headings={0: 1}, by=by_cait())
    assert log.state == State.READING
    log = worked_on(log)
    assert (log.state, states_of(log)) == (State.READ, [NO_REFERRAL, READY, READY])
    assert OldRow.objects.filter(log=log, state=READY).first().said == {  # type: ignore[union-attr]
        "urn": "0001/09",
        "received_on": "2/7/2009",
        "child": "Rhys Calloway",
        "circumstances": "A red mark.",
    }


def test_what_a_column_says_is_remembered_for_the_teams_next_log_and_for_no_other_teams() -> None:
    officer = an_officer(Role.DESK_SERGEANT)
    choose_columns(an_odd_log(), columns=CHOSEN, headings={0: 1}, by=officer)
    assert states_of(an_odd_log()) == [NO_REFERRAL, READY, READY]
    assert states_of(an_odd_log(a_team("ENF"))) == [FLAWED] * 3
    for column in Column.objects.all():
        assert [(line.history_type, line.history_user) for line in column.history.all()] == [("+", officer)]


def test_what_is_said_otherwise_later_counts_from_then_on_with_a_line_of_history() -> None:
    choose_columns(an_odd_log(), columns=CHOSEN, headings={0: 1}, by=by_cait())
    changed = {**CHOSEN, "kid": Says.GIVEN_NAMES}
    log = worked_on(choose_columns(an_odd_log(), columns=changed, headings={0: 1}, by=by_cait()))
    assert "given_names" in OldRow.objects.filter(log=log, state=READY).first().said  # type: ignore[union-attr]
    assert Column.objects.get(heading="kid").history.count() == 2
    assert Column.objects.get(heading="nr").history.count() == 1


def test_a_sheet_that_is_no_part_of_the_log_is_brought_in_by_nobody() -> None:
    log = an_odd_log()
    log = worked_on(choose_columns(log, columns=CHOSEN, headings={0: 0}, by=by_cait()))
    assert (log.state, states_of(log)) == (State.READ, [NO_REFERRAL] * 3)


@pytest.mark.parametrize("state", [State.READING, State.BRINGING_IN, State.DONE])
def test_the_columns_are_not_chosen_while_it_is_read_or_after_it_was_brought_in(state: State) -> None:
    by = an_officer(Role.DESK_SERGEANT, name="Nandra")
    if state == State.READING:
        log = add_old_log(a_team(), name="log.csv", content=as_csv(), by=by)
    else:
        log = bring_in_old_log(an_old_log(), by=by)
        log = worked_on(log) if state == State.DONE else log
    said = "CAIT is still reading this log" if state == State.READING else "Nandra has had this log brought in"
    for act in (
        lambda: choose_columns(log, columns=CHOSEN, headings={}, by=by),
        lambda: bring_in_old_log(log, by=by),
        lambda: discard_old_log(log, by=by),
    ):
        with pytest.raises(ChangedMeanwhile, match=said):
            act()
    assert OldLog.objects.get().state == state


def test_a_log_that_was_only_read_can_be_thrown_away_with_its_rows() -> None:
    discard_old_log(an_old_log(), by=by_cait())
    assert (OldLog.objects.count(), OldRow.objects.count()) == (0, 0)


# --- who may -------------------------------------------------------------------------------------

MAY = {Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR}


def test_the_old_logs_of_a_team_are_for_its_sergeants_and_its_inspector() -> None:
    log, other = an_old_log(), an_old_log(team=a_team("ENF"))
    assert list(OldLog.objects.visible_to(AnonymousUser())) == []
    see, brought = {}, {}
    for role in Role:
        officer = an_officer(role)
        see[role] = list(OldLog.objects.visible_to(officer))
        with undone():
            brought[role] = [each for each in (log, other) if is_brought_in(own(each), by=officer)]
    assert see == brought == {role: [log] if role in MAY else [] for role in Role}


def is_brought_in(log: OldLog, *, by: User) -> bool:
    try:
        bring_in_old_log(log, by=by)
    except NotAllowed:
        return False
    return True


def test_who_may_bring_one_in_is_in_no_other_team_asked() -> None:
    officer = an_officer(Role.DESK_SERGEANT)
    assert brought_in(an_old_log(by=officer), by=officer).asked_by == officer
    with pytest.raises(NotAllowed):
        add_old_log(a_team("ENF"), name="log.csv", content=as_csv(), by=officer)


# --- the same once more, or changed --------------------------------------------------------------


def test_a_row_that_was_changed_after_it_was_brought_in_is_listed_with_what_differs() -> None:
    row = a_row(urn="0007/09", decision="Info only")
    log = brought_in(an_old_log(row))
    referral = referral_of(log)
    before = Referral.objects.filter(pk=referral.pk).values().get()
    again = an_old_log({**row, "decision": "Joint s47", "strategy": "y", "note": "Seen by the HV"})
    assert states_of(again) == [NO_REFERRAL, FLAWED]
    decision, strategy = sorted(wrong_with(again))[::-1]
    assert "the log said “Info only” when it was brought in on " in decision
    assert "nothing stood here when it was brought in on " in strategy
    assert Referral.objects.filter(pk=referral.pk).values().get() == before
    assert states_of(an_old_log({**row, "note": "Only a note"})) == [NO_REFERRAL, HERE]


def test_a_urn_that_was_given_in_cait_is_not_brought_in_and_says_which_record_has_it() -> None:
    live = a_referral(by=an_officer(Role.DESK_SERGEANT, name="Nandra"))
    year = live.received_at.year
    log = an_old_log(a_row(urn=live.urn, on=f"02/01/{year}", born="nk"))
    assert states_of(log) == [NO_REFERRAL, FLAWED]
    (wrong,) = wrong_with(log)
    assert f"Nandra logged a referral {live.urn} in CAIT on " in wrong
    assert f"record {live.case.number}." in wrong
    renamed = brought_in(an_old_log(a_row(urn=f"{live.urn} old", on=f"02/01/{year}", born="nk")))
    assert referral_of(renamed).old_urn == f"{live.urn} old"


# --- the workbook of what must be put right ------------------------------------------------------


LIVE = ["=1+1", "+44 20 7946", "-1", "@SUM(A1)", "\tindented"]


def test_the_workbook_has_each_flawed_row_the_reason_and_never_a_formula() -> None:
    rows = [a_row(circs=text or "x", given="", family="", note=text) for text in LIVE]
    rows += [a_row(on="2009-07-02", born="2003-06-06", given="", family="", circs="=cmd|' /C calc'!A0"), a_row()]
    (sheet,) = opened(an_old_log(*rows)).worksheets
    cells = list(sheet.iter_rows(min_row=3))
    assert [cell.value for cell in cells[0]] == [WHERE, WHAT, *HEADINGS.values()]
    assert [row[0].value for row in cells[1:]] == [str(number) for number in range(2, 8)]
    for row in cells[1:]:
        assert "No child is named." in row[1].value
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n", "d"}
    of = dict(zip(HEADINGS, cells[6][2:], strict=True))
    assert (of["on"].value, of["born"].value) == (midnight(2009, 7, 2), midnight(2003, 6, 6))
    assert of["circs"].value == "=cmd|' /C calc'!A0"
    assert [row[list(HEADINGS).index("note") + 2].value for row in cells[1:6]] == [each.strip() for each in LIVE]
    assert of["given"].fill.fgColor.rgb == "00FFDD00"


def test_the_workbook_sent_again_as_it_is_changes_nothing() -> None:
    log = brought_in(an_old_log(a_row(), a_row(given="", family=""), a_row(on="12/2009")))
    before = Referral.objects.count()
    again = an_old_log(content=workbook_of(log, by=by_cait()), name="put-right.xlsx")
    assert [each for each in states_of(again) if each != NO_REFERRAL] == [FLAWED, FLAWED]
    assert (counts(again)["ready"], Referral.objects.count()) == (0, before)
    assert [each.split(".")[0] for each in wrong_with(again)] == [each.split(".")[0] for each in wrong_with(log)]


def test_the_workbook_sent_again_mended_is_brought_in() -> None:
    log = brought_in(
        an_old_log(a_row(urn="0001/09"), a_row(urn="0002/09", given="", family=""), a_row(urn="0001/09"))
    )
    assert states_of(log)[1:] == [BROUGHT_IN, FLAWED, FLAWED]
    book = opened(log)
    places = {name: place for place, name in enumerate(HEADINGS, 3)}
    book.worksheets[0].cell(4, places["given"]).value = "Ann"
    book.worksheets[0].cell(4, places["family"]).value = "Calloway"
    book.worksheets[0].cell(5, places["urn"]).value = "0003/09"
    mended = BytesIO()
    book.save(mended)
    again = an_old_log(content=mended.getvalue(), name="put-right.xlsx")
    assert [each for each in states_of(again) if each != NO_REFERRAL] == [READY, READY]
    brought_in(again)
    assert sorted(Referral.objects.values_list("old_urn", flat=True)) == ["0001/09", "0002/09", "0003/09"]
    assert Referral.objects.get(old_urn="0002/09").children_as_given == ["Ann Calloway, 6"]
