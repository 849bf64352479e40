from django.urls import path

from conferences.api import conferences, emails, plans, reports

OF = "cases/<record:number>"
ONE = "conferences/<int:pk>"
REPORT = f"{ONE}/report"
GROUP = f"{OF}/core-groups/<int:pk>"
urlpatterns = [
    path("conferences/", conferences.Conferences.as_view(), name="conferences"),
    path(f"{ONE}/", conferences.OneConference.as_view(), name="conference"),
    path(f"{ONE}/move/", conferences.MoveConference.as_view(), name="move_conference"),
    path(f"{ONE}/cancel/", conferences.CancelConference.as_view(), name="cancel_conference"),
    path(f"{ONE}/attendance-decision/", conferences.DecideAttendance.as_view(), name="decide_attendance"),
    path(f"{ONE}/briefing/", conferences.BriefOfficer.as_view(), name="brief_officer"),
    path(f"{ONE}/attendance/", conferences.RecordAttendance.as_view(), name="record_attendance"),
    path(f"{ONE}/outcomes/", conferences.RecordOutcomes.as_view(), name="record_outcomes"),
    path(f"{ONE}/attendance/correct/", conferences.CorrectAttendance.as_view(), name="correct_attendance"),
    path(f"{ONE}/outcomes/<int:outcome>/correct/", conferences.CorrectOutcome.as_view(), name="correct_outcome"),
    path(f"{ONE}/police-actions/", conferences.AddPoliceAction.as_view(), name="add_police_action"),
    path(f"{ONE}/debrief/", conferences.DebriefOfficer.as_view(), name="debrief_officer"),
    path(f"{ONE}/minutes/", conferences.CheckMinutes.as_view(), name="check_minutes"),
    path("conferences/emails/<int:pk>/nothing-to-do/", emails.NothingToDo.as_view(), name="set_aside_email"),
    path(f"{OF}/conferences/", conferences.BookConference.as_view(), name="book_conference"),
    path(f"{REPORT}/", reports.OneReport.as_view(), name="report"),
    path(f"{REPORT}/assemble/", reports.AssembleReport.as_view(), name="assemble_report"),
    path(f"{REPORT}/items/", reports.AddItem.as_view(), name="add_item"),
    path(f"{REPORT}/items/<int:item>/", reports.ChangeItem.as_view(), name="item"),
    path(f"{REPORT}/items/<int:item>/kept-from/", reports.KeepFrom.as_view(), name="keep_from"),
    path(f"{REPORT}/sharing/", reports.DecideSharing.as_view(), name="decide_sharing"),
    path(f"{REPORT}/recipients/", reports.AddRecipient.as_view(), name="add_recipient"),
    path(
        f"{REPORT}/recipients/<int:recipient>/take-off/",
        reports.TakeOffRecipient.as_view(),
        name="take_off_recipient",
    ),
    path(f"{REPORT}/submit/", reports.SubmitReport.as_view(), name="submit_report"),
    path(f"{REPORT}/endorse/", reports.EndorseReport.as_view(), name="endorse_report"),
    path(f"{REPORT}/return/", reports.ReturnReport.as_view(), name="return_report"),
    path(f"{REPORT}/send/", reports.SendReport.as_view(), name="send_report"),
    path("plans/", plans.Plans.as_view(), name="plans"),
    path("plans/<int:pk>/", plans.OnePlan.as_view(), name="plan"),
    path("plans/<int:pk>/end/", plans.EndPlan.as_view(), name="end_plan"),
    path("plans/<int:pk>/withdraw/", plans.WithdrawPlan.as_view(), name="withdraw_plan"),
    path(f"{OF}/plans/", plans.RecordPlan.as_view(), name="record_plan"),
    path(f"{OF}/core-groups/", plans.CoreGroups.as_view(), name="core_groups"),
    path(f"{GROUP}/move/", plans.MoveCoreGroup.as_view(), name="move_core_group"),
    path(f"{GROUP}/record/", plans.RecordCoreGroup.as_view(), name="record_core_group"),
    path(f"{GROUP}/cancel/", plans.CancelCoreGroup.as_view(), name="cancel_core_group"),
]
