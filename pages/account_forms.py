"""allauth's forms in our words. Named in ACCOUNT_FORMS; allauth keeps the rules."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from django.core.exceptions import ValidationError


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label = "User name", "Password"
        name.widget.attrs |= {"class": "govuk-input--width-20", "spellcheck": "false", "autocapitalize": "none"}
        password.widget.attrs["class"] = "govuk-input--width-20"
        password.help_text = ""


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        old, new, again = (self.fields[name] for name in ("oldpassword", "password1", "password2"))
        given = getattr(self.user, "must_change_password", False)
        old.label = "The password you were given" if given else "Your password now"
        new.label, again.label = "New password", "New password again"
        old.help_text = ""
        new.help_text = (
            "At least 12 characters. Three words that have nothing to do with each other are a good one; "
            "your name, or a password that many people use, is not."
        )
        again.error_messages["required"] = "Enter the new password a second time"
        for field in (old, new, again):
            field.widget.attrs["class"] = "govuk-input--width-20"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        new, again = cleaned.get("password1"), self.data.get(self.add_prefix("password2"))
        if new and again and new != again:  # said by allauth in words that do not name the fields
            self._errors["password2"] = self.error_class(["The two new passwords are not the same. Type both again"])
        return cleaned

    def clean_password1(self) -> str:
        """A first password is known to whoever gave it, so it cannot be kept."""
        new: str = self.cleaned_data["password1"]
        if new == self.cleaned_data.get("oldpassword"):
            raise ValidationError("Choose a password that is not the one you have now")
        return new
