"""How a view hands what was typed to an action, and puts what the action refuses beside the fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.core.exceptions import ValidationError

Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """What became of an attempt: `done` with a result, or not; `refused` is what the action raised, if it did."""

    done: bool
    result: Result | None = None
    refused: ValidationError | None = None

    def get(self) -> Result:
        """The result of what was done. Raises RuntimeError where nothing was."""
        if not self.done:
            raise RuntimeError("Ask for a result only of what was done.")
        return self.result  # type: ignore[return-value]


def attempt(
    form: forms.Form,
    action: Callable[..., Result],
    *args: Any,
    values: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Outcome[Result]:
    """Call `action` with what was typed, when the form is valid.

    `values`: what it is called with instead, where the form's fields are not the action's arguments.

    What an action refuses (ValidationError) stands beside the field it names, if the form has that field, and
    otherwise at the top. Nothing typed is lost either way: the view draws the same form again.
    """
    if not form.is_valid():
        return Outcome(done=False)
    try:
        return Outcome(done=True, result=action(*args, **kwargs, **(form.cleaned_data if values is None else values)))
    except ValidationError as refused:
        if hasattr(refused, "error_dict"):
            for field, errors in refused.error_dict.items():
                form.add_error(field if field in form.fields else None, errors)
        else:
            form.add_error(None, refused.error_list)
        return Outcome(done=False, refused=refused)


def open_on(form: forms.Form, **fields: int) -> None:
    """What a form was opened on, put to how things stand now: the person has been told of another's change, so
    sending it again is meant."""
    data: Any = form.data
    form.data = data.copy()
    for name, value in fields.items():
        form.data[name] = str(value)  # type: ignore[index]


def refusal(check: Callable[..., None], *args: Any, **kwargs: Any) -> str:
    """The sentence with which a policy refuses; empty where it does not. For a page that says so before it asks."""
    try:
        check(*args, **kwargs)
    except ValidationError as refused:
        return " ".join(refused.messages)
    return ""
