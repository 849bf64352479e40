from django.apps import AppConfig


class CramConfig(AppConfig):
    name = "cram"
