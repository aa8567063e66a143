"""Whether given inputs fit a template, before an instance is made of them."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.binding import Binding, bind_inputs
from flowyard.engine.graph import InputSpec, JsonValue, VariableType
from flowyard.storage.secrets import known_secrets
from flowyard_api.errors import Fault

Place = tuple[str | int, ...]
"""Way to the inputs in a request."""


@dataclass(slots=True)
class InputChecks:
    """Collects what is wrong with the inputs of the instances of one request."""

    faults: list[Fault] = field(default_factory=list)
    _secrets: dict[uuid.UUID, list[tuple[str, Place]]] = field(default_factory=dict)

    def add(
        self,
        project_id: uuid.UUID,
        specs: tuple[InputSpec, ...],
        given: Mapping[str, JsonValue],
        place: Place,
    ) -> Binding:
        """Check the inputs of one instance, and return what becomes of them.

        Parameters
        ----------
        project_id
            Whose secrets they may name.
        place
            Where in the request they stand.
        """
        binding = bind_inputs(specs, given)
        self.faults += [
            Fault(loc=(*place, problem.name, *problem.path), msg=problem.message, type=problem.code)
            for problem in binding.problems
        ]
        for name, secret in _named_secrets(specs, binding.values):
            self._secrets.setdefault(project_id, []).append((secret, (*place, name)))
        return binding

    async def finish(self, connection: AsyncConnection) -> list[Fault]:
        """Return everything that is wrong, named secrets that do not exist included."""
        for project_id, named in self._secrets.items():
            known = await known_secrets(connection, project_id, {name for name, _ in named})
            self.faults += [
                Fault(
                    loc=place,
                    msg=f"Expected a secret {name} in the project, but there is none",
                    type="unknown_secret",
                )
                for name, place in named
                if name not in known
            ]
        return self.faults


def _named_secrets(
    specs: Iterable[InputSpec], values: Mapping[str, JsonValue]
) -> Iterator[tuple[str, str]]:
    for spec in specs:
        match spec.type, values.get(spec.name):
            case VariableType.PASSWORD, {"$secret": str(secret)}:
                yield spec.name, secret
            case _:
                pass
