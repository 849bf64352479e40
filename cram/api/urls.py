from django.urls import path

from cram.api import assessments, managing

OF = "cases/<record:number>"
urlpatterns = [
    path("assessments/", assessments.Assessments.as_view(), name="assessments"),
    path("assessments/<int:pk>/", assessments.OneAssessment.as_view(), name="assessment"),
    path("assessments/<int:pk>/pdf/", assessments.AssessmentPdf.as_view(), name="assessment_pdf"),
    path("assessments/<int:pk>/answers/", assessments.Answers.as_view(), name="answers"),
    path("assessments/<int:pk>/level/", assessments.SetLevel.as_view(), name="level"),
    path("assessments/<int:pk>/decisions/", assessments.AddDecision.as_view(), name="add_decision"),
    path("assessments/<int:pk>/actions/", assessments.AddAssessmentAction.as_view(), name="add_assessment_action"),
    path("assessments/<int:pk>/new-information/", assessments.AddNewInformation.as_view(), name="new_information"),
    path("assessments/<int:pk>/submit/", assessments.SubmitAssessment.as_view(), name="submit_assessment"),
    path("assessments/<int:pk>/discard/", assessments.DiscardAssessment.as_view(), name="discard_assessment"),
    path("assessments/<int:pk>/endorse/", assessments.EndorseAssessment.as_view(), name="endorse_assessment"),
    path("assessments/<int:pk>/return/", assessments.ReturnAssessment.as_view(), name="return_assessment"),
    path(f"{OF}/assessments/", assessments.StartAssessment.as_view(), name="start_assessment"),
    path(f"{OF}/gaps/", managing.Gaps.as_view(), name="gaps"),
    path(f"{OF}/gaps/<int:pk>/", managing.OneGap.as_view(), name="gap"),
    path(f"{OF}/gaps/<int:pk>/answer/", managing.AnswerGap.as_view(), name="answer_gap"),
    path(f"{OF}/gaps/<int:pk>/not-needed/", managing.DropGap.as_view(), name="drop_gap"),
    path(f"{OF}/risks/", managing.Risks.as_view(), name="risks"),
    path(f"{OF}/risks/<int:pk>/end/", managing.EndRisk.as_view(), name="end_risk"),
    path(f"{OF}/risks/<int:pk>/measures/", managing.SetMeasure.as_view(), name="set_measure"),
    path(f"{OF}/measures/<int:pk>/", managing.OneMeasure.as_view(), name="measure"),
    path(f"{OF}/measures/<int:pk>/check/", managing.CheckMeasure.as_view(), name="check_measure"),
    path(f"{OF}/measures/<int:pk>/end/", managing.EndMeasure.as_view(), name="end_measure"),
    path(f"{OF}/research/", managing.Research.as_view(), name="research"),
    path(f"{OF}/research/<int:pk>/not-needed/", managing.DropResearch.as_view(), name="drop_research"),
    path(f"{OF}/searches/", managing.Searches.as_view(), name="searches"),
]
