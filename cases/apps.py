from django.apps import AppConfig
from django.urls import register_converter


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        from cases.closure import register
        from cases.converters import RecordNumber
        from cases.queries import actions_in_the_way

        register_converter(RecordNumber, "record")
        register("cases", actions_in_the_way)
