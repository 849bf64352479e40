"""A new version of the matrix: drafted from the last, changed factor by factor, published from a day on.

No assessment changes by it: each is shown on the version it was begun on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, transaction

from audit.events import Event
from audit.recording import record
from cram import matrix_policies as policies
from cram.enums import VersionState
from cram.matrix import WORDS, compare, newest_published
from cram.models import Factor, Version
from deadlines import clock
from deadlines.clock import london_date
from team.history import check_unchanged, delete_as, save_as
from team.models import User
from team.permissions import Permission, require


def draft_matrix(*, number: str, reason: str, about: str | None = None, by: User) -> Version:
    """Draft the version that follows: a copy of the newest published one, to be changed.

    `about`: what it is and whose; left out, as before. Raises ValidationError; ChangedMeanwhile where one is drafted.
    """
    with _locked(by):
        policies.check_can_draft()
        before = newest_published()
        number, reason = number.strip(), reason.strip()
        about = before.about if about is None and before else (about or "").strip()
        policies.check_number(number, before=before)
        policies.check_says(reason=reason, about=about)
        draft = Version(number=number, about=about, based_on=before, reason=reason)
        draft.drafted_at, draft.drafted_by = clock.moment(), by
        draft.clean_fields()
        save_as(draft, by)
        for factor in Factor.objects.filter(version=before) if before else ():
            factor.pk, factor.version = None, draft
            factor._state.adding = True
            save_as(factor, by)
        _record(Event.MATRIX_DRAFTED, draft, by)
        return draft


def change_factor(
    draft: Version,
    *,
    code: str,
    definite: bool,
    name: str,
    question: str,
    definition: str,
    evidence: str,
    source: str,
    place: int,
    category: str = "",
    version: int | None = None,
    by: User,
) -> Factor:
    """Change what a factor of a draft says. `category`: as it is where left out; it stays once it was published.

    `version`: of the factor that the form was opened on. Raises ValidationError; ChangedMeanwhile.
    """
    with _locked(by):
        draft = _draft(draft)
        factor = _factor(draft, code)
        check_unchanged(factor, version)
        factor.category, factor.definite, factor.place = category or factor.category, definite, place
        _say(factor, name=name, question=question, definition=definition, evidence=evidence, source=source)
        _save(factor, by)
        _record(Event.FACTOR_CHANGED, draft, by, factor=code)
        return factor


def add_factor(
    draft: Version,
    *,
    code: str,
    category: str,
    definite: bool,
    name: str,
    question: str,
    definition: str,
    evidence: str,
    source: str,
    place: int,
    by: User,
) -> Factor:
    """Add a factor to a draft, under a code that it keeps in every version. Raises ValidationError."""
    with _locked(by):
        draft = _draft(draft)
        code = code.strip()
        policies.check_code(code, draft=draft)
        factor = Factor(version=draft, code=code, category=category, definite=definite, place=place)
        _say(factor, name=name, question=question, definition=definition, evidence=evidence, source=source)
        _save(factor, by)
        _record(Event.FACTOR_CHANGED, draft, by, factor=code)
        return factor


def take_factor_out(draft: Version, *, code: str, version: int | None = None, by: User) -> None:
    """Take a factor out of a draft. Earlier versions keep it, and its code stays its own. Raises ValidationError;
    ChangedMeanwhile where somebody has changed it since."""
    with _locked(by):
        draft = _draft(draft)
        factor = _factor(draft, code)
        check_unchanged(factor, version)
        delete_as(factor, by)
        _record(Event.FACTOR_TAKEN_OUT, draft, by, factor=code)


def discard_matrix(draft: Version, *, seen: int | None = None, by: User) -> None:
    """Throw a draft away; what it said stays in the history. `seen`: its newest change that was read. Raises
    ChangedMeanwhile."""
    with _locked(by):
        draft = _draft(draft)
        policies.check_whole_unchanged(draft, seen)
        _record(Event.MATRIX_DISCARDED, draft, by)
        for factor in Factor.objects.filter(version=draft):
            delete_as(factor, by)
        delete_as(draft, by)


def publish_matrix(draft: Version, *, from_on: date, seen: int | None = None, by: User) -> Version:
    """Publish a draft: from that day on assessments are begun on it. It never changes again, not even before its day.

    `seen`: its newest change that was read. Raises ValidationError; ChangedMeanwhile.
    """
    with _locked(by):
        draft = _draft(draft)
        policies.check_whole_unchanged(draft, seen)
        policies.check_based_on_newest(draft)
        policies.check_publish(draft, comparison=compare(draft))
        now = clock.moment()
        policies.check_from(from_on, today=london_date(now), last=newest_published())
        draft.state, draft.from_on = VersionState.PUBLISHED, from_on
        draft.published_at, draft.published_by = now, by
        save_as(draft, by)
        _record(Event.MATRIX_PUBLISHED, draft, by, from_on=str(from_on))
        return draft


@contextmanager
def _locked(by: User) -> Iterator[None]:
    """One person changes the matrix at a time: whoever waited finds what the one before has done."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('the matrix'))")
        require(by, Permission.CHANGE_MATRIX, team=None)
        yield


def _draft(draft: Version) -> Version:
    now = Version.objects.filter(pk=draft.pk).select_related("published_by", "based_on").first()
    policies.check_is_draft(now, was=draft)
    return now or draft


def _factor(draft: Version, code: str) -> Factor:
    factor = Factor.objects.filter(version=draft, code=code).first()
    policies.check_in_draft(factor)
    return factor or Factor()


def _say(factor: Factor, **said: str) -> None:
    for name in WORDS:
        setattr(factor, name, said[name].strip())


def _save(factor: Factor, by: User) -> None:
    policies.check_category(factor.code, factor.category)
    policies.check_factor(factor)
    factor.clean_fields()
    save_as(factor, by)


def _record(event: Event, draft: Version, by: User, **detail: Any) -> None:
    record(event, by=by, on=draft, detail={"version": draft.number, **detail})
