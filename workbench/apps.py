from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "workbench"

    def ready(self) -> None:
        from cases.coming import register_coming
        from workbench.borough_filled import is_still_filling

        register_coming(is_still_filling)
