from django.urls import path

from referrals import views

app_name = "referrals"
urlpatterns = [
    path("", views.log_page, name="log_page"),
    path("download/", views.download, name="download"),
    path("log/", views.log, name="log"),
    path("drafts/<uuid:key>/", views.draft, name="draft"),
    path("drafts/<uuid:key>/save/", views.save_draft, name="save_draft"),
    path("drafts/<uuid:key>/take-over/", views.take_over_draft, name="take_over_draft"),
    path("drafts/<uuid:key>/discard/", views.discard_draft, name="discard_draft"),
    path("<record:number>/", views.referral, name="referral"),
    path("<record:number>/logged/", views.logged, name="logged"),
    path("<record:number>/caller/", views.caller, name="caller"),
    path("<record:number>/triage/", views.triage, name="triage"),
    path("<record:number>/confirm/", views.confirm, name="confirm"),
    path("<record:number>/add-person/", views.add_person, name="add_person"),
]
