from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "workbench"

    def ready(self) -> None:
        from cases.coming import register_coming
        from diary.besides import register
        from workbench.borough_filled import is_still_filling
        from workbench.named import named_lately

        register_coming(is_still_filling)
        register("named on restricted records", named_lately)
