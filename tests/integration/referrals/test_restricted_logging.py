"""A referral is logged as a restricted one: from the first moment only those named read it."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from cases.models import Case, Restriction
from deadlines import clock
from diary.models import Notice, Waker
from diary.sweep import sweep
from referrals.actions import log_referral, save_draft
from referrals.models import Draft, Referral
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_child, as_received
from tests.factories.rows import everything
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import as_sent
from tests.integration.referrals.test_logging_form import a_form, at_the_desk, beside, send, words_of

pytestmark = pytest.mark.django_db

WHY = "His PE teacher may have harmed him"
BOX = "Restrict this record"


def an_inspector(**other: Any) -> User:
    return an_officer(Role.INSPECTOR, **other)


def restricted(by: User, **other: Any) -> Case:
    said = as_received(restrict=True, restrict_reason=WHY, **other)
    return log_referral(a_team(), **said, by=by).referral.case


def opens(user: User, case: Case) -> bool:
    return Case.objects.visible_to(user).filter(pk=case.pk).exists()


def test_whoever_logs_it_and_the_inspectors_open_it_and_nobody_else() -> None:
    desk, inspectors = an_officer(Role.DESK_SERGEANT), [an_inspector(), an_inspector()]
    elsewhere, colleague = an_inspector(team=a_team("ENF")), an_officer(Role.SUPERVISOR)
    case = restricted(desk)
    assert case.restricted
    assert Restriction.objects.get(case=case).reason == WHY
    assert {each.officer for each in case.named.all()} == {desk, *inspectors}
    assert [opens(each, case) for each in (desk, *inspectors)] == [True] * 3
    assert not any(opens(each, case) for each in (elsewhere, colleague))
    assert [entry.title for entry in case.entries.order_by("pk")][:2] == [
        f"Referral {case.urn}: Physical",
        "Restricted to those named",
    ]
    events = AuditEvent.objects.filter(case_id=case.pk).order_by("pk").values_list("event", "detail__people")
    assert [event for event, _ in events] == ["REFERRAL_LOGGED", "CASE_RESTRICTED"]
    assert set(events[1][1]) == {desk.pk, *(each.pk for each in inspectors)}


def test_nobody_is_told_of_it_who_may_not_open_it() -> None:
    desk, colleague = an_officer(Role.DESK_SERGEANT), an_officer(Role.DESK_SERGEANT)
    an_inspector()
    restricted(desk, urgent=True)
    move_time_to(clock.now() + timedelta(days=3))
    sweep(woken_by=Waker.COMMAND)
    assert Notice.objects.filter(duty__isnull=False).exists()
    assert not Notice.objects.visible_to(colleague).filter(duty__isnull=False).exists()


def test_an_inspector_who_is_called_as_somebody_on_it_is_not_named() -> None:
    desk, other = an_officer(Role.DESK_SERGEANT), an_inspector(name="Kingsmere")
    suspect = an_inspector(name="Castell")
    said = a_child(suspect.given_names.upper(), "castell", may_have_harmed=True)
    case = restricted(desk, adults=[said])
    assert {each.officer for each in case.named.all()} == {desk, other}
    assert not opens(suspect, case)


def test_without_an_inspector_it_is_refused(client: Client) -> None:
    desk = at_the_desk(client)
    before = everything(looks=False)
    with pytest.raises(ValidationError) as refused:
        restricted(desk)
    assert "No inspector of Team HGY could open it today" in refused.value.message_dict["restrict"][0]
    assert everything(looks=False) == before
    page = send(client, a_form(restrict="on", restrict_reason=WHY))
    assert "No inspector of Team HGY could open it today" in beside(page, "restrict")
    assert not Referral.objects.exists()
    # An inspector who logs it is enough.
    assert restricted(an_inspector()).restricted


def test_who_may_not_restrict_records_logs_none_as_restricted(client: Client) -> None:
    an_inspector()
    manager = at_the_desk(client, Role.OFFICE_MANAGER)
    with pytest.raises(NotAllowed):
        restricted(manager)
    assert BOX not in client.get(reverse("referrals:log")).content.decode()
    page = send(client, a_form(restrict="on", restrict_reason=WHY))
    assert "Only a sergeant or an inspector restricts a record" in beside(page, "restrict")
    answer = Program(manager).post("referrals", **as_sent(restrict=True, restrict_reason=WHY))
    assert answer.status_code == 403
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field"), [({"restrict": "on"}, "restrict_reason"), ({"restrict_reason": WHY}, "restrict")]
)
def test_the_tick_and_the_reason_go_together(client: Client, typed: dict[str, Any], field: str) -> None:
    an_inspector()
    at_the_desk(client)
    page = send(client, a_form(**typed))
    assert beside(page, field)
    assert WHY in page or "restrict" in typed
    assert not Referral.objects.exists()


def test_the_receipt_says_who_can_open_it(client: Client) -> None:
    inspector = an_inspector(name="Castell")
    desk = at_the_desk(client, name="Frayne")
    page = words_of(send(client, a_form(restrict="on", restrict_reason=WHY)))
    assert "The referral is logged" in page
    case = Case.objects.get()
    first, second = sorted([desk, inspector], key=lambda each: each.family_name)
    assert f"Only {first} and {second} can open it." in page
    client.force_login(an_officer(Role.DESK_SERGEANT))
    answer = client.get(reverse("referrals:logged", args=[case.number]))
    assert answer.status_code == 403
    assert "Calloway" not in answer.content.decode()


def test_a_draft_that_is_to_be_restricted_is_for_who_types_it_and_the_inspectors(client: Client) -> None:
    inspector, colleague = an_inspector(), an_officer(Role.DESK_SERGEANT)
    desk = at_the_desk(client)
    form = a_form(restrict="on", restrict_reason=WHY)
    assert "is kept" in send(client, form, "save")
    key = Draft.objects.get().key
    page = client.get(reverse("referrals:draft", args=[key])).content.decode()
    assert WHY in page
    assert "checked" in page.split('name="restrict"')[1].split(">")[0]
    client.force_login(colleague)
    for name in ("log_page", "desk_page"):
        assert "Calloway" not in client.get(reverse(f"referrals:{name}")).content.decode()
    for name in ("draft", "take_over_draft", "discard_draft"):
        answer = client.get(reverse(f"referrals:{name}", args=[key]))
        assert answer.status_code == 403
        page = unescape(answer.content.decode())
        assert f"{desk} is logging a referral that is to be restricted. Ask them." in page
        assert "Calloway" not in page
    client.force_login(inspector)
    assert "Calloway" in client.get(reverse("referrals:log_page")).content.decode()
    assert client.get(reverse("referrals:take_over_draft", args=[key])).status_code == 200


def test_a_program_logs_one_as_restricted(client: Client) -> None:
    an_inspector()
    program = Program(an_officer(Role.DESK_SERGEANT))
    sent = as_sent(restrict=True, restrict_reason=WHY)
    answer = program.post("referrals", **sent)
    assert answer.status_code == 201
    case = Case.objects.get(number=answer.json()["case"])
    assert case.restricted
    # The same again is logged once; with another word about it, refused.
    assert program.post("referrals", **sent).status_code == 200
    assert program.post("referrals", **{**sent, "restrict_reason": "Another"}).status_code == 409
    assert program.post("referrals", **as_sent(restrict=True)).status_code == 400
    assert program.post("referrals", **as_sent(restrict_reason=WHY)).status_code == 400
    assert Referral.objects.count() == 1


def test_whoever_kept_the_key_of_its_draft_is_told_whom_to_ask_and_not_its_number() -> None:
    desk, colleague = an_officer(Role.DESK_SERGEANT), an_officer(Role.DESK_SERGEANT)
    inspector = an_inspector()
    case = restricted(desk)
    key = Referral.objects.get(case=case).token
    said = "This referral is logged already, and its record is restricted. Ask"

    def late(by: User) -> str:
        with pytest.raises(ChangedMeanwhile) as refused:
            save_draft(a_team(), key=key, typed={"circumstances": ["More"]}, version=1, by=by)
        return " ".join(refused.value.messages)

    assert f"{said} {inspector}" in late(colleague)
    assert case.urn not in late(colleague)
    assert f"{desk} logged this referral as {case.urn}" in late(desk)
    with pytest.raises(ChangedMeanwhile) as refused:
        log_referral(a_team(), **as_received(token=key), by=colleague)
    assert said in refused.value.messages[0]
