"""Loads the demonstration through the real actions, each at the moment at which it is said to have been done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

from cases import actions as on_case
from cases.enums import Happened
from cases.models import Action, Case, Entry
from deadlines.ages import born_if_months_old, days_before
from deadlines.calendar import add_months
from deadlines.clock import london_date, london_midnight
from people.births import Birth
from people.said import PersonSaid
from referrals import actions as on_referral
from referrals.known import known_already
from referrals.models import Referral
from team.actions import add_account, add_team, change_password, give_role
from team.enums import Posting, Role, TeamKind
from team.models import Team, User
from workbench.demonstration import ACCOUNTS, COMMAND_TEAM, PASSWORD, TEAMS
from workbench.demonstration_referrals import REFERRALS, Somebody, Then, Told
from workbench.past import as_at


def load_accounts(today: date) -> None:
    """The teams and everybody in them; they hold their roles since the day before the first referral."""
    by = User.objects.system()
    since = days_before(max(told.days for told in REFERRALS) + 1, today)
    with as_at(london_midnight(since)):
        teams = {code: add_team(code=code, name=name, kind=TeamKind.CAIT, by=by) for code, name in TEAMS.items()}
        teams |= {
            code: add_team(code=code, name=name, kind=TeamKind.COMMAND, by=by) for code, name in COMMAND_TEAM.items()
        }
        for a in ACCOUNTS:
            user, _ = add_account(
                username=a.username,
                rank=a.rank,
                given_names=a.given_names,
                family_name=a.family_name,
                email=f"{a.username}@police.example",
                by=by,
            )
            change_password(user, password=PASSWORD, by=user)
            give_role(user, team=teams[a.team], role=Role(a.role), from_on=since, by=by)


def lend_a_supervisor(today: date) -> None:
    """One loan between two boroughs."""
    give_role(
        User.objects.get(username="graham.oduya"),
        team=Team.objects.get(code="HGY"),
        role=Role.SUPERVISOR,
        posting=Posting.LOAN,
        from_on=days_before(23, today),
        to_on=add_months(today, 1),
        reason="Covers plan supervision while DS Petrie is away",
        by=User.objects.system(),
    )


def load_referrals(now: datetime) -> None:
    """Every referral and what was done about it, in the order in which it happened; nothing in the future."""
    officers = {user.username: user for user in User.objects.people()}
    desks = {"HGY": officers["desk_sergeant"], "ENF": officers["outsider_sergeant"]}
    teams = {team.code: team for team in Team.objects.all()}
    happenings: list[tuple[datetime, int, int]] = []
    received: list[datetime] = []
    for number, told in enumerate(REFERRALS):
        at = london_midnight(days_before(told.days, london_date(now))) + timedelta(
            hours=told.at[0], minutes=told.at[1]
        )
        if at >= now:  # loaded before that hour of today
            at = now - timedelta(minutes=30 + 7 * number)
        received.append(at)
        happenings.append((min(at + timedelta(minutes=told.logged_after), now), number, -1))
        happenings += [(at + timedelta(hours=then.hours), number, step) for step, then in enumerate(told.then)]
    logged: dict[int, Referral] = {}
    for at, number, step in sorted(happenings):
        if at > now:
            continue
        told = REFERRALS[number]
        with as_at(at):
            if step < 0:
                logged[number] = _log(told, received[number], teams[told.team], desks[told.team])
            else:
                _do(told.then[step], logged[number], received[number], officers)


def _log(told: Told, received: datetime, team: Team, desk: User) -> Referral:
    on = london_date(received)
    children = [_said(each, told.address, on) for each in told.children]
    adults = [_said(each, told.address, on) for each in told.adults]
    known = known_already([*children, *adults], user=desk)
    same = [
        PersonSaid(**{**vars(said), "same_as": matches[0].person.pk}) if matches and matches[0].probable else said
        for said, matches in zip([*children, *adults], known.matches, strict=True)
    ]
    return on_referral.log_referral(
        team,
        token=uuid4(),
        children=same[: len(children)],
        adults=same[len(children) :],
        received_at=received,
        method=told.method,
        source=told.source,
        circumstances=told.circumstances,
        categories=told.categories,
        urgent=told.urgent,
        by=desk,
        **{"referrer_name": told.name, "referrer_job": told.job, **told.more},  # type: ignore[arg-type]
    ).referral


def _said(each: Somebody, address: str, on: date) -> PersonSaid:
    birth = Birth()
    if each.months is not None:
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


def _do(then: Then, referral: Referral, received: datetime, officers: dict[str, User]) -> None:
    by, case = officers[then.by], Case.objects.get(pk=referral.case_id)
    at = received + timedelta(hours=then.hours if then.happened is None else then.happened)
    words = (*then.words, "", "")
    if then.does == "triage":
        on_referral.triage_referral(referral, urgent=then.urgent, reason=words[0], what_next=words[1], by=by)
    elif then.does == "confirm":
        on_referral.confirm_referral(referral, confirmed_at=at, confirmed_how=words[0], by=by)
    elif then.does == "assign":
        officer, supervisor = officers[words[0]], officers[words[1]]
        on_case.assign_case(case, officer_in_case=officer, supervisor=supervisor, reason=words[2], by=by)
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
    else:
        raise ValueError(f"Nobody knows how to {then.does}.")
