"""Every address of CAIT, and the two pages that nothing can be quicker than."""

from django.urls import path

from cait.urls import handler400, handler403, handler404, handler429, handler500
from cait.urls import urlpatterns as of_cait
from tests.bench import views

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

urlpatterns = [
    *of_cait,
    path("bench/empty/", views.empty),
    path("bench/table/", views.table),
]
