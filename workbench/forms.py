"""Shape and words of what crosses rooms."""

from __future__ import annotations

from django import forms

LONGEST = 100


class PeopleForm(forms.Form):
    """Narrows the list of people."""

    q = forms.CharField(label="A name, an address, a URN or a record's number", max_length=LONGEST, required=False)
