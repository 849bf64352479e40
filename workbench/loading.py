"""Loads the demonstration through the real actions, each at the moment at which it is said to have been done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from cases import actions as on_case
from cases.enums import Court, Happened, Part, Partner, Way
from cases.models import Action, Case, CasePerson, Closure, Entry
from deadlines import clock
from deadlines.ages import born_if_months_old, days_before
from deadlines.clock import london_date, london_midnight
from diary.actions import approve_address, hold_chases
from diary.chasing import fallen_chases, write_waiting
from diary.models import Duty, DutyState, Mail, MailState
from diary.outbox import send_due
from diary.telling import fallen_steps
from intake.actions import pass_to_conferences, set_aside_message, take_in
from intake.receiving import mailbox_of
from people.births import Birth
from people.said import PersonSaid
from referrals import actions as on_referral
from referrals.enums import Held, Judgement
from referrals.known import known_already
from referrals.models import Answer, Referral
from team.models import Team, User
from workbench.demonstration import DAYS_HELD, MAILBOX_ADDRESSES, MAILBOXES
from workbench.demonstration_crams import CRAMS, Step
from workbench.demonstration_families import FAMILIES
from workbench.demonstration_mail import EMAILS, as_sent
from workbench.demonstration_referrals import LADDERS, REFERRALS, Somebody, Then, Told
from workbench.loading_conferences import confer, steps_of
from workbench.loading_crams import assess
from workbench.past import as_at, numbers_of_its_own
from workbench.post import OUTSIDE, deliver


def logged_when(now: datetime) -> list[tuple[str, datetime]]:
    """Of each referral its team and the moment at which it is logged, in the order in which they are."""
    return [(EVERY[number].team, at) for at, number in _loggings(now)]


def _received(now: datetime) -> list[datetime]:
    """When each referral was received; nothing in the future."""
    received = []
    for number, told in enumerate(EVERY):
        at = london_midnight(days_before(told.days, london_date(now))) + timedelta(
            hours=told.at[0], minutes=told.at[1]
        )
        # Where it is loaded before that hour of today.
        received.append(at if at < now else now - timedelta(minutes=30 + 7 * number))
    return received


def _loggings(now: datetime) -> list[tuple[datetime, int]]:
    """When each was logged, and which it is."""
    received = _received(now)
    return sorted(
        (min(at + timedelta(minutes=told.logged_after), now), number)
        for number, (told, at) in enumerate(zip(EVERY, received, strict=True))
    )


def load_referrals(now: datetime, numbers: Sequence[tuple[int, int]]) -> None:
    """Every referral and what was done about it, in the order in which it happened; nothing in the future. `numbers`:
    the year and the number of each, in the order of `logged_when`."""
    officers = {user.username: user for user in User.objects.people()}
    desks = {"HGY": officers["desk_sergeant"], "ENF": officers["outsider_sergeant"]}
    teams = {team.code: team for team in Team.objects.all()}
    with as_at(london_midnight(days_before(DAYS_HELD, london_date(now)))):
        approve_addresses(officers, teams)
    received, loggings = _received(now), _loggings(now)
    numbered = {number: year_and_number for (_, number), year_and_number in zip(loggings, numbers, strict=True)}
    happenings: list[tuple[datetime, int, int]] = [(at, number, -1) for at, number in loggings]
    for number, told in enumerate(EVERY):
        at = received[number]
        happenings += [(at + timedelta(hours=then.hours), number, step) for step, then in enumerate(told.then)]
        happenings += [
            (at + timedelta(hours=each.hours), number, OF_CRAM + step) for step, each in enumerate(_crams(told))
        ]
        conferred = steps_of(told, london_date(now))
        # What was done today was done before this, however early it is.
        lately = now - timedelta(minutes=20)
        happenings += [(min(when, lately), number, OF_CONFERENCE + step) for step, (when, _) in enumerate(conferred)]
    # And the sweep of each night, since the first of them whose chases still matter; lately of each hour, so that
    # what runs out by the hour is told when it does.
    nights = [london_midnight(days_before(days, london_date(now))) for days in range(SWEPT_DAYS + 1)]
    happenings += [(night + timedelta(minutes=1), -1, 0) for night in nights]
    happenings += [
        (night + timedelta(hours=hour, minutes=1), -1, hour)
        for night in nights[:DAYS_OF_HOURS]
        for hour in range(1, 24)
    ]
    logged: dict[int, Referral] = {}
    with numbers_of_its_own() as next_is:
        for at, number, step in sorted(happenings):
            if at > now:
                continue
            with as_at(at):
                if number < 0:
                    fallen_chases().all()
                    fallen_steps().all()
                    _send()
                    continue
                told = EVERY[number]
                if step < 0:
                    next_is(teams[told.team], *numbered[number])
                    logged[number] = _log(told, received[number], teams[told.team], desks[told.team])
                elif step >= OF_CONFERENCE:
                    _, on = steps_of(told, london_date(now))[step - OF_CONFERENCE]
                    confer(on, Case.objects.get(pk=logged[number].case_id), london_date(now), officers)
                elif step >= OF_CRAM:
                    assess(_crams(told)[step - OF_CRAM], Case.objects.get(pk=logged[number].case_id), at, officers)
                else:
                    do(told.then[step], logged[number], received[number], officers)
                    _send()


# Steps of a CRAM, and of a conference, are numbered from here.
OF_CRAM, OF_CONFERENCE = 1_000, 2_000
# Every referral, with those of the families that are at conferences.
EVERY = (*REFERRALS, *FAMILIES)


def _crams(told: Told) -> tuple[Step, ...]:
    """What was done about the risk on the record of a referral."""
    family = told.children[0].family if told.children else ""
    return CRAMS.get((family, told.days), ())


SWEPT_DAYS = 40
DAYS_OF_HOURS = 3


def approve_addresses(officers: dict[str, User], teams: dict[str, Team]) -> None:
    """Whom each borough's team writes to, approved by its inspector."""
    for code, (inspector, rungs) in LADDERS.items():
        for number, (to_whom, address) in enumerate(rungs, 1):
            approve_address(
                teams[code],
                partner=Partner.SOCIAL_SERVICES,
                number=number,
                to_whom=to_whom,
                address=address,
                by=officers[inspector],
            )


def _send() -> None:
    """What was to be sent lies in the mailbox of everybody outside; nothing invented leaves for anywhere."""
    write_waiting()
    send_due(deliver=_to_outside)


def _to_outside(message: EmailMessage) -> None:
    at = clock.now()
    _deliver(OUTSIDE, message.message().as_bytes(), at)


def _deliver(user: str, raw: bytes, at: datetime) -> None:
    """Into a mailbox of the demonstration's mail server, when all is loaded."""
    if settings.MAIL_FOLDER is not None:
        transaction.on_commit(partial(deliver, settings.MAIL_FOLDER, user, raw, at=at))


def load_mail(now: datetime) -> None:
    """The emails that wait in the teams' mailboxes, and those that the desk dealt with already."""
    teams = {team.code: team for team in Team.objects.all()}
    officers = {user.username: user for user in User.objects.people()}
    words = _words(london_date(now))
    for email in EMAILS:
        at = now - timedelta(minutes=email.minutes)
        to = MAILBOX_ADDRESSES[email.team]
        asked = Mail.objects.filter(state=MailState.SENT, case__parts__person__family_name=email.answers).last()
        raw = as_sent(email, to=to, at=at, words=words, answers=asked.message_id if asked else "")
        if not email.then:
            for _ in range(2 if email.twice else 1):
                _deliver(MAILBOXES[to], raw, at)
            continue
        with as_at(at):
            before = mailbox_of(teams[email.team], BEFORE)
            message = take_in(before, uid=email.minutes, raw=raw, received_at=at, by=User.objects.system())
        with as_at(at + timedelta(minutes=25)):
            if message and email.then == "conference":
                pass_to_conferences(message, by=officers["office_manager"])
            elif message:
                set_aside_message(message, reason=email.why, by=officers["desk_sergeant"])


# What was dealt with came in before there was a mail server to read it from.
BEFORE = "as loaded with the demonstration"


def _words(today: date) -> dict[str, str]:
    """What stands for {Borowska} and {born:6}: the URN of their latest referral, and a date of birth of that age."""
    words = {}
    for part in CasePerson.objects.filter(part=Part.CHILD).select_related("person", "case").order_by("case"):
        words[part.person.family_name] = part.case.urn
    for years in range(18):
        _, last = born_if_months_old(years * 12 + 4, today)
        words[f"born:{years}"] = f"{last.day:02}/{last.month:02}/{last.year}"
    return words


def _log(told: Told, received: datetime, team: Team, desk: User) -> Referral:
    on = london_date(received)
    children = [said(each, told.address, on) for each in told.children]
    adults = [said(each, told.address, on) for each in told.adults]
    known = known_already([*children, *adults], user=desk)
    same = [
        PersonSaid(**{**vars(each), "same_as": matches[0].person.pk}) if matches and matches[0].probable else each
        for each, matches in zip([*children, *adults], known.matches, strict=True)
    ]
    return log(told, same[: len(children)], same[len(children) :], received, team, by=desk)


def log(
    told: Told,
    children: Sequence[PersonSaid],
    adults: Sequence[PersonSaid],
    received: datetime,
    team: Team,
    *,
    by: User,
) -> Referral:
    """Log a referral about some people, at the moment that the clock says."""
    return on_referral.log_referral(
        team,
        token=uuid4(),
        children=children,
        adults=adults,
        received_at=received,
        method=told.method,
        source=told.source,
        circumstances=told.circumstances,
        categories=told.categories,
        urgent=told.urgent,
        by=by,
        **{"referrer_name": told.name, "referrer_job": told.job, **told.more},  # type: ignore[arg-type]
    ).referral


def said(each: Somebody, address: str, on: date) -> PersonSaid:
    """Somebody as the desk types them."""
    birth = Birth()
    if each.born is not None:
        birth = Birth.on(each.born)
    elif each.months is not None:
        first, last = born_if_months_old(each.months, on, span=12 if each.said_in_years else 1)
        # Not everybody was born on the day of the month on which the referral came.
        birth = Birth.between(first, last) if each.said_in_years else Birth.on(days_before(each.months % 27, last))
    elif each.expected_in is not None:
        birth = Birth.due(days_before(-each.expected_in, on))
    return PersonSaid(
        given_names=each.given,
        family_name=each.family,
        birth=birth,
        sex=each.sex,
        address=address if each.address is None else each.address,
        relation=each.relation,
        may_have_harmed=each.suspect,
    )


def do(then: Then, referral: Referral, received: datetime, officers: dict[str, User]) -> None:
    """Do one thing on the record of a referral, at the moment that the clock says."""
    by, case = officers[then.by], Case.objects.get(pk=referral.case_id)
    at = received + timedelta(hours=then.hours if then.happened is None else then.happened)
    words = (*then.words, "", "", "", "")
    if then.does == "triage":
        on_referral.triage_referral(referral, urgent=then.urgent, reason=words[0], what_next=words[1], by=by)
    elif then.does == "confirm":
        on_referral.confirm_referral(referral, confirmed_at=at, confirmed_how=words[0], by=by)
    elif then.does == "assign":
        officer, supervisor = officers[words[0]], officers[words[1]]
        on_case.assign_case(case, officer_in_case=officer, supervisor=supervisor, reason=words[2], by=by)
    elif then.does == "supervise":
        on_referral.supervise(case, found=words[0], directions=words[1], reviewed_at=at, by=by)
    elif then.does == "entry":
        about = Happened.ABOUT if then.kind == "information" else Happened.AT
        on_case.add_entry(case, kind=then.kind, title=words[0], text=words[1], happened_at=at, happened=about, by=by)
    elif then.does == "correct":
        entry = Entry.objects.filter(case=case, title=words[0], corrects=None).latest("pk")
        on_case.correct_entry(
            entry,
            title=entry.title,
            text=words[1],
            happened_at=entry.happened_at,
            happened=Happened(entry.happened),
            reason=words[2],
            by=by,
        )
    elif then.does == "share":
        on_case.share_information(
            case,
            partner=then.partner,
            to_whom=words[0],
            what=words[1],
            way=then.way,
            basis=then.basis,
            shared_at=at,
            people=case.people.all(),
            by=by,
        )
    elif then.does == "action":
        due_on = days_before(-then.in_days, london_date(at))
        on_case.add_action(case, what=words[0], owner=officers[then.owner], due_on=due_on, by=by)
    elif then.does == "done":
        action = Action.objects.filter(case=case, owner=by).latest("pk")
        on_case.complete_action(action, result=words[0], by=by)
    elif then.does == "strategy":
        police, social_services, decided, why = words[:4]
        on_referral.record_strategy(
            case,
            how=Held(then.owner or Held.TELEPHONE),
            held_at=at,
            took_part={"police": police, "social_services": social_services},
            supervisor=by,
            enquiry=then.enquiry,
            decided=decided,
            reason=why,
            by=by,
        )
    elif then.does == "restrict":
        on_case.restrict_case(case, reason=words[0], officers=[officers[each] for each in then.words[1:]], by=by)
    elif then.does == "transfer":
        on_case.ask_transfer(case, to_team=Team.objects.get(code=words[0]), reason=words[1], by=by)
    elif then.does == "decide":
        on_referral.decide_referral(
            case, kind=then.decision, reason=words[0], not_chosen=words[1], passed_to=words[2], decided_at=at, by=by
        )
    elif then.does == "update":
        on_referral.record_update(case, received_at=at, way=Way.EMAIL, from_whom=words[0], text=words[1], by=by)
    elif then.does == "judge":
        answer = Answer.objects.get(case=case, judgement="")
        on_referral.judge_update(answer, judgement=Judgement.UNCHANGED, reason=words[0], by=by)
    elif then.does == "hold":
        hold_chases(Duty.objects.get(case=case, kind="update", state=DutyState.OPEN), why=words[0], by=by)
    elif then.does == "ask to close":
        on_case.ask_closure(case, outcome=words[0], court=Court.NONE, by=by)
    elif then.does == "close":
        on_case.agree_closure(Closure.objects.get(case=case, state="asked"), answer=words[0], by=by)
    else:
        raise ValueError(f"Nobody knows how to {then.does}.")
