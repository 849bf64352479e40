from django.urls import path

from referrals.views import desk, log, one

app_name = "referrals"
urlpatterns = [
    path("", log.log_page, name="log_page"),
    path("download/", log.download, name="download"),
    path("log/", desk.log, name="log"),
    path("drafts/<uuid:key>/", desk.draft, name="draft"),
    path("drafts/<uuid:key>/save/", desk.save_draft, name="save_draft"),
    path("drafts/<uuid:key>/take-over/", desk.take_over_draft, name="take_over_draft"),
    path("drafts/<uuid:key>/discard/", desk.discard_draft, name="discard_draft"),
    path("<record:number>/", one.referral, name="referral"),
    path("<record:number>/logged/", one.logged, name="logged"),
    path("<record:number>/caller/", one.caller, name="caller"),
    path("<record:number>/triage/", one.triage, name="triage"),
    path("<record:number>/confirm/", one.confirm, name="confirm"),
    path("<record:number>/add-person/", one.add_person, name="add_person"),
]
