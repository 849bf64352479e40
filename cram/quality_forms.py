"""What narrows the list of assessments behind a figure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from cram.enums import AssessmentKind
from cram.models import Assessment
from cram.quality import MEASURED
from team.forms import OfTeamForm


class QualityForm(OfTeamForm):
    """What is asked of each, and of which it was so or was not."""

    cram = forms.ChoiceField(
        label="Which CRAMs", choices=[("", "All that were sent"), *AssessmentKind.choices], required=False
    )
    which = forms.ChoiceField(
        label="What is asked",
        choices=[("", "Anything"), *((each.code, each.label) for each in MEASURED)],
        required=False,
    )
    met = forms.ChoiceField(
        label="Was it so?", choices=[("", "Either"), ("yes", "Yes"), ("no", "No")], required=False
    )

    def narrow(self, rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
        """Those that were asked for; of one thing alone those of which it can be said."""
        asked: dict[str, Any] = self.cleaned_data
        if team := asked.get("team"):
            rows = rows.filter(case__team=team)
        if kind := asked.get("cram"):
            rows = rows.filter(kind=kind)
        if which := asked.get("which"):
            rows = rows.filter(**{f"{which}__isnull": False})
            if asked.get("met"):
                rows = rows.filter(**{which: asked["met"] == "yes"})
        return rows
