"""Each thing that a program does, held against every rule that all of them keep.

What an act needs takes longest to make, so it is made once: each claim begins from there, and is undone before the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from audit.events import Look
from audit.models import AccessLog, AuditEvent
from cases.models import Case, Entry
from deadlines import clock
from deadlines.calendar import ONE_DAY
from team.actions import close_account
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case
from tests.factories.rows import everything
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.described import check, check_answer, description, operation
from tests.integration.api.prepared import said_wrong
from tests.integration.api.test_acting import ACTS, Act, at_the_desk
from tests.integration.api.test_acting import send as send_it
from tests.shared import own, undone

pytestmark = pytest.mark.django_db

# What stands in an assessment alone until it is sent, and not in the chronology.
IN_ASSESSMENT = {"start_assessment", "answers", "level", "new_information"}
# And in a police report.
IN_REPORT = {"report", "assemble_report", "add_item", "item", "decide_sharing", "keep_from", "add_recipient"}
IN_REPORT |= {"take_off_recipient"}
# What is about an email or a new referral, and not about a record that is there.
NO_RECORD = {"referrals", "set_aside_message", "put_back_message", "pass_to_conferences", "read_notices"}
NO_RECORD |= {"set_aside_email"}
# What somebody does for themselves alone, in whichever team, and looks at nothing.
FOR_ONESELF = {"read_notices"}
ON_RECORD = set(ACTS) - NO_RECORD
# What is about a record that only those named open.
ON_RESTRICTED = {"name_officer", "take_name_off", "end_restriction"}


@dataclass
class Made:
    """An act for which everything is there, and who is about to do it."""

    name: str
    program: Program
    args: list[Any]
    sent: dict[str, Any]

    @property
    def act(self) -> Act:
        return ACTS[self.name]

    def send(self, sent: dict[str, Any] | None = None, by: Program | None = None) -> Any:
        return send_it(by or self.program, self.name, self.args, self.sent if sent is None else sent)


def made(name: str) -> Made:
    program = at_the_desk(role=ACTS[name].role)
    return Made(name, program, *ACTS[name].makes(program.user))


# --- done, and refused ---------------------------------------------------------------------------


def it_is_done_by_its_action_and_tells_of_itself(it: Made) -> None:
    name, program = it.name, it.program
    events, entries = set(AuditEvent.objects.values_list("pk", flat=True)), set(Entry.objects.values_list("pk"))
    looks = AccessLog.objects.count()
    answer = it.send()
    assert answer.status_code == it.act.status, answer.content
    assert it.act.status == 204 or answer["Content-Type"] == "application/json"
    check_answer(name, it.act.method, answer)  # it is as the description says
    (event,) = AuditEvent.objects.exclude(pk__in=events)
    assert (event.event, event.by_id) == (it.act.event, program.user.pk)
    told = [each for each in Entry.objects.order_by("pk") if (each.pk,) not in entries]
    if name in (NO_RECORD - {"referrals"}) | IN_ASSESSMENT | IN_REPORT:
        assert told == []
    else:
        (entry,) = told
        assert entry.recorded_by == program.user
        assert entry.title.startswith(it.act.told)
        assert entry.case_id == event.case_id
    if name not in {"referrals", *FOR_ONESELF}:
        look, *others = AccessLog.objects.order_by("pk")[looks:]
        # An email that is put on a record is read with it.
        assert [each.object_type for each in others] == (["intake.message"] if "message" in it.sent else [])
        assert (look.how, look.by_id, look.detail["page"]) == (Look.API, program.user.pk, f"api:{name}")
        assert look.case_id == (None if name in NO_RECORD else event.case_id)
    if name in SECOND + SECOND_OF_TWO:
        what_is_done_already_is_not_done_twice(it)


def it_is_refused_for_each_reason_by_itself_and_nothing_is_done(it: Made) -> None:
    name, sent = it.name, it.sent
    may_not = Role.AUDITOR if name in FOR_ONESELF else Role.REVIEWER
    reviewer, enfield = Program(an_officer(may_not)), at_the_desk("ENF")
    before = everything()
    # Whose role it is not is told whose it is; for them an email is not even there.
    answer = it.send(by=reviewer)
    if name in NO_RECORD - {"referrals"} - FOR_ONESELF:
        said_wrong(answer, 404)
    else:
        said = said_wrong(answer, 403)
        assert set(said) == {"detail"}
        if name in ON_RESTRICTED:  # whoever is not named on it reads whom to ask
            assert "is restricted: only those named on it can open it. Ask " in said["detail"]
        else:
            assert said["detail"].startswith("You cannot ")
            assert "This is done by: " in said["detail"]
    if name not in {"referrals", *FOR_ONESELF}:  # of another team there is nothing to act on
        assert set(said_wrong(it.send(by=enfield), 404)) == {"detail"}
    assert everything() == before
    before = everything(looks=False)
    looks = AccessLog.objects.count()
    # A field that there is not; that somebody looked stays.
    assert set(said_wrong(it.send({**sent, "reasn": "x"}))) == {"detail", "reasn"}
    assert AccessLog.objects.count() == looks + (name not in {"referrals", *FOR_ONESELF})
    for what in it.act.says:
        missing = {key: value for key, value in sent.items() if key != what}
        for wrong in (missing, {**sent, what: ""}, {**sent, what: " \n "}, {**sent, what: None}):
            assert set(said_wrong(it.send(wrong))) == {"detail", what}
    assert everything(looks=False) == before


def it_is_not_done_on_a_closed_record(it: Made) -> None:
    Case.objects.update(state="closed", closed_at=clock.now())
    before = everything(looks=False)
    said = said_wrong(it.send())
    assert "is closed, so nothing can be added" in said["detail"]
    assert everything(looks=False) == before


SECOND = ["triage", "confirm", "complete_action", "cancel_action", "take_person_off", "closure", "agree_closure"]
SECOND += ["transfers_of_record", "withdraw_transfer", "accept_transfer", "decline_transfer"]
SECOND += ["refuse_closure", "withdraw_closure", "reopen_case", "judge", "strategies", "updates", "decisions"]
SECOND += ["hold_chases", "release_chases", "put_back_message", "pass_to_conferences"]
SECOND += ["gaps", "risks", "set_measure", "research"]
SECOND += ["book_conference", "add_police_action", "core_groups"]
# Where who was first is told with what they did, as a change meanwhile.
SECOND_OF_TWO = ["start_assessment", "submit_assessment", "endorse_assessment", "answer_gap", "drop_gap", "end_risk"]
SECOND_OF_TWO += ["discard_assessment"]
SECOND_OF_TWO += ["end_measure", "drop_research"]
SECOND_OF_TWO += ["conference", "move_conference", "decide_attendance", "brief_officer", "record_attendance"]
SECOND_OF_TWO += ["record_outcomes", "correct_outcome", "debrief_officer", "check_minutes"]
SECOND_OF_TWO += ["report", "submit_report", "endorse_report", "send_report"]
SECOND_OF_TWO += ["move_core_group", "record_core_group", "cancel_core_group"]


def what_is_done_already_is_not_done_twice(it: Made) -> None:
    name, program = it.name, it.program
    again = it.sent | ({"seen": 1} if "seen" in it.sent else {})
    second = Program(an_officer(Role.SUPERVISOR)) if name != "withdraw_closure" else program
    before = everything(looks=False)
    said = said_wrong(it.send(again, by=second), 409 if name in SECOND_OF_TWO else 400)
    whole = " ".join([said["detail"], *(each for name in said if name != "detail" for each in said[name])])
    if name not in ("hold_chases", "release_chases", "put_back_message"):
        assert str(program.user) in whole
    assert everything(looks=False) == before


# --- who, and what of another record -------------------------------------------------------------

# The fields in which an officer is named.
OFFICERS = {
    "officers": ("officer_in_case", "supervisor"),
    "actions": ("owner",),
    "action": ("owner",),
    "strategies": ("supervisor",),
    "add_assessment_action": ("owner",),
    "gaps": ("owner",),
    "gap": ("owner",),
    "measure": ("owner",),
    "set_measure": ("owner",),
    "book_conference": ("pclo",),
    "record_attendance": ("attended_by",),
}


def whoever_does_not_work_in_the_team_today_is_given_nothing(it: Made) -> None:
    yesterday = clock.today() - ONE_DAY
    officers: dict[str, Any] = {
        "another team": an_officer(Role.SUPERVISOR, a_team("ENF")).pk,
        "closed": close_account(an_officer(Role.SUPERVISOR), by=User.objects.system()).pk,
        "no role": an_officer(Role.SUPERVISOR, from_on=yesterday, to_on=yesterday).pk,
        "nobody": 999_999_999,
        "no number": "Frayne",
    }
    before = everything(looks=False)
    for field in OFFICERS[it.name]:
        for who, officer in officers.items():
            assert set(said_wrong(it.send({**it.sent, field: officer}))) == {"detail", field}, who
    assert everything(looks=False) == before


NAMES_PEOPLE = ["chronology", "corrections", "shared", "research", "searches"]


def whoever_is_not_on_the_record_is_not_named_on_it(it: Made) -> None:
    elsewhere = a_case().people.get()
    before = everything(looks=False)
    for people in ([elsewhere.pk], [999_999_999], ["x"], [0], "x", None, [None], [[1]]):
        assert set(said_wrong(it.send({**it.sent, "people": people}))) == {"detail", "people"}, people
    assert everything(looks=False) == before


OF_A_RECORD = ["corrections", "action", "complete_action", "cancel_action", "person_on_record", "take_person_off"]
OF_A_RECORD += ["withdraw_transfer", "take_name_off", "agree_closure", "refuse_closure", "withdraw_closure", "judge"]
OF_A_RECORD += ["gap", "answer_gap", "drop_gap", "end_risk", "set_measure", "check_measure", "end_measure", "measure"]
OF_A_RECORD += ["drop_research", "move_core_group", "record_core_group", "cancel_core_group"]


def what_is_on_another_record_is_not_found_on_this_one(it: Made) -> None:
    _, pk = it.args
    it.args = [a_case().number, pk]
    before = everything()
    assert set(said_wrong(it.send(), 404)) == {"detail"}
    assert everything() == before


# --- when ----------------------------------------------------------------------------------------

MOMENTS = {
    "chronology": "happened_at",
    "shared": "shared_at",
    "corrections": "happened_at",
    "confirm": "confirmed_at",
    "strategies": "held_at",
    "decisions": "decided_at",
    "updates": "received_at",
}


def what_has_not_happened_yet_is_refused(it: Made) -> None:
    field = MOMENTS[it.name]
    ahead = (clock.moment() + timedelta(minutes=2)).isoformat()
    before = everything(looks=False)
    for wrong, words in (
        (ahead, "in the future"),
        (ahead[:19], "offset"),
        ("0001-01-01T00:00:00Z", "Check the year"),
    ):
        said = said_wrong(it.send({**it.sent, field: wrong}))
        assert set(said) == {"detail", field}
        assert words in said[field][0]
    assert everything(looks=False) == before


def a_due_date_is_a_day_that_lies_ahead(it: Made) -> None:
    for wrong in ("yesterday", "2020-01-01", "14/1/2030", "2030-01-01T00:00:00Z", None, 5, "0001-01-01"):
        assert set(said_wrong(it.send({**it.sent, "due_on": wrong}))) == {"detail", "due_on"}, wrong


# --- as the description says ---------------------------------------------------------------------


# Nothing has to be said with these.
NOTHING_SENT = {"report", "assemble_report", "take_off_recipient"}


def what_is_sent_and_how_it_is_refused_is_as_it_says(it: Made) -> None:
    name, method = it.name, it.act.method
    told = operation(name, method)
    assert ("requestBody" in told) == bool(it.sent)
    if it.sent:
        assert set(told["requestBody"]["content"]) == {"application/json"}
        check(told["requestBody"]["content"]["application/json"]["schema"], it.sent)
    check_answer(name, method, it.send({"nothing": 1}))
    nothing = it.send({})
    check_answer(name, method, nothing)
    if name not in NOTHING_SENT:
        what_must_be_sent_is_what_it_says_must_be_sent(it, nothing)


def what_must_be_sent_is_what_it_says_must_be_sent(it: Made, nothing: Any) -> None:
    """`nothing`: what is answered where nothing is sent."""
    shape = operation(it.name, it.act.method)["requestBody"]["content"]["application/json"]["schema"]
    told = description()["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
    missing = set(nothing.json()) - {"detail"}
    if it.name in ("add_person", "person_on_record"):
        missing -= {"given_names"} - set(told["required"])  # one of two names: no schema says so
    assert missing == set(told.get("required", []))


# -------------------------------------------------------------------------------------------------

CLAIMS: dict[Callable[[Made], None], Collection[str]] = {
    it_is_done_by_its_action_and_tells_of_itself: ACTS,
    it_is_refused_for_each_reason_by_itself_and_nothing_is_done: ACTS,
    it_is_not_done_on_a_closed_record: ON_RECORD - {"reopen_case", "restriction"} - ON_RESTRICTED,
    whoever_does_not_work_in_the_team_today_is_given_nothing: OFFICERS,
    whoever_is_not_on_the_record_is_not_named_on_it: NAMES_PEOPLE,
    what_is_on_another_record_is_not_found_on_this_one: OF_A_RECORD,
    what_has_not_happened_yet_is_refused: MOMENTS,
    a_due_date_is_a_day_that_lies_ahead: ["actions", "action"],
    what_is_sent_and_how_it_is_refused_is_as_it_says: ACTS,
}


def test_each_claim_is_of_acts_that_there_are() -> None:
    assert {name for names in CLAIMS.values() for name in names} == set(ACTS)
    assert {*SECOND, *SECOND_OF_TWO, *NOTHING_SENT} <= set(ACTS)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_each_act_keeps_every_rule(name: str) -> None:
    it = made(name)
    for claim, names in CLAIMS.items():
        if name in names:
            with undone():
                claim(own(it))
