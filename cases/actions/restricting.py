"""Who may open a restricted record: those who are named on it, and nobody else (handbook, section 9; ADR 34)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases import policies
from cases import restricting_policies as allowed
from cases.closure import Turn, tell
from cases.enums import Kind
from cases.models import Case, NamedOfficer
from cases.restricting import named_on, restriction_of
from cases.steps import enter, lock, locked, name_on, restrict
from deadlines import clock
from team.history import save_as
from team.models import User
from team.permissions import Permission, require


def restrict_case(case: Case, *, reason: str, officers: Iterable[User], by: User) -> Case:
    """From now on only those named open the record; whoever restricts it is one of them. What somebody has to do on
    it who is not named goes back to whoever holds the role. Raises ValidationError."""
    with transaction.atomic():
        case = locked(case, Permission.RESTRICT_RECORDS, by)
        allowed.check_restrict(case)
        policies.check_written(reason, field="reason")
        named = list(dict.fromkeys([by, *officers]))
        allowed.check_can_be_named(case, named, field="officers")
        allowed.check_enough(case, {each.pk for each in named}, field="officers")
        restrict(case, reason=reason, officers=named, by=by)
        detail = {"people": [each.pk for each in named]}
        record(Event.CASE_RESTRICTED, by=by, on=case, case_id=case.pk, team_id=case.team_id, detail=detail)
        return case


def name_officer(case: Case, *, officer: User, reason: str, by: User) -> NamedOfficer:
    """Name somebody more who may open a restricted record: who may open it themselves, or somebody of the command,
    so that no record is lost when those named are not there. Raises ValidationError."""
    with transaction.atomic():
        case = _locked_to_name(case, by)
        allowed.check_restricted(case)
        policies.check_written(reason, field="reason")
        allowed.check_not_named(case, officer)
        allowed.check_can_be_named(case, [officer], field="officer")
        named = name_on(case, officer, reason=reason, by=by)
        enter(case, Kind.RECORD, f"{officer} may open this record", text=reason, significant=True, by=by)
        detail = {"person": officer.pk}
        record(Event.OFFICER_NAMED, by=by, on=case, case_id=case.pk, team_id=case.team_id, detail=detail)
        return named


def take_name_off(named: NamedOfficer, *, reason: str, by: User) -> NamedOfficer:
    """Somebody may open a restricted record no more. What they have to do on it goes back to whoever holds the role.
    Raises ValidationError."""
    with transaction.atomic():
        case = locked(named.case, Permission.RESTRICT_RECORDS, by)
        named = NamedOfficer.objects.select_for_update(of=("self",)).get(pk=named.pk, case=case)
        allowed.check_still_named(named)
        policies.check_written(reason, field="reason")
        allowed.check_can_be_taken_off(named)
        _end(named, reason, by)
        enter(case, Kind.RECORD, f"{named.officer} can no longer open this record", text=reason, by=by)
        tell(case, Turn.RESTRICTED, by=by)
        detail = {"person": named.officer_id}
        record(Event.OFFICER_TAKEN_OFF, by=by, on=case, case_id=case.pk, team_id=case.team_id, detail=detail)
        return named


def end_restriction(case: Case, *, reason: str, by: User) -> Case:
    """From now on everybody in the team opens the record again. Raises ValidationError."""
    with transaction.atomic():
        case = locked(case, Permission.END_RESTRICTIONS, by)
        allowed.check_restricted(case)
        policies.check_written(reason, field="reason")
        running = restriction_of(case)
        running.ended_at, running.ended_by, running.end_reason = clock.moment(), by, reason  # type: ignore[union-attr]
        save_as(running, by)
        for named in named_on(case):
            _end(named, "The restriction ended", by)
        case.restricted = False
        save_as(case, by)
        enter(case, Kind.RECORD, "Not restricted any more", text=reason, significant=True, by=by)
        record(Event.RESTRICTION_ENDED, by=by, on=case, case_id=case.pk, team_id=case.team_id)
        return case


def _locked_to_name(case: Case, by: User) -> Case:
    """As `cases.steps.locked`. The command names somebody without opening the record."""
    locked_case = lock(case.pk)
    if Case.objects.visible_to(by).filter(pk=case.pk).exists():
        return locked(case, Permission.RESTRICT_RECORDS, by)
    require(by, Permission.OVERSEE_RESTRICTIONS, team=locked_case.team)
    return locked_case


def _end(named: NamedOfficer, reason: str, by: User) -> None:
    named.ended_at, named.ended_by, named.end_reason = clock.moment(), by, reason
    save_as(named, by)
