"""Signing in and out and the password, in our words; nothing of allauth's own shows."""

from types import SimpleNamespace

import pytest
from django.template.loader import get_template, render_to_string

from pages.account_forms import ChangePasswordForm, SignInForm

DEMONSTRATION = {
    "demonstration": True,
    "demonstration_password": "invented words",
    "demonstration_accounts": [SimpleNamespace(username="pclo", who="Dawn Whitlock", does="Attends conferences")],
}


def test_signing_in() -> None:
    html = render_to_string("account/login.html", {"form": SignInForm()})
    assert "Sign in to CAIT" in html
    assert "Use CAIT only for police work. Everything you open is logged." in html
    assert ">User name</label>" in html
    assert 'autocomplete="current-password"' in html
    assert "placeholder" not in html
    assert "demonstration" not in html.lower()


def test_where_one_wanted_to_go_is_kept() -> None:
    context = {"form": SignInForm(), "redirect_field_name": "next", "redirect_field_value": '/records/?q="'}
    html = render_to_string("account/login.html", context)
    assert 'name="next" value="/records/?q=&quot;"' in html


def test_what_is_missing_to_sign_in() -> None:
    form = SignInForm({})
    assert form.errors == {"login": ["Enter the user name"], "password": ["Enter the password"]}
    assert "<title>Error: Sign in" in render_to_string("account/login.html", {"form": form})


def test_accounts_are_printed_only_in_a_demonstration() -> None:
    html = render_to_string("account/login.html", {"form": SignInForm(), **DEMONSTRATION})
    assert "invented words" in html
    assert "Dawn Whitlock" in html
    outside = render_to_string("account/login.html", {"form": SignInForm(), **DEMONSTRATION, "demonstration": False})
    assert "invented words" not in outside
    assert "Dawn Whitlock" not in outside


def test_changing_the_password() -> None:
    user = SimpleNamespace(must_change_password=False, get_username="pclo", is_authenticated=True)
    html = render_to_string("account/password_change.html", {"form": ChangePasswordForm(user=None), "user": user})
    assert "Change your password" in html
    assert "At least 12 characters." in html
    assert "Choose a password of your own" not in html
    user.must_change_password = True
    html = render_to_string("account/password_change.html", {"form": ChangePasswordForm(user=None), "user": user})
    assert "Choose a password of your own" in html


@pytest.mark.parametrize("name", ["login", "logout", "password_change"])
def test_the_templates_are_ours(name: str) -> None:
    assert "allauth" not in get_template(f"account/{name}.html").origin.name  # type: ignore[attr-defined]
