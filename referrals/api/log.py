"""The log, one referral, logging one, and who is known already."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core import exceptions
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.errors import Unanswered
from api.fields import Moment
from api.filters import narrowing
from api.resources import CREATED, Resource, team_of
from audit.events import Look
from cases import actions as actions_on_case
from cases.api.shapes import EntryOut
from cases.api.views import OfRecord
from cases.queries import told
from cases.reading import open_case
from deadlines import clock
from intake.models import Message
from people.api import said_of
from people.models import Person
from people.said import PersonSaid
from referrals import actions, policies, queries, restricting_policies
from referrals.api import shapes
from referrals.forms import LogFilterForm
from referrals.known import NEW, Known, check_answered, known_already
from referrals.models import Referral
from referrals.restricted import kept_back, with_whom_to_ask
from team.permissions import Permission, require, several_teams


class WithEmail(Resource):
    """What an email may be put on."""

    def with_email(self, sent: dict[str, Any]) -> dict[str, Any]:
        """What was sent, with the email itself in place of its number: one of the mailboxes that one handles."""
        if sent["message"] is None:
            return sent
        handled = Message.objects.handled_by(self.user).select_related("team")
        message = handled.filter(pk=sent["message"]).first()
        if message is None:
            raise ValidationError({"message": ["There is no email with this number that you handle."]})
        self.looked(message, team=message.team)
        return {**sent, "message": message}


class WithKnown(Resource):
    """Whoever may be known already is told, and it must be said whether they are: as on the form."""

    def look_up(self, said: list[PersonSaid], *, always: bool = False) -> Known:
        """Who is known already. Looking somebody up is a consultation."""
        known = known_already(said, user=self.user)
        if known.people or known.restricted or always:
            self.looked(Person, **known.looked_at())
        return known

    # Whom to ring, where somebody who was sent is like one on a restricted record.
    ring = ""

    def unanswered(self, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """For each who was sent: nothing, or what is to be said first, with who they may be."""
        people = [said(each) for each in sent]
        wrong: list[dict[str, Any]] = []
        known = self.look_up(people)
        self.ring = known.ring
        for each, person, matches in zip(sent, people, known.matches, strict=True):
            called = " ".join(filter(None, (person.given_names, person.family_name)))
            try:
                check_answered(matches, chosen=each["same_as"], called=called)
                wrong.append({})
            except exceptions.ValidationError as refused:
                may_be = shapes.KnownOut({"results": [matches]}).data["results"][0]
                wrong.append({**refused.message_dict, "known": may_be})
        return wrong


def by_place(wrong: list[dict[str, Any]]) -> dict[str, Any]:
    """What is wrong with some of a list, by the place of each in it."""
    return {str(place): each for place, each in enumerate(wrong) if each}


def said(sent: dict[str, Any]) -> PersonSaid:
    """Somebody as the caller describes them."""
    same_as = sent["same_as"]
    more = {name: sent[name] for name in ("address", "relation", "may_have_harmed") if name in sent}
    return said_of(sent, same_as=None if same_as in ("", NEW) else int(same_as), **more)


class Referrals(WithEmail, WithKnown):
    is_list = True

    @extend_schema(parameters=narrowing(LogFilterForm), responses=shapes.LogOut)
    def get(self, request: Any) -> Response:
        """The log: every referral one may see, the latest received first. `left_out` has those of the team, the
        days and the number asked for that are on restricted records, and whom to ask: they are not among
        `results`."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        teams = several_teams(self.user, Permission.SEE_RECORDS)
        asked = self.asked(LogFilterForm(request.query_params, teams=teams))
        rows = queries.narrowed(Referral.objects.visible_to(self.user), user=self.user, **asked)
        self.looked(Referral, filters=queries.asked_for(asked))
        rows = rows.select_related("case", "team")
        answer = self.listed(self.page(rows, key="received_at", descending=True), shapes.LogLineOut)
        kept = with_whom_to_ask(kept_back(self.user, **asked))
        answer.data["left_out"] = shapes.KeptBackOut(kept, many=True).data
        return answer

    @extend_schema(request=shapes.ReferralIn, responses={CREATED: shapes.LoggedOut, 200: shapes.LoggedOut})
    def post(self, request: Any) -> Response:
        """Log a referral: its URN, its record, the people on it and its duties, all at once or not at all.

        200 where the same was sent before: it is not logged twice. Where somebody on it may be known already, 400
        says who they may be (`known`); send it again with `same_as` for each.
        """
        require(self.user, Permission.LOG_REFERRALS, team=None)
        sent = self.sent(shapes.ReferralIn, on=self.received_on())
        team = team_of(sent.pop("team"), Permission.LOG_REFERRALS, user=self.user)
        before = Referral.objects.select_related("case").filter(token=sent["token"], logged_by=self.user).first()
        if before is not None:
            return self.logged_before(before, sent)
        sent = self.with_email(sent)
        children, adults = sent["children"], sent["adults"]
        wrong = self.unanswered([*children, *adults])
        named = {"children": wrong[: len(children)], "adults": wrong[len(children) :]}
        if any(wrong):
            unsaid = {name: by_place(each) for name, each in named.items() if any(each)}
            raise Unanswered({**unsaid, **({"ring": self.ring} if self.ring else {})})
        sent |= {kind: [said(each) for each in sent[kind]] for kind in named}
        logged = actions.log_referral(team, **sent, by=self.user)
        if not logged.just_now:  # by a request of the same program that came between
            return self.logged_before(logged.referral, {**sent, "children": children, "adults": adults})
        return self.shown(shapes.LoggedOut, logged.referral, status=CREATED, ring=self.ring)

    def logged_before(self, referral: Referral, sent: dict[str, Any]) -> Response:
        """What was logged with the same token: a look at its record, as it is now, if one may still open that."""
        open_case(referral.case.number, by=self.user, page=self.address, how=Look.API)
        people = [said(each) for each in (*sent["children"], *sent["adults"])]
        policies.check_says_the_same(referral, sent, people=people)
        restricting_policies.check_restricts_the_same(referral, sent["restrict"], sent["restrict_reason"])
        return self.shown(shapes.LoggedOut, referral)

    def received_on(self) -> date:
        """The London date of receipt, also of what is otherwise wrong: births are read as of that day."""
        data = self.request.data
        try:
            received_at = Moment().run_validation(data.get("received_at") if isinstance(data, dict) else None)
        except ValidationError:
            return clock.today()
        return clock.london_date(received_at)


class KnownAlready(WithKnown):
    @extend_schema(request=shapes.KnownQuestionIn, responses=shapes.KnownOut)
    def post(self, request: Any) -> Response:
        """Who of some people is known already, with every referral of theirs that one may open. Changes nothing."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        sent = self.sent(shapes.KnownQuestionIn, on=clock.today())
        people = [said_of(each, address=each["address"]) for each in sent["people"]]
        known = self.look_up(people, always=True)
        return self.shown(shapes.KnownOut, {"results": known.matches, "ring": known.ring})


class OfReferral(OfRecord):
    def referral(self) -> Referral:
        rows = Referral.objects.select_related("case", "team", "logged_by", "triaged_by", "confirmed_by")
        return get_object_or_404(rows, case=self.case)


class OneReferral(OfReferral):
    @extend_schema(responses=shapes.ReferralOut)
    def get(self, request: Any, number: str) -> Response:
        """One referral as it was received, by the number of its record."""
        return self.shown(shapes.ReferralOut, self.referral())


class Triage(OfReferral):
    writes = Permission.TRIAGE_REFERRALS

    @extend_schema(request=shapes.TriageIn, responses=shapes.ReferralOut)
    def post(self, request: Any, number: str) -> Response:
        """The desk sergeant's first look: whether urgent action is needed, what is done now, and why."""
        actions.triage_referral(self.referral(), **self.sent(shapes.TriageIn), by=self.user)
        return self.shown(shapes.ReferralOut, self.referral())


class Confirmation(OfReferral, WithEmail):
    writes = Permission.LOG_REFERRALS

    @extend_schema(request=shapes.ConfirmIn, responses=shapes.ReferralOut)
    def post(self, request: Any, number: str) -> Response:
        """A telephone referral was confirmed in writing."""
        sent = self.with_email(self.sent(shapes.ConfirmIn))
        actions.confirm_referral(self.referral(), **sent, by=self.user)
        return self.shown(shapes.ReferralOut, self.referral())


class AddPerson(OfRecord, WithKnown):
    writes = Permission.WRITE_RECORDS

    @extend_schema(request=shapes.AddPersonIn, responses={CREATED: shapes.AddedOut})
    def post(self, request: Any, number: str) -> Response:
        """Put somebody more on a record: whoever is known already is the same person there."""
        on = clock.today()
        sent = self.sent(shapes.AddPersonIn, on=on)
        (wrong,) = self.unanswered([sent])
        if wrong:
            raise Unanswered({**wrong, **({"ring": self.ring} if self.ring else {})})
        more = {"part": sent["part"], "said": said(sent), "on": on}
        person = actions_on_case.add_person(self.case, **more, by=self.user)
        return self.shown(shapes.AddedOut, person, status=CREATED, ring=self.ring)


class Emails(OfRecord, WithEmail):
    writes = Permission.HANDLE_MAIL

    @extend_schema(request=shapes.EmailIn, responses={CREATED: EntryOut})
    def post(self, request: Any, number: str) -> Response:
        """What an email tells of a referral that is logged already."""
        sent = self.with_email(self.sent(shapes.EmailIn))
        entry = actions.put_email_on_record(self.case, **sent, by=self.user)
        return self.shown(EntryOut, told([entry])[0], status=CREATED)
