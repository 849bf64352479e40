"""Pages for when something cannot be done: the right status, what to do next, and nothing given away."""

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from workbench import errors


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    """A request from somebody not signed in; without the database."""
    return rf.get("/records/17/")


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def raised(error: Exception, request: HttpRequest) -> HttpResponse:
    try:
        raise error
    except Exception:
        return errors.server_error(request)


@pytest.mark.parametrize(
    ("page", "status", "words"),
    [
        (errors.bad_request, 400, "CAIT could not read what was sent"),
        (errors.forbidden, 403, "You cannot do this"),
        (errors.not_found, 404, "We cannot find this page or record"),
        (errors.too_many_requests, 429, "Wait 5 minutes"),
        (errors.form_refused, 403, "What you typed is not lost"),
        (errors.server_error, 500, "Something is wrong with CAIT"),
    ],
)
def test_each_is_a_whole_marked_page(
    page: Callable[[HttpRequest], HttpResponse], status: int, words: str, request_: HttpRequest
) -> None:
    response = page(request_)
    assert response.status_code == status
    assert words in text(response)
    assert text(response).count("OFFICIAL-SENSITIVE") == 2
    assert text(response).count("<h1") == 1
    assert "cait/cait.css" in text(response)


def test_what_was_typed_in_a_form_that_is_refused_is_shown_to_who_may_open_it(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "_status_of", lambda request, page: 200)
    typed = {"note": ["He has <both> children"], "level": "high", "new_password": "seven herons", "token": "x"}
    request = rf.post("/cases/HGY-2010-00001/cram/level/", typed)
    assert "He has" not in text(errors.form_refused(request))  # nobody knows who that is
    request.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
    shown = text(errors.form_refused(request))
    assert "He has &lt;both&gt; children" in shown
    assert "herons" not in shown


def test_a_form_that_is_refused_is_opened_again_on_the_page_where_it_stood(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "_status_of", lambda request, page: 200)

    def link(**came_from: Any) -> str:
        request = rf.post("/referrals/draft/save/", {"note": "Seen twice"}, **came_from)
        request.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
        shown = text(errors.form_refused(request))
        assert "/referrals/draft/save/" not in shown  # it only takes forms
        return shown[shown.index("cait-typed") :]

    page = "http://testserver/referrals/new/?draft=4"
    assert f'href="{page}">Open the form again' in link(headers={"Referer": page})
    for other in ({}, {"headers": {"Referer": "http://example.com/referrals/new/"}}, {"headers": {"Referer": "x:y"}}):
        assert 'from <a class="govuk-link" href="/">Today' in link(**other)


def test_forbidden_says_the_sentence_it_was_given(request_: HttpRequest) -> None:
    sentence = "You cannot endorse your own review. Ask <another> supervisor."
    assert "You cannot endorse your own review. Ask &lt;another&gt; supervisor." in text(
        errors.forbidden(request_, PermissionDenied(sentence))
    )
    assert "Your role does not allow it" in text(errors.forbidden(request_, PermissionDenied()))


def test_not_found_is_the_same_page_whatever_is_there(request_: HttpRequest) -> None:
    assert text(errors.not_found(request_, Http404("Record 17 is restricted"))) == text(
        errors.not_found(request_, Http404("No Case matches the given query"))
    )


@pytest.mark.parametrize("error", [OperationalError("host 10.0.0.3"), InterfaceError("closed")])
def test_a_database_that_is_away_is_a_503_that_says_to_wait(error: Exception, request_: HttpRequest) -> None:
    response = raised(error, request_)
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "your browser still has what you typed" in text(response)
    assert "10.0.0.3" not in text(response)


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (psycopg.errors.ConnectionFailure, 503),
        (psycopg.errors.AdminShutdown, 503),
        (psycopg.errors.CannotConnectNow, 503),
        (psycopg.errors.TooManyConnections, 503),
        (psycopg.OperationalError, 503),  # it never answered
        (psycopg.errors.DeadlockDetected, 500),
        (psycopg.errors.DiskFull, 500),
        (psycopg.errors.QueryCanceled, 500),
    ],
)
def test_only_a_database_that_is_away_is_told_as_such(
    cause: type[psycopg.Error], status: int, request_: HttpRequest
) -> None:
    error = OperationalError("host 10.0.0.3")
    error.__cause__ = cause("host 10.0.0.3")
    assert raised(error, request_).status_code == status


def test_a_database_that_is_away_is_seen_below_other_errors(request_: HttpRequest) -> None:
    error = RuntimeError("on top")
    error.__cause__ = OperationalError("below")
    assert raised(error, request_).status_code == 503


def test_a_mistake_of_ours_has_a_reference_that_is_logged_without_what_it_was_about(
    request_: HttpRequest, caplog: pytest.LogCaptureFixture
) -> None:
    request_.resolver_match = SimpleNamespace(view_name="cases:record")  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR, logger="workbench.errors"):
        response = raised(ValueError("Ellis Brannock"), request_)
    assert response.status_code == 500
    reference = caplog.records[0].getMessage().split()[1].rstrip(":")
    assert len(reference) == 9
    assert reference in text(response)
    assert "ValueError in cases:record" in caplog.text
    assert "Brannock" not in caplog.text + text(response)
    assert "17" not in caplog.text.split(reference)[1]


def test_a_page_is_drawn_plainly_when_its_frame_cannot_be(
    request_: HttpRequest, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise OperationalError("gone")

    request_.user = SimpleLazyObject(away)  # type: ignore[assignment]
    response = errors.not_found(request_)
    assert response.status_code == 404
    assert "We cannot find this page or record" in text(response)


def test_even_without_templates_there_is_a_marked_page(
    request_: HttpRequest, settings: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": []}]
    response = raised(ValueError(), request_)
    assert response.status_code == 500
    assert "OFFICIAL-SENSITIVE" in text(response)


def test_an_empty_405_is_explained_and_another_answer_left_alone(request_: HttpRequest) -> None:
    explained = errors.explain_method_not_allowed(lambda request: HttpResponseNotAllowed(["POST"]))(request_)
    assert explained.status_code == 405
    assert explained["Allow"] == "POST"
    assert "This page only works when you send a form" in text(explained)
    answer = JsonResponse({"detail": "Use POST"}, status=405)
    assert errors.explain_method_not_allowed(lambda request: answer)(request_) is answer
