from django.urls import path

from oversight import dashboard_views, report_views, views

app_name = "oversight"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("team/", dashboard_views.team_figures, name="team_figures"),
    path("teams/", dashboard_views.all_figures, name="all_figures"),
    path("measures/<slug:code>/", dashboard_views.measure, name="measure"),
    path("measures/<slug:code>/records/", dashboard_views.facts, name="facts"),
    path("reports/", report_views.reports, name="reports"),
    path("reports/make/<str:code>/", report_views.make_report, name="make_report"),
    path("reports/<int:pk>/", report_views.report, name="report"),
    path("reports/<int:pk>/commentary/", report_views.report_commentary, name="report_commentary"),
    path("reports/<int:pk>/count/", report_views.count_report, name="count_report"),
    path("reports/<int:pk>/sign/", report_views.sign_report, name="sign_report"),
    path("reports/<int:pk>/now/", report_views.report_now, name="report_now"),
    path("reports/<int:pk>/records/<slug:code>/", report_views.report_facts, name="report_facts"),
    path("reports/<int:pk>/report.pdf", report_views.report_pdf, name="report_pdf"),
    path("reports/<int:pk>/report.xlsx", report_views.report_workbook, name="report_workbook"),
    path("acts/", views.audit_events, name="audit_events"),
    path("access/", views.access_log, name="access_log"),
    path("time-limits/", views.time_limits, name="time_limits"),
    path("time-limits/bank-holidays/enter/", views.enter_bank_holidays, name="enter_bank_holidays"),
    path("time-limits/bank-holidays/<int:pk>/withdraw/", views.withdraw_bank_holiday, name="withdraw_bank_holiday"),
    path("time-limits/<str:code>/", views.time_limit, name="time_limit"),
    path("time-limits/<str:code>/<int:pk>/withdraw/", views.withdraw_limit, name="withdraw_limit"),
]
