"""What a program is told when something cannot be done: always JSON, with a sentence and nothing secret."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog
from cases import queries
from cases.models import Entry
from deadlines import clock
from team.actions import give_token
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case
from tests.factories.rows import everything
from tests.factories.team import a_user, an_officer
from tests.factories.trying import Wrong, tried
from tests.integration.api.asking import Program
from tests.integration.api.prepared import as_sent, said_wrong
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture(scope="module")
def whoever_logs(shared: Shared) -> Program:
    return shared(lambda: Program(an_officer(Role.DESK_SERGEANT)))


@pytest.fixture
def desk(whoever_logs: Program) -> Program:
    return own(whoever_logs)


def raw(program: Program, body: bytes | str, content_type: str = JSON, name: str = "referrals") -> Any:
    return program.client.generic("POST", reverse(f"api:{name}"), body, content_type=content_type)


# --- who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/cases/", "/api/schema/", "/api/v1/cases/HGY-2026-0001/"])
def test_without_a_token_one_is_told_to_send_one(address: str) -> None:
    answer = Client().get(address)
    assert answer["WWW-Authenticate"] == "Token"
    assert said_wrong(answer, 401) == {"detail": "Send a token (Authorization: Token …), or sign in."}
    assert said_wrong(Client().post(address, "{}", content_type=JSON), 401)


@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token two words",
        "Token ",
        "Token x",
        "Token " + "f" * 64,
        "Token " + "f" * 63,
        "Token " + "g" * 64,
        "Token " + "é" * 64,
        "Token \xff\xfe",
        "Token \x80",
        "Bearer " + "f" * 64,
        "Basic dXNlcjpwYXNz",
        "Tokenf" + "f" * 64,
        "Token " + "f" * 7000,
        "\xff\xfe",
        "",
    ],
)
def test_a_header_that_is_no_token_of_ours_is_refused(header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/api/v1/")
    assert answer["WWW-Authenticate"] == "Token"
    assert set(said_wrong(answer, 401)) == {"detail"}


def test_a_token_of_another_scheme_is_none() -> None:
    token = give_token(an_officer(Role.DESK_SERGEANT), by=User.objects.system())
    for scheme in ("Bearer", "Basic", "Knox"):
        said_wrong(Client(headers={"Authorization": f"{scheme} {token}"}).get("/api/v1/cases/"), 401)
    assert Client(headers={"Authorization": f"token {token}"}).get("/api/v1/cases/").status_code == 200


def test_a_token_that_is_nearly_right_is_refused() -> None:
    token = give_token(an_officer(Role.DESK_SERGEANT), by=User.objects.system())
    for wrong in (token[:-1], token + "0", token[:15] + "0" * (len(token) - 15), token.swapcase()):
        said_wrong(Client(headers={"Authorization": f"Token {wrong}"}).get("/api/v1/cases/"), 401)


def test_a_wrong_token_is_refused_also_where_somebody_is_signed_in() -> None:
    client = Client()
    client.force_login(an_officer(Role.DESK_SERGEANT))
    assert client.get("/api/v1/cases/").status_code == 200
    said_wrong(client.get("/api/v1/cases/", headers={"Authorization": "Token x"}), 401)


def test_with_a_session_a_form_s_token_is_demanded_and_with_a_program_s_not() -> None:
    user = an_officer(Role.DESK_SERGEANT)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    before = everything()
    said = said_wrong(client.post(reverse("api:referrals"), as_sent(), content_type=JSON), 403)
    assert "CSRF" in said["detail"]
    assert everything() == before
    client.get(reverse("workbench:today"))
    client.get(reverse("account_change_password"))
    token = client.cookies["csrftoken"].value
    with_token = client.post(reverse("api:referrals"), as_sent(), content_type=JSON, headers={"X-CSRFToken": token})
    assert with_token.status_code == 201, with_token.content
    key = give_token(user, by=User.objects.system())
    program = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {key}"})
    sent = as_sent(children=[{"given_names": "Zebedee"}])
    assert program.post(reverse("api:referrals"), sent, content_type=JSON).status_code == 201


# --- what is asked for ---------------------------------------------------------------------------

NOWHERE = ["/api/", "/api/v1/nothing/", "/api/v2/cases/", "/api/v1/cases/x/", "/api/v1/people/x/", "/api/v1/é/"]


@pytest.mark.parametrize("address", [*NOWHERE, "/api/v1/people/0/x/", "/api/v1/cases/HGY-2026-0001/nothing/"])
def test_an_address_that_there_is_not_is_said_in_json_to_anybody(address: str, desk: Program) -> None:
    for client in (Client(), desk.client):
        assert set(said_wrong(client.get(address), 404)) == {"detail"}
        assert set(said_wrong(client.post(address, "{}", content_type=JSON), 404)) == {"detail"}


@pytest.mark.parametrize("pk", ["0", "999999999", "9223372036854775807", "9223372036854775808", "9" * 40])
@pytest.mark.parametrize("name", ["people", "intake", "duties"])
def test_a_number_that_is_nobody_s_is_not_found(name: str, pk: str, desk: Program) -> None:
    said_wrong(desk.client.get(f"/api/v1/{name}/{pk}/"), 404)


def test_a_huge_number_on_a_record_is_not_found(desk: Program) -> None:
    number = a_case().number
    huge = "9" * 30
    for address, sent in (
        (f"actions/{huge}/done/", {"result": "x"}),
        (f"closure/{huge}/agree/", {"read": True}),
        (f"parts/{huge}/take-off/", {"reason": "x"}),
        (f"updates/{huge}/judge/", {"judgement": "unchanged", "reason": "x"}),
    ):
        answer = desk.client.post(f"/api/v1/cases/{number}/{address}", sent, content_type=JSON)
        said_wrong(answer, 404)
    answer = desk.client.put(f"/api/v1/cases/{number}/people/{huge}/", "{}", content_type=JSON)
    said_wrong(answer, 404)


def test_what_an_address_does_not_do_is_said(desk: Program) -> None:
    number = a_case().number
    for method, address in (
        ("DELETE", f"/api/v1/cases/{number}/"),
        ("PATCH", "/api/v1/referrals/"),
        ("DELETE", "/api/v1/referrals/"),
        ("GET", f"/api/v1/referrals/{number}/triage/"),
        ("TRACE", f"/api/v1/cases/{number}/"),
        ("BREW", f"/api/v1/cases/{number}/"),
    ):
        answer = desk.client.generic(method, address, "{}", content_type=JSON)
        assert set(said_wrong(answer, 405)) == {"detail"}


def test_a_405_says_what_the_address_does(desk: Program) -> None:
    """RFC 9110, section 15.5.6: a 405 has an Allow header."""
    answer = desk.client.delete("/api/v1/referrals/")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= {each.strip() for each in answer.get("Allow", "").split(",")}


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "text/*", "image/png"])
def test_a_program_is_answered_in_json_alone(accept: str, desk: Program) -> None:
    answer = desk.client.get("/api/v1/", headers={"Accept": accept})
    assert said_wrong(answer, 406)["detail"] == "CAIT answers programs in JSON alone."


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "text/html, */*;q=0.1"])
def test_whoever_takes_json_is_given_it(accept: str, desk: Program) -> None:
    answer = desk.client.get("/api/v1/", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, JSON)


def test_format_in_the_address_changes_nothing(desk: Program) -> None:
    assert set(said_wrong(desk.client.get("/api/v1/cases/?format=html"))) == {"detail", "format"}


def test_nothing_of_the_api_is_kept_by_a_cache_and_all_of_it_is_guarded(desk: Program) -> None:
    for answer in (desk.get("cases"), Client().get("/api/v1/cases/"), Client().get("/api/v1/nothing/")):
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]


# --- what is sent --------------------------------------------------------------------------------


def test_a_form_is_no_json(desk: Program) -> None:
    before = everything()
    for content_type in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "x"):
        assert set(said_wrong(raw(desk, "a=b", content_type), 415)) == {"detail"}
    assert everything() == before


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'a': 1}",
        b"nothing",
        b'{"urgent": NaN}',
        b'{"urgent": Infinity}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"message": ' + b"9" * 5000 + b"}",
        b"\xff\xfe{}",
        b'{"team": "\xff"}',
        b"\x00",
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes, desk: Program) -> None:
    before = everything()
    said = said_wrong(raw(desk, body))
    assert len(said["detail"]) < 400
    assert everything() == before


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"5", b'"x"', b"[{}]", b"true"])
def test_what_is_no_object_is_refused(body: bytes, desk: Program) -> None:
    before = everything()
    assert said_wrong(raw(desk, body))["detail"]
    assert everything() == before


@pytest.mark.parametrize("deep", [300, 700, 850, 900, 930, 960, 990])
def test_lists_in_lists_are_refused_and_no_error_of_ours(deep: int, desk: Program) -> None:
    wrong = Wrong()
    desk.client.raise_request_exception = False
    for name in ("method", "urgent", "categories", "token", "received_at", "children", "message"):
        body = json.dumps(as_sent(**{name: 0})).replace(f'"{name}": 0', f'"{name}": {"[" * deep}{"]" * deep}')
        with tried(wrong, name):
            said_wrong(raw(desk, body))
    assert wrong == {}


def test_a_huge_number_is_refused_beside_its_field(desk: Program) -> None:
    number = a_case().number
    for value in (2**31, 2**63, 10**400, -(10**400), 1e308, 1.5):
        answer = desk.post(
            "decisions", number, kind="police", reason="x", decided_at=clock.now().isoformat(), seen=value
        )
        assert set(said_wrong(answer)) == {"detail", "seen"}


def test_the_same_name_twice_is_no_error_of_ours(desk: Program) -> None:
    assert raw(desk, b'{"urgent": true, "urgent": false}').status_code == 400


def test_three_megabytes_are_too_much(desk: Program) -> None:
    before = everything()
    body = json.dumps(as_sent(circumstances="x" * 3_000_000))
    assert set(said_wrong(raw(desk, body), 413)) == {"detail"}
    assert everything() == before


def test_three_megabytes_without_a_token_are_not_read() -> None:
    said_wrong(Client().post("/api/v1/referrals/", "x" * 3_000_000, content_type=JSON), 401)


def test_another_encoding_than_utf_8_is_refused(desk: Program) -> None:
    body = json.dumps(as_sent()).encode("utf-16")
    answer = raw(desk, body, "application/json; charset=utf-16")
    assert said_wrong(answer, answer.status_code)
    assert answer.status_code in (400, 415)


def test_nul_in_the_address_is_refused(desk: Program) -> None:
    said_wrong(desk.client.get("/api/v1/referrals/?q=%00"))


@pytest.mark.parametrize("asked", ["q=%ED%A0%80", "q=%FF", "team=%ED%A0%80", "source=%ED%A0%80", "after=%ED%A0%80"])
def test_halves_of_characters_in_the_address_are_no_error_of_ours(asked: str) -> None:
    a_case()
    program = Program(an_officer(Role.COMMAND))
    answer = program.client.get(f"/api/v1/referrals/?{asked}")
    assert answer.status_code in (200, 400)


def test_sending_without_the_last_slash_is_not_taken_for_asking(desk: Program) -> None:
    """A redirect would be followed with GET, and the referral lost with a 200."""
    answer = desk.client.generic("POST", "/api/v1/referrals", json.dumps(as_sent()), content_type=JSON)
    assert answer.status_code not in (301, 302, 303), answer.get("Location")


# --- errors of ours ------------------------------------------------------------------------------


class OfOurs(Exception):
    """Something that nobody thought of, with a name in it: Rhys Calloway."""


def fail(*args: Any, **kwargs: Any) -> Any:
    raise OfOurs("Rhys Calloway")


REFERENCE = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")


def test_an_error_of_ours_is_json_with_a_reference_and_leaves_no_trace(
    desk: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number = a_case().number
    monkeypatch.setattr(queries, "people_on", fail)
    desk.client.raise_request_exception = False
    before = AccessLog.objects.count()
    answer = desk.get("case", number)
    said = said_wrong(answer, 500)
    assert REFERENCE.search(said["detail"])
    assert "Calloway" not in answer.content.decode()
    assert "OfOurs" not in answer.content.decode()
    assert AccessLog.objects.count() == before


def test_an_act_whose_answer_fails_is_not_done(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case()
    monkeypatch.setattr(queries, "told", fail)
    desk.client.raise_request_exception = False
    before = everything()
    sent = {"kind": "note", "title": "Seen", "text": "Well", "happened_at": clock.now().isoformat()}
    assert REFERENCE.search(said_wrong(desk.post("chronology", case.number, **sent), 500)["detail"])
    assert everything() == before
    monkeypatch.undo()
    assert desk.post("chronology", case.number, **sent).status_code == 201
    assert Entry.objects.filter(case=case, title="Seen").count() == 1


def test_that_the_database_is_away_is_said(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr(queries, "people_on", away)
    desk.client.raise_request_exception = False
    answer = desk.get("case", a_case().number)
    said_wrong(answer, 503)
    assert answer["Retry-After"] == "60"


# --- other methods -------------------------------------------------------------------------------


def test_head_is_get_without_a_body_and_a_look_too(desk: Program) -> None:
    number = a_case().number
    before = AccessLog.objects.count()
    answer = desk.client.head(reverse("api:case", args=[number]))
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer["Content-Length"]) > 100
    assert AccessLog.objects.count() == before + 1
    assert Client().head(reverse("api:case", args=[number])).status_code == 401


def test_options_shows_nothing_and_is_no_look(desk: Program) -> None:
    case = a_case()
    address = reverse("api:case", args=[case.number])
    before = everything()
    answer = desk.client.options(address)
    said_wrong(answer, 405)
    assert "GET" in answer["Allow"]
    assert case.people.get().family_name not in answer.content.decode()
    assert Client().options(address).status_code == 401
    for name in ("referrals", "cases", "duties", "people", "intake"):
        said_wrong(desk.client.options(reverse(f"api:{name}")), 405)
    assert everything() == before


def test_options_of_another_team_s_record_is_not_found() -> None:
    number = a_case().number
    said_wrong(Program(a_user()).client.options(reverse("api:case", args=[number])), 404)
