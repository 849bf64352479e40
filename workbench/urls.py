from django.urls import path

from workbench.views import home, outside, people, search, shortcuts, transfers

app_name = "workbench"
urlpatterns = [
    path("", home.today, name="today"),
    path("cases/<record:number>/", home.case, name="case"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("search/", search.search, name="search"),
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path("transfers/<int:pk>/accept/", transfers.accept_transfer, name="accept_transfer"),
    path("transfers/<int:pk>/decline/", transfers.decline_transfer, name="decline_transfer"),
    path("shortcuts/", shortcuts.shortcuts, name="shortcuts"),
    path("demonstration/post/", outside.post, name="post"),
    path("demonstration/post/write/", outside.write, name="write"),
]
