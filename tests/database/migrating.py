"""To apply every migration without drawing most models anew for each.

Where a migration adds a model or a relation, Django draws every model again that hangs together with it. Here all do,
and there are a hundred: that was most of what the making of a database took, and of its way back. A model that was
not there before needs no more than to be drawn itself: what it points at has been drawn, and nothing that has been
points at it. With any other change, those next to it are enough for what PostgreSQL is told; and Django draws all of
them again before a migration's own code goes forward. The statements are the same, there and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.migrations.state import ModelState, ProjectState

_add_model = ProjectState.add_model
_reload_model = ProjectState.reload_model


def _add_new_model(self: ProjectState, model_state: ModelState) -> None:
    room, name = key = model_state.app_label, model_state.name_lower
    apps = self.__dict__.get("apps")  # to ask for the attribute would draw them all
    if apps is None or name in apps.all_models[room]:
        _add_model(self, model_state)
        return
    self.models[key] = model_state
    if self._relations is not None:  # type: ignore[attr-defined]
        self.resolve_model_relations(key)
    apps.render_multiple([model_state])


def _reload_those_next_to_it(self: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    _reload_model(self, app_label, model_name, delay=True)


@contextmanager
def drawing_few_models() -> Iterator[None]:
    ProjectState.add_model = _add_new_model  # type: ignore[method-assign]
    ProjectState.reload_model = _reload_those_next_to_it  # type: ignore[method-assign]
    try:
        yield
    finally:
        ProjectState.add_model = _add_model  # type: ignore[method-assign]
        ProjectState.reload_model = _reload_model  # type: ignore[method-assign]
