from django.urls import path

from workbench.views import home, outside, people, search, shortcuts

app_name = "workbench"
urlpatterns = [
    path("", home.today, name="today"),
    path("cases/<record:number>/", home.case, name="case"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("search/", search.search, name="search"),
    path("shortcuts/", shortcuts.shortcuts, name="shortcuts"),
    path("demonstration/post/", outside.post, name="post"),
    path("demonstration/post/write/", outside.write, name="write"),
]
