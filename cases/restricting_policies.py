"""Whether the state of a record allows that it is restricted, or who is named changes; the message is what the user
reads."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError

from cases.models import Case, NamedOfficer
from cases.restricting import called_as_on, can_be_named, restriction_of, who_can_end
from pages.words import moment
from team.models import User

NOT_RESTRICTED = "This record is not restricted: everybody in the team can open it."


def check_restrict(case: Case) -> None:
    """A record is restricted once; the second who tries reads who did it."""
    if running := restriction_of(case):
        raise ValidationError(
            f"{running.began_by} restricted this record on {moment(running.began_at)}, because: “{running.reason}”"
        )


def check_restricted(case: Case) -> None:
    """Only a restricted record has officers who are named on it."""
    if not case.restricted:
        raise ValidationError(NOT_RESTRICTED)


def check_can_be_named(case: Case, officers: Collection[User], *, field: str) -> None:
    """Whoever is named can open the records of the team, for naming adds to a role and takes the place of none; and
    is nobody who is on the record."""
    on_it = called_as_on(case, officers)
    if called := [str(officer) for officer in officers if officer.pk in on_it]:
        raise ValidationError(
            {field: f"{', '.join(called)} is called as somebody on this record, so cannot open it. Choose another"}
        )
    can = set(can_be_named(case).values_list("pk", flat=True))
    strange = [str(officer) for officer in officers if officer.pk not in can]
    if strange:
        raise ValidationError(
            {field: f"{', '.join(strange)} holds no role today that opens records of {case.team}. Choose another"}
        )


def check_can_take_over(case: Case, officer: User, *, asked_by: User, field: str) -> None:
    """Whoever accepts a restricted record can open it. Somebody who is called as somebody on it may be the one who is
    suspected, and is not warned: they read that it is somebody else's to accept, and not why."""
    if not can_be_named(case).filter(pk=officer.pk).exists():
        raise ValidationError(
            {field: f"Somebody else in {case.team} must accept this record. Ask {asked_by} about it"}
        )


def check_not_named(case: Case, officer: User) -> None:
    """Nobody is named twice; the second who tries reads who did it."""
    named = NamedOfficer.objects.filter(case=case, officer=officer, ended_at=None).select_related("named_by").first()
    if named is not None:
        raise ValidationError(
            {"officer": f"{named.named_by} named {officer} on {moment(named.named_at)}. They can open it already"}
        )


def check_enough(
    case: Case, officers: Collection[int], *, field: str | None = None, still_to_name: bool = True
) -> None:
    """Whoever works on the record can open it, and somebody could end the restriction (CAIT default): no record is
    left with nobody. `officers`: ids of those that would be named; `still_to_name`: whether others can be chosen."""
    refused = []
    for words, officer in (("officer in case", case.officer_in_case), ("supervisor", case.supervisor)):
        if officer is not None and officer.pk not in officers:
            do = "Name them, or say first" if still_to_name else "Say first"
            refused.append(f"{officer} is {words} of this record. {do} that somebody else works on it")
    if not who_can_end(case.team) & set(officers):
        do = "Name the inspector or somebody of the command too" if still_to_name else "Name another inspector first"
        refused.append(f"{do}: one of them must be able to end the restriction")
    if refused:
        raise ValidationError({field: refused} if field else [f"{each}." for each in refused])


def check_still_named(named: NamedOfficer) -> None:
    """A name is taken off once; the second who tries reads who did it."""
    if named.ended_at is not None:
        raise ValidationError(
            f"{named.ended_by} took {named.officer} off on {moment(named.ended_at)}, because: “{named.end_reason}”"
        )


def check_can_be_ended(case: Case) -> None:
    """After a transfer somebody who is named could end the restriction: no record is left with nobody who can."""
    if not NamedOfficer.objects.filter(case=case, ended_at=None, officer__in=who_can_end(case.team)).exists():
        raise ValidationError(
            f"This record is restricted, and nobody in {case.team} could end that. Ask the command to name one of "
            "their own on it, then accept it."
        )


def check_can_be_taken_off(named: NamedOfficer) -> None:
    """Whoever works on the record stays, and the last who could end the restriction."""
    left = NamedOfficer.objects.filter(case=named.case, ended_at=None).exclude(pk=named.pk)
    check_enough(named.case, set(left.values_list("officer", flat=True)), still_to_name=False)


def check_may_open(officer: User, *, case: Case, field: str) -> None:
    """Nobody is given work on a restricted record that they may not open."""
    if case.restricted and not NamedOfficer.objects.filter(case=case, officer=officer, ended_at=None).exists():
        raise ValidationError(
            {field: f"{officer} is not named on this restricted record, so cannot open it. Name them first"}
        )
