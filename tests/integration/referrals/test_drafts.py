"""What is half typed: kept from the first seconds, gone on with, taken over by a colleague; gone when logged."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog, AuditEvent
from people.models import Person
from referrals.models import Draft, Referral
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.integration.referrals.test_logging_form import RHYS, a_form, at_the_desk, lost, send, shown, words_of

pytestmark = pytest.mark.django_db

EVERYTHING: dict[str, Any] = {
    "method": "telephone",
    "source": "health",
    "referrer_name": "Gwen Teasdale",
    "referrer_job": "Health visitor",
    "referrer_telephone": "020 7946 0991",
    "referrer_email": "half an addr",
    "rang_back": "on",
    "protected": "on",
    "received_at": "14/1/2010 at ab",
    "circumstances": "First line.\nSecond line: “he fell”.",
    "categories": ["physical", "neglect"],
    "will_be_lost": "The bedding",
    "urgent": "yes",
    "who_has_child": "His grandmother",
    "other_children": "A baby",
    "whereabouts": "At work",
    "done_so_far": "Rang Social Services",
}
PEOPLE: dict[str, Any] = {
    "children": [
        {**RHYS, "birth": "6 or 7", "sex": "male", "address": "22 Tidewell House, N17"},
        {"given_names": "Tia", "family_name": "", "birth": "9 months", "sex": "female"},
        {"given_names": "", "family_name": "", "birth": "", "address": ""},
        {"given_names": "Ned", "family_name": "Orme", "birth": ""},
    ],
    "adults": [
        {"given_names": "Shelley", "family_name": "Calloway", "relation": "mother", "birth": "1984"},
        {"given_names": "", "family_name": "Orme", "relation": "parents_partner", "may_have_harmed": "on"},
    ],
}


def everything() -> dict[str, Any]:
    return a_form(**PEOPLE, **EVERYTHING)


def going_on(client: Client, form: dict[str, Any]) -> str:
    """The page on which one goes on with a draft."""
    answer = client.get(reverse("referrals:draft", args=[form["key"]]))
    assert answer.status_code == 200
    return answer.content.decode()


def autosave(client: Client, form: dict[str, Any], **other: Any) -> Any:
    """What the page's script sends while somebody types."""
    return client.post(reverse("referrals:save_draft", args=[form["key"]]), {**form, **other})


def looks_at_people() -> int:
    return AccessLog.objects.filter(object_type="people.person").count()


# --- kept ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", ["save", "check", "add_children", "add_adults"])
def test_what_is_typed_is_kept_by_every_button(client: Client, do: str) -> None:
    desk = at_the_desk(client)
    form = a_form()
    send(client, form, do)
    draft = Draft.objects.get()
    assert (str(draft.key), draft.owner, draft.team, draft.version) == (form["key"], desk, a_team(), 1)
    assert draft.typed["circumstances"] == [form["circumstances"]]
    assert Referral.objects.count() == 0


def test_what_could_not_be_logged_is_kept(client: Client) -> None:
    at_the_desk(client)
    form = a_form(urgent="", received_at="yesterday")
    page = send(client, form)
    assert Draft.objects.get().typed["received_at"] == ["yesterday"]
    assert "Draft saved" in page
    assert lost(form, going_on(client, form)) == {}


def test_what_the_action_refuses_is_kept(client: Client) -> None:
    at_the_desk(client)
    form = a_form(children=[{}])
    send(client, form)
    assert Draft.objects.get().typed["circumstances"] == [form["circumstances"]]


def test_neither_token_nor_button_is_kept_as_typed(client: Client) -> None:
    at_the_desk(client)
    send(client, a_form() | {"csrfmiddlewaretoken": "x" * 64}, "save")
    assert {"csrfmiddlewaretoken", "do", "key", "version"} & set(Draft.objects.get().typed) == set()


@pytest.mark.parametrize("do", ["save", "check", "log"])
def test_going_on_shows_everything_that_was_typed(client: Client, do: str) -> None:
    at_the_desk(client)
    form = everything()
    send(client, form, do)
    page = going_on(client, form)
    assert lost(form, page) == {}
    assert "There is a problem" not in page
    assert shown(page)["children-TOTAL_FORMS"] == ["4"]


def test_a_tick_that_was_taken_out_again_stays_out(client: Client) -> None:
    at_the_desk(client)
    form = everything()
    send(client, form, "check")
    less = {name: value for name, value in form.items() if name not in ("protected", "categories")}
    send(client, less | {"version": "1"}, "check")
    page = shown(going_on(client, form))
    assert ("protected" in page, "categories" in page, page["rang_back"]) == (False, False, ["on"])


def test_typed_and_kept_again_from_the_page_it_stays_the_same(client: Client) -> None:
    at_the_desk(client)
    form = everything()
    send(client, form, "save")
    again = {name: values for name, values in shown(going_on(client, form)).items() if name != "csrfmiddlewaretoken"}
    send(client, again, "save")
    draft = Draft.objects.get()
    assert draft.version == 2
    assert lost(form, going_on(client, form)) == {}


def test_the_draft_is_found_on_the_log_and_on_today(client: Client) -> None:
    at_the_desk(client)
    form = everything()
    send(client, form, "save")
    for url in (reverse("referrals:log_page"), reverse("workbench:today")):
        page = client.get(url).content.decode()
        assert f'href="{reverse("referrals:draft", args=[form["key"]])}">Rhys Calloway</a>' in page


def test_it_is_gone_when_it_is_logged(client: Client) -> None:
    at_the_desk(client)
    form = a_form()
    send(client, form, "save")
    send(client, form | {"version": "1"})
    assert (Draft.objects.count(), Referral.objects.count()) == (0, 1)


def test_a_draft_that_was_logged_leads_to_its_urn(client: Client) -> None:
    at_the_desk(client)
    form = a_form()
    send(client, form)
    answer = client.get(reverse("referrals:draft", args=[form["key"]]))
    logged = Referral.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("referrals:logged", args=[logged.case.number]))


def test_what_another_team_logged_is_no_draft_of_ours(client: Client) -> None:
    at_the_desk(client, team=a_team("ENF"))
    form = a_form(a_team("ENF"))
    send(client, form)
    at_the_desk(client, team=a_team("HGY"))
    assert client.get(reverse("referrals:draft", args=[form["key"]])).status_code == 404


def test_the_first_save_alone_is_an_act(client: Client) -> None:
    desk = at_the_desk(client)
    form = a_form()
    send(client, form, "check")
    send(client, form | {"version": "1"}, "check")
    event = AuditEvent.objects.get(event="DRAFT_SAVED")
    assert (event.by_id, event.detail) == (desk.pk, {"draft": form["key"]})


def test_a_draft_that_is_thrown_away_is_gone_and_uses_no_urn(client: Client) -> None:
    at_the_desk(client)
    form = a_form()
    send(client, form, "save")
    client.post(reverse("referrals:discard_draft", args=[form["key"]]))
    assert (Draft.objects.count(), Referral.objects.count()) == (0, 0)
    assert AuditEvent.objects.filter(event="DRAFT_DISCARDED").count() == 1


# --- two at once ---------------------------------------------------------------------------------


def begun_by_a_colleague(client: Client) -> tuple[User, dict[str, Any]]:
    """Somebody of the same team typed half of it; who is signed in now is another."""
    first = at_the_desk(client, name="Teale")
    form = everything()
    send(client, form, "save")
    at_the_desk(client, Role.SUPERVISOR, name="Nandra")
    return first, form


def test_a_colleague_sees_that_it_is_there_and_whose_it_is(client: Client) -> None:
    first, _ = begun_by_a_colleague(client)
    page = words_of(client.get(reverse("referrals:log_page")).content.decode())
    assert "Rhys Calloway" in page
    assert f"by {first}" in page


def test_a_colleague_is_asked_before_going_on_with_it(client: Client) -> None:
    first, form = begun_by_a_colleague(client)
    answer = client.get(reverse("referrals:draft", args=[form["key"]]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("referrals:take_over_draft", args=[form["key"]])
    assert f"{first} began this referral" in answer.content.decode()
    assert Draft.objects.get().owner == first


def test_a_colleague_takes_it_over_with_everything_that_was_typed(client: Client) -> None:
    first, form = begun_by_a_colleague(client)
    answer = client.post(reverse("referrals:take_over_draft", args=[form["key"]]), follow=True)
    assert lost(form, answer.content.decode()) == {}
    assert Draft.objects.get().owner != first
    event = AuditEvent.objects.get(event="DRAFT_TAKEN_OVER")
    assert event.detail == {"draft": form["key"], "person": first.pk}


@pytest.mark.parametrize("do", ["check", "save", "add_children"])
def test_the_next_save_of_the_first_one_is_refused_with_who_has_it(client: Client, do: str) -> None:
    first, form = begun_by_a_colleague(client)
    client.post(reverse("referrals:take_over_draft", args=[form["key"]]))
    client.force_login(first)
    late = form | {"version": "1", "done_so_far": "Typed too late"}
    page = send(client, late, do)
    draft = Draft.objects.get()
    assert f"{draft.owner} has gone on with this referral since" in words_of(page)
    assert lost(late, page) == {}
    assert draft.typed["done_so_far"] == ["Rang Social Services"]


def test_the_first_one_does_not_throw_away_what_the_colleague_typed_by_logging(client: Client) -> None:
    first, form = begun_by_a_colleague(client)
    client.post(reverse("referrals:take_over_draft", args=[form["key"]]))
    send(client, a_form(key=form["key"], version="2", done_so_far="Typed by the colleague"), "save")
    colleague = Draft.objects.get().owner
    client.force_login(first)
    page = send(client, a_form(key=form["key"], version="1"))
    assert f"{colleague} has gone on with this referral since" in words_of(page)
    assert Draft.objects.get().typed["done_so_far"] == ["Typed by the colleague"]
    assert Referral.objects.count() == 0


def test_a_save_that_builds_on_an_older_version_is_refused(client: Client) -> None:
    at_the_desk(client)
    form = a_form()
    send(client, form, "check")
    send(client, form | {"version": "1", "will_be_lost": "In the newer window"}, "check")
    page = send(client, form | {"version": "1", "will_be_lost": "In the older window"}, "check")
    assert "You went on with this referral in another window" in page
    assert shown(page)["will_be_lost"] == ["In the older window"]
    draft = Draft.objects.get()
    assert (draft.version, draft.typed["will_be_lost"]) == (2, ["In the newer window"])


def test_a_late_save_after_it_was_logged_makes_no_new_draft(client: Client) -> None:
    desk = at_the_desk(client)
    form = a_form()
    send(client, form)
    page = send(client, form, "save")
    assert f"{desk} logged this referral as {Referral.objects.get().urn}" in words_of(page)
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("name", ["draft", "take_over_draft", "discard_draft"])
def test_another_team_does_not_find_it(client: Client, name: str) -> None:
    at_the_desk(client)
    form = a_form()
    send(client, form, "save")
    at_the_desk(client, team=a_team("ENF"))
    url = reverse(f"referrals:{name}", args=[form["key"]])
    assert client.get(url).status_code == 404
    if name != "draft":
        assert client.post(url).status_code == 404
    assert Draft.objects.get().team == a_team()
    assert "Rhys Calloway" not in client.get(reverse("referrals:log_page")).content.decode()


def test_another_team_cannot_log_a_draft_away(client: Client) -> None:
    at_the_desk(client)
    form = a_form()
    send(client, form, "save")
    at_the_desk(client, team=a_team("ENF"))
    client.post(reverse("referrals:log"), a_form(a_team("ENF"), key=form["key"], children=[{"given_names": "Ann"}]))
    assert Draft.objects.filter(key=form["key"]).exists()


# --- while somebody types ------------------------------------------------------------------------


def test_the_page_is_answered_with_a_fragment_and_the_version(client: Client) -> None:
    at_the_desk(client)
    form = a_form()
    answer = autosave(client, form)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="known" data-version="1" data-saved="Draft saved today at ')
    assert "<html" not in page
    assert 'data-version="2"' in autosave(client, form, version="1").content.decode()
    assert Draft.objects.get().version == 2


def test_the_fragment_says_when_it_was_not_kept(client: Client) -> None:
    first, form = begun_by_a_colleague(client)
    client.post(reverse("referrals:take_over_draft", args=[form["key"]]))
    client.force_login(first)
    answer = autosave(client, form, version="1")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f'data-refused="{Draft.objects.get().owner} has gone on with this referral since' in page
    assert "data-version" not in page


def test_a_save_that_arrives_after_the_log_is_refused(client: Client) -> None:
    at_the_desk(client)
    form = a_form()
    send(client, form)
    answer = autosave(client, form)
    assert answer.status_code == 409
    assert Referral.objects.get().urn in answer.content.decode()
    assert Draft.objects.count() == 0


def test_only_what_is_sent_is_answered(client: Client) -> None:
    at_the_desk(client)
    assert client.get(reverse("referrals:save_draft", args=[uuid4()])).status_code == 405


def test_whoever_is_signed_out_is_sent_to_sign_in(client: Client) -> None:
    form = a_form()
    answer = autosave(client, form)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert Draft.objects.count() == 0


def test_the_key_in_the_address_is_the_one_that_is_kept(client: Client) -> None:
    at_the_desk(client)
    key = uuid4()
    client.post(reverse("referrals:save_draft", args=[key]), a_form(key=str(key)))
    assert Draft.objects.get().key == UUID(str(key))


def test_each_person_shown_is_one_row_in_the_access_log(client: Client) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    desk = at_the_desk(client)
    form = a_form(children=[{"given_names": "Rhys", "family_name": "Ca"}])
    autosave(client, form)
    before = looks_at_people()
    rhys = Person.objects.get()
    autosave(client, form, version="1", **{"children-0-family_name": "Calloway"})
    look = AccessLog.objects.filter(object_type="people.person").latest("id")
    assert (look.by_id, look.team_id) == (desk.pk, a_team().pk)
    assert look.detail == {"people": [rhys.pk], "records": [case.pk]}
    after = looks_at_people()
    assert after - before <= 1
    autosave(client, form, version="2", **{"children-0-family_name": "Calloway"})
    autosave(client, form, version="3", **{"children-0-family_name": "Callaway"})
    assert looks_at_people() == after


def test_somebody_newly_shown_is_a_new_row(client: Client) -> None:
    a_case(children=[a_child("Rhys", "Calloway")])
    a_case(children=[a_child("Ottoline", "Vane")])
    at_the_desk(client)
    form = a_form()
    autosave(client, form)
    assert looks_at_people() == 1
    autosave(client, form, version="1", **{"children-0-given_names": "Ottoline", "children-0-family_name": "Vane"})
    assert looks_at_people() == 2


def test_looking_without_keeping_is_logged_as_well(client: Client) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    first = at_the_desk(client)
    form = a_form()
    autosave(client, form)
    at_the_desk(client, Role.SUPERVISOR)
    client.post(reverse("referrals:take_over_draft", args=[form["key"]]))
    client.force_login(first)
    before = looks_at_people()
    answer = autosave(client, form, version="1")
    assert answer.status_code == 409
    assert case.urn in answer.content.decode()
    assert looks_at_people() == before + 1


def test_nobody_shown_is_no_row(client: Client) -> None:
    a_case(children=[a_child("Ottoline", "Vane")])
    at_the_desk(client)
    autosave(client, a_form())
    assert looks_at_people() == 0


def test_whoever_cannot_log_cannot_keep_a_draft(client: Client) -> None:
    client.force_login(an_officer(Role.INVESTIGATOR))
    form = a_form()
    assert autosave(client, form).status_code == 403
    assert Draft.objects.count() == 0
