"""What the desk does with a referral: keeps it half typed, logs it, triages it, has it confirmed in writing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from audit.events import Event
from audit.recording import record
from cases.closure import Turn, tell
from cases.enums import Happened, Kind, Part, Series
from cases.models import Case
from cases.policies import check_may_see, check_open
from cases.steps import enter, lock_linked, locked, next_number, put_on_case, raise_case, tell_linked, told_on
from cases.steps import restrict as restrict_to
from deadlines import clock, rules
from deadlines.together import worked_out_together
from diary.steps import end_open, raise_again, raise_duty, satisfy_duty
from intake.enums import UseKind
from intake.models import Message
from intake.policies import check_another, check_seen
from intake.steps import use
from pages.validators import check_fields
from people.given import as_given
from people.models import Person, Relationship
from people.said import PersonSaid
from people.steps import record_people, relate
from referrals import duties, policies, restricting_policies
from referrals.enums import Category, Method, Progress, Source
from referrals.models import Draft, Referral
from referrals.restricted import who_opens
from team.history import save_all_as, save_as
from team.models import Team, User
from team.permissions import Permission, require


class Logged(NamedTuple):
    """The referral, and whether it was logged just now: a form that is sent twice finds what the first one made."""

    referral: Referral
    just_now: bool


def log_referral(
    team: Team,
    *,
    token: UUID,
    children: Sequence[PersonSaid],
    adults: Sequence[PersonSaid] = (),
    received_at: datetime,
    method: Method,
    source: Source,
    circumstances: str,
    categories: Sequence[Category],
    urgent: bool,
    no_child_because: str = "",
    referrer_name: str = "",
    referrer_job: str = "",
    referrer_telephone: str = "",
    referrer_email: str = "",
    rang_back: bool = False,
    protected: bool = False,
    will_be_lost: str = "",
    who_has_child: str = "",
    other_children: str = "",
    whereabouts: str = "",
    done_so_far: str = "",
    restrict: bool = False,
    restrict_reason: str = "",
    draft_version: int | None = None,
    message: Message | None = None,
    message_uses: int | None = None,
    another: bool = False,
    by: User,
) -> Logged:
    """Log a referral: its URN, its record, the people on it and its duties, all at once or not at all.

    The fields are those of `Referral`. `restrict`, `restrict_reason`: whether and why only those named open its
    record, from the first moment on. `token`: of the form; sent again by whoever sent it, it changes nothing.
    `draft_version`: the one of its draft that the form was opened on. `message`: the email that it came with, and how
    many uses of it whoever logs has seen; `another`: it was logged before, and tells of another family too. Raises
    ValidationError; ChangedMeanwhile where somebody else, or another window, has gone on with the draft or logged it.
    """
    with transaction.atomic(), worked_out_together():
        _one_at_a_time(token)
        require(by, Permission.LOG_REFERRALS, team=team)
        if twice := Referral.objects.select_related("logged_by").filter(token=token).first():
            if twice.logged_by != by:
                policies.check_not_logged(token, by=by)
            return Logged(twice, just_now=False)
        if (draft := Draft.objects.filter(key=token).first()) is not None:
            policies.check_save_draft(draft, version=draft_version, by=by)
        everybody, on = (*children, *adults), clock.london_date(received_at)
        now = clock.moment()
        policies.check_received(received_at, now=now)
        policies.check_method(method)
        policies.check_people(children, adults, no_child_because)
        policies.check_are_children(children, on=on)
        policies.check_categories(categories)
        officers = _who_opens(team, restrict, restrict_reason, everybody, by)
        referral = Referral(
            team=team,
            token=token,
            logged_by=by,
            received_at=received_at,
            method=method,
            source=source,
            circumstances=circumstances,
            categories=list(categories),
            urgent=urgent,
            no_child_because=no_child_because,
            referrer_name=referrer_name,
            referrer_job=referrer_job,
            referrer_telephone=referrer_telephone,
            referrer_email=referrer_email,
            rang_back=rang_back,
            protected=protected,
            will_be_lost=will_be_lost,
            who_has_child=who_has_child,
            other_children=other_children,
            whereabouts=whereabouts,
            done_so_far=done_so_far,
        )
        policies.check_caller_is_left_out(referral, message=message)
        check_may_see((each.same_as for each in everybody), by=by)
        # Before the people and the numbers (ADR 9): on which record reviews hang is settled by one at a time.
        linked = lock_linked(None, [each.same_as for each in children if each.same_as])
        recorded = record_people(everybody, on=on, by=by)
        people = recorded.people
        referral.urn_year = clock.london_date(now).year
        referral.urn_serial = next_number(team, Series.URN, referral.urn_year)
        # Now that the number is ours alone: URNs follow each other in the order of logging.
        referral.logged_at = clock.moment()
        referral.as_given = [
            as_given(said, child=place < len(children), on=on, person=person)
            for place, (said, person) in enumerate(zip(everybody, people, strict=True))
        ]
        check_fields(referral)
        referral.case = raise_case(team, urn=referral.urn, year=referral.urn_year, by=by)
        save_all_as([referral], by)
        relations = _put_on(referral.case, children, adults, people, by)
        told_on(referral.case, homes=recorded.homes, names=recorded.names, relations=relations)
        _tell(referral, people, recorded.learned, by)
        if restrict:  # before anything is told to anybody
            restrict_to(referral.case, reason=restrict_reason, officers=officers, by=by)
        _raise_duties(referral, by)
        tell(referral.case, Turn.RAISED, by=by)
        tell_linked(linked, by=by)
        Draft.objects.filter(key=token).delete()
        case = referral.case
        if message:
            check_seen(message, message_uses)
            check_another(message, another)
            use(message, UseKind.REFERRAL, case, seen=message_uses, protected=protected, by=by)
        detail: dict[str, Any] = {
            "urn": referral.urn,
            "record": case.number,
            "urgent": "yes" if referral.urgent else "no",
        }
        detail |= {"message": message.pk} if message else {}
        record(Event.REFERRAL_LOGGED, by=by, on=referral, case_id=case.pk, team_id=team.pk, detail=detail)
        if restrict:
            named = {"people": [each.pk for each in officers]}
            record(Event.CASE_RESTRICTED, by=by, on=case, case_id=case.pk, team_id=team.pk, detail=named)
        return Logged(referral, just_now=True)


def triage_referral(referral: Referral, *, urgent: bool, what_next: str, reason: str, by: User) -> Referral:
    """Record the desk sergeant's first look: whether urgent action is needed, what is done now, and why.

    Raises ValidationError, also for the second of two: with who triaged it first, and how.
    """
    with transaction.atomic():
        case, referral = _locked(referral, Permission.TRIAGE_REFERRALS, by)
        policies.check_triage(referral)
        referral.progress = Progress.TRIAGED
        referral.triaged_at, referral.triaged_by = clock.moment(), by
        referral.triage_urgent, referral.triage_next, referral.triage_reason = urgent, what_next, reason
        policies.check_reason(reason)
        save_as(referral, by)
        title = "Triage: urgent action is needed" if urgent else "Triage: no urgent action is needed"
        text = f"Why: {reason}" + (f"\n\nNext: {what_next}" if what_next else "")
        enter(case, Kind.DECISION, title, text=text, significant=True, by=by)
        satisfy_duty(duties.TRIAGE, case, why="Triaged", by=by)
        limit = rules.DECISION_URGENT if urgent else rules.DECISION
        raise_again(duties.DECISION, case, limit.due_or_at_once(referral.triaged_at), by=by)
        _record(Event.REFERRAL_TRIAGED, referral, by, urgent="yes" if urgent else "no")
        return referral


def confirm_referral(
    referral: Referral,
    *,
    confirmed_at: datetime,
    confirmed_how: str,
    message: Message | None = None,
    message_uses: int | None = None,
    by: User,
) -> Referral:
    """Record that a telephone referral was confirmed in writing; `message`: by that email. Raises ValidationError."""
    with transaction.atomic():
        case, referral = _locked(referral, Permission.LOG_REFERRALS, by)
        policies.check_confirm(referral)
        policies.check_confirmed_at(confirmed_at, referral=referral, now=clock.moment())
        referral.confirmed_at, referral.confirmed_how, referral.confirmed_by = confirmed_at, confirmed_how, by
        check_fields(referral)
        save_as(referral, by)
        title = "Telephone referral confirmed in writing"
        enter(case, Kind.REFERRAL, title, text=confirmed_how, happened_at=confirmed_at, by=by)
        if message:
            use(message, UseKind.CONFIRMATION, case, seen=message_uses, protected=referral.protected, by=by)
        end_open(duties.CONFIRMATION, case, done=True, why="Confirmed in writing", by=by)
        _record(Event.REFERRAL_CONFIRMED, referral, by, **({"message": message.pk} if message else {}))
        return referral


def save_draft(
    team: Team,
    *,
    key: UUID,
    typed: dict[str, list[str]],
    version: int = 0,
    shown: Sequence[int] = (),
    shown_records: Sequence[int] = (),
    by: User,
) -> Draft:
    """Keep a half-typed referral. `version`: the one that was built on, 0 for a new draft; `shown` and
    `shown_records`: ids of the known people, and of their records, that are shown beside it.

    The first save is recorded; those that follow are the same typing. Raises ChangedMeanwhile where somebody else, or
    another window, has gone on with it.
    """
    with transaction.atomic():
        _one_at_a_time(key)
        require(by, Permission.LOG_REFERRALS, team=team)
        policies.check_not_logged(key, by=by)
        policies.check_draft_size(typed)
        draft = Draft.objects.select_related("team", "owner").filter(key=key).first()
        if draft is None:
            policies.check_begin_draft(version)
            draft = Draft(key=key, team=team, owner=by, typed=typed, saved_at=clock.moment())
            draft.shown, draft.shown_records = sorted(shown), sorted(shown_records)
            draft.save(force_insert=True)
            record(Event.DRAFT_SAVED, by=by, on=Draft, team_id=team.pk, detail={"draft": str(key)})
            return draft
        require(by, Permission.LOG_REFERRALS, team=draft.team)
        policies.check_save_draft(draft, version=version, by=by)
        draft.typed, draft.saved_at = typed, clock.moment()
        draft.shown = sorted({*draft.shown, *shown})
        draft.shown_records = sorted({*draft.shown_records, *shown_records})
        draft.version += 1
        draft.save()
        return draft


def take_over_draft(draft: Draft, *, by: User) -> Draft:
    """Go on with a referral that a colleague began: what they type from now on is not kept.

    Raises ChangedMeanwhile where it was logged or thrown away meanwhile.
    """
    with transaction.atomic():
        draft = _locked_draft(draft, by)
        before, draft.owner = draft.owner, by
        draft.version += 1
        draft.save()
        detail = {"draft": str(draft.key), "person": before.pk}
        record(Event.DRAFT_TAKEN_OVER, by=by, on=Draft, team_id=draft.team_id, detail=detail)
        return draft


def discard_draft(draft: Draft, *, by: User) -> None:
    """Throw a half-typed referral away, as when it was begun by mistake. Raises ChangedMeanwhile as above."""
    with transaction.atomic():
        draft = _locked_draft(draft, by)
        record(Event.DRAFT_DISCARDED, by=by, on=Draft, team_id=draft.team_id, detail={"draft": str(draft.key)})
        draft.delete()


def _one_at_a_time(key: UUID) -> None:
    """Whatever is done to one form and its draft comes one after the other, until the transaction ends; also where
    there is no row of it yet that could be locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key.int % 2**63])


def _locked_draft(draft: Draft, by: User) -> Draft:
    _one_at_a_time(draft.key)
    require(by, Permission.LOG_REFERRALS, team=draft.team)
    policies.check_not_logged(draft.key, by=by)
    now = Draft.objects.select_related("owner", "team").filter(key=draft.key).first()
    return policies.check_still_there(now)


def _who_opens(
    team: Team, restrict: bool, restrict_reason: str, people: Sequence[PersonSaid], by: User
) -> list[User]:
    """Who is named on the record of a referral that is logged as a restricted one; nobody on another."""
    restricting_policies.check_reason_given(restrict, restrict_reason)
    if not restrict:
        return []
    require(by, Permission.RESTRICT_RECORDS, team=team)
    officers = who_opens(team, people=people, by=by)
    restricting_policies.check_can_be_ended(officers, team=team)
    return officers


def _put_on(
    case: Case,
    children: Sequence[PersonSaid],
    adults: Sequence[PersonSaid],
    people: list[Person],
    by: User,
) -> list[Relationship]:
    """Put people on a record that was just raised, the children first; what the adults are to them."""
    young, grown = people[: len(children)], people[len(children) :]
    parts = [(child, Part.CHILD) for child in young]
    parts += [
        (person, Part.SUSPECT if said.may_have_harmed else Part.ADULT)
        for person, said in zip(grown, adults, strict=True)
    ]
    put_on_case(case, parts, is_new=True, by=by)
    return relate(
        ((person, said.relation, child) for person, said in zip(grown, adults, strict=True) for child in young),
        are_new=not any(each.same_as for each in (*children, *adults)),
        by=by,
    )


def _tell(referral: Referral, people: list[Person], learned: list[str], by: User) -> None:
    """The first entry of the chronology. It says where it came from and not who called: an entry is never changed,
    and a caller may have to be protected later."""
    how = f"Received {Method(referral.method).words}."
    enter(
        referral.case,
        Kind.REFERRAL,
        f"Referral {referral.urn}: {referral.category_words()}",
        text="\n\n".join(
            [how, referral.circumstances, *(["New of people known already: " + " ".join(learned)] if learned else [])]
        ),
        happened_at=referral.received_at,
        happened=Happened.AT,
        source=referral.source_shown,
        people=people,
        significant=True,
        by=by,
    )


def _raise_duties(referral: Referral, by: User) -> None:
    triage = rules.TRIAGE_URGENT if referral.urgent else rules.TRIAGE_OTHER
    raise_duty(duties.TRIAGE, referral.case, triage.due_or_at_once(referral.received_at), by=by)
    if referral.method == Method.TELEPHONE:
        due = rules.PHONE_CONFIRMATION.due_or_at_once(referral.received_at)
        raise_duty(duties.CONFIRMATION, referral.case, due, by=by)


def _locked(referral: Referral, permission: Permission, by: User) -> tuple[Case, Referral]:
    case = locked(referral.case, permission, by)
    check_open(case)
    return case, Referral.objects.select_related("case", "triaged_by", "confirmed_by").get(pk=referral.pk)


def _record(event: Event, referral: Referral, by: User, **detail: Any) -> None:
    record(event, by=by, on=referral, case_id=referral.case_id, team_id=referral.case.team_id, detail=detail)
