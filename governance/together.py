"""Many operations of a migration in one step.

After each operation Django renders the models of its state again, and with them all that are
related, which here is nearly every one: of 85 s for an empty database 80 went there. Here the state
is rendered once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """These, in their order. Each meets the models as they are before the first and after the last,
    so that none may build on what another one did; but tables may point to one another (their
    foreign keys come at the end of the migration), and to a table made here, constraints and
    indexes may be added."""

    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"operations": self.operations}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # rendered again for who asks next
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in self.of_the_database():
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in reversed(list(self.of_the_database())):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def of_the_database(self) -> Iterator[Operation]:
        """Without what a table has from the beginning that is made with all it has at the end."""
        made = {one.name_lower for one in self.operations if isinstance(one, CreateModel)}
        for one in self.operations:
            if not (isinstance(one, AddConstraint | AddIndex) and one.model_name_lower in made):
                yield one

    def describe(self) -> str:
        return f"{len(self.operations)} operations in one step"
