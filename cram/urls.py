"""Addresses below `/cases/<record>/cram/`, and those of the room itself below `/cram/`."""

from django.urls import path, register_converter

from cram.converters import VersionNumber
from cram.views import (
    answering,
    assessing,
    discarding,
    endorsing,
    gaps,
    matrix,
    pdf,
    quality,
    researching,
    risks,
    sending,
)

app_name = "cram"
register_converter(VersionNumber, "version")
urlpatterns = [
    path("cases/<record:number>/cram/", assessing.assess, name="assess"),
    path("cases/<record:number>/cram/<int:assessed>/", assessing.assessment, name="assessment"),
    path("cases/<record:number>/cram/<int:assessed>/pdf/", pdf.assessment_pdf, name="assessment_pdf"),
    path("cases/<record:number>/cram/answer/<slug:section>/", answering.answer, name="answer"),
    path("cases/<record:number>/cram/level/", sending.level, name="level"),
    path("cases/<record:number>/cram/new-information/", sending.new_information, name="new_information"),
    path("cases/<record:number>/cram/decisions/", sending.decisions, name="decisions"),
    path("cases/<record:number>/cram/send/", sending.send, name="send"),
    path("cases/<record:number>/cram/throw-away/", discarding.discard, name="discard"),
    path("cases/<record:number>/cram/endorse/", endorsing.endorse, name="endorse"),
    path("cases/<record:number>/cram/research/", researching.research_page, name="research"),
    path("cases/<record:number>/cram/research/ask/", researching.ask_research, name="ask_research"),
    path("cases/<record:number>/cram/research/record/", researching.record_searches, name="record_searches"),
    path("cases/<record:number>/cram/research/<int:pk>/not-needed/", researching.drop_research, name="drop_research"),
    path("cases/<record:number>/cram/gaps/", gaps.gaps, name="gaps"),
    path("cases/<record:number>/cram/gaps/raise/", gaps.raise_gap, name="raise_gap"),
    path("cases/<record:number>/cram/gaps/<int:pk>/change/", gaps.change_gap, name="change_gap"),
    path("cases/<record:number>/cram/gaps/<int:pk>/answer/", gaps.answer_gap, name="answer_gap"),
    path("cases/<record:number>/cram/gaps/<int:pk>/not-needed/", gaps.drop_gap, name="drop_gap"),
    path("cases/<record:number>/cram/risks/", risks.risks, name="risks"),
    path("cases/<record:number>/cram/risks/identify/", risks.identify_risk, name="identify_risk"),
    path("cases/<record:number>/cram/risks/<int:pk>/end/", risks.end_risk, name="end_risk"),
    path("cases/<record:number>/cram/risks/<int:pk>/measure/", risks.set_measure, name="set_measure"),
    path("cases/<record:number>/cram/measures/<int:pk>/change/", risks.change_measure, name="change_measure"),
    path("cases/<record:number>/cram/measures/<int:pk>/check/", risks.check_measure, name="check_measure"),
    path("cases/<record:number>/cram/measures/<int:pk>/end/", risks.end_measure, name="end_measure"),
    path("cram/unmanaged/", risks.unmanaged, name="unmanaged"),
    path("cram/quality/", quality.quality, name="quality"),
    path("cram/quality/list/", quality.assessments, name="quality_list"),
    path("cram/matrix/", matrix.matrix, name="matrix"),
    path("cram/matrix/draft/", matrix.draft_matrix, name="draft_matrix"),
    path("cram/matrix/<version:number>/", matrix.matrix_version, name="matrix_version"),
    path("cram/matrix/<version:number>/compare/", matrix.compare_matrix, name="compare_matrix"),
    path("cram/matrix/<version:number>/publish/", matrix.publish_matrix, name="publish_matrix"),
    path("cram/matrix/<version:number>/throw-away/", matrix.discard_matrix, name="discard_matrix"),
    path("cram/matrix/<version:number>/add/", matrix.add_factor, name="add_factor"),
    path("cram/matrix/<version:number>/<slug:code>/change/", matrix.change_factor, name="change_factor"),
    path("cram/matrix/<version:number>/<slug:code>/take-out/", matrix.take_factor_out, name="take_factor_out"),
]
