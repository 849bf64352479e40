"""On which of several open records the reviews of a child hang."""

from __future__ import annotations

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases import policies
from cases.enums import Kind
from cases.leading import last_choice, whom_to_ask_first
from cases.left_out import called_elsewhere
from cases.models import Case, Lead
from cases.restricting import whom_to_ask
from cases.steps import enter, lock_linked, locked, tell_linked
from deadlines import clock
from people.models import Person
from team.models import User
from team.permissions import Permission


def choose_lead(case: Case, *, child: Person, reason: str, seen: int | None = None, by: User) -> Lead:
    """Choose on which of a child's open records its reviews hang, and say why. Told on each of them.

    `seen`: the id of the last choice that whoever chooses has seen, 0 for none; a later one of the child raises
    ChangedMeanwhile. The same choice sent twice is taken once. Raises ValidationError, also where one of these
    records is restricted and whoever chooses is not named on it.
    """
    with transaction.atomic():
        linked = lock_linked(case, [child.pk])
        case = locked(case, Permission.ASSIGN_RECORDS, by)
        policies.check_lead(case, child, linked)
        policies.check_may_choose(child, whom_to_ask_first(by, [case, *linked]))
        policies.check_written(reason, field="reason")
        among = sorted(each.pk for each in (case, *linked))
        last = last_choice(child)
        if last is not None and (last.case, last.reason, last.chosen_by, last.among) == (case, reason, by, among):
            return last
        policies.check_lead_is_unread(last, seen=seen, by=by)
        lead = Lead(child=child, case=case, among=among, chosen_at=clock.moment(), chosen_by=by, reason=reason)
        lead.clean_fields()
        lead.save()
        here = f"Reviews of {child} hang on this record"
        text = f"It is the lead record of the child’s open records. Why: {reason}"
        enter(case, Kind.DECISION, here, text=text, people=[child], significant=True, by=by)
        whom = whom_to_ask([case])[case.pk] if case.restricted else str(case.team)
        for other in linked:
            # Whoever may open that record need not be allowed to know of this one.
            named = other.team_id == case.team_id and not case.restricted
            called = f"record {case}" if named else called_elsewhere(case)
            there = f"Reviews of {child} hang on {called}"
            text = "That is the lead record of the child’s open records."
            text += f" Why: {reason}" if named else f" The reason stands on it: ask {whom}."
            enter(other, Kind.DECISION, there, text=text, people=[child], significant=True, by=by)
        tell_linked([case, *linked], by=by)
        detail = {"child": child.pk, "records": among}
        record(Event.LEAD_CHOSEN, by=by, on=case, case_id=case.pk, team_id=case.team_id, detail=detail)
        return lead
