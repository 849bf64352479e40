from django.apps import AppConfig
from django.urls import register_converter


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        from cases.closure import register
        from cases.converters import RecordNumber
        from cases.queries import in_the_way_of_closure
        from cases.transfers import in_the_way_of_transfer

        register_converter(RecordNumber, "record")
        register("cases", in_the_way_of_closure, before_transfer=in_the_way_of_transfer)
