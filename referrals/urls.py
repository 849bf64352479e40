from django.urls import path

from referrals.views import deciding, desk, desk_page, log, mail, one, supervising

app_name = "referrals"
urlpatterns = [
    path("", log.log_page, name="log_page"),
    path("download/", log.download, name="download"),
    path("desk/", desk_page.desk_page, name="desk_page"),
    path("log/", desk.log, name="log"),
    path("drafts/<uuid:key>/", desk.draft, name="draft"),
    path("drafts/<uuid:key>/save/", desk.save_draft, name="save_draft"),
    path("drafts/<uuid:key>/take-over/", desk.take_over_draft, name="take_over_draft"),
    path("drafts/<uuid:key>/discard/", desk.discard_draft, name="discard_draft"),
    path("mailbox/", mail.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", mail.message, name="message"),
    path("mailbox/<int:pk>/source/", mail.message_source, name="message_source"),
    path("mailbox/<int:pk>/attachments/<int:number>/", mail.attachment, name="attachment"),
    path("mailbox/<int:pk>/set-aside/", mail.set_aside_message, name="set_aside_message"),
    path("mailbox/<int:pk>/put-back/", mail.put_back_message, name="put_back_message"),
    path("mailbox/<int:pk>/conference/", mail.pass_to_conferences, name="pass_to_conferences"),
    path("<record:number>/", one.referral, name="referral"),
    path("<record:number>/logged/", one.logged, name="logged"),
    path("<record:number>/caller/", one.caller, name="caller"),
    path("<record:number>/triage/", one.triage, name="triage"),
    path("<record:number>/confirm/", one.confirm, name="confirm"),
    path("<record:number>/strategy/", deciding.record_strategy, name="record_strategy"),
    path("<record:number>/decide/", deciding.decide, name="decide"),
    path("<record:number>/supervise/", supervising.supervise, name="supervise"),
    path("<record:number>/social-services/", deciding.social_services, name="social_services"),
    path("<record:number>/social-services/record/", deciding.record_update, name="record_update"),
    path("<record:number>/social-services/judge/", deciding.judge, name="judge"),
    path("<record:number>/email/<int:pk>/", mail.put_email_on_record, name="put_email_on_record"),
    path("<record:number>/add-person/", one.add_person, name="add_person"),
]
