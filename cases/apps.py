from django.apps import AppConfig
from django.urls import register_converter


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        from cases.converters import RecordNumber

        register_converter(RecordNumber, "record")
