"""The names that an expression may use at one node of one instance."""

from collections.abc import Iterator, Mapping
from typing import Any

from typing_extensions import override

from flowyard.engine.expressions import SecretName
from flowyard.engine.graph import JsonValue
from flowyard.engine.snapshot import InstanceFacts, NodeState

SYSTEM_NAMES = ("instance", "loop", "nodes", "secrets")
"""Names that every expression knows; variables may not take them."""


class _Outputs(Mapping[str, Mapping[str, JsonValue]]):
    """``nodes``: the outputs of nodes that have succeeded, by node id."""

    def __init__(self, *layers: Mapping[str, NodeState]) -> None:
        self._layers = layers

    @override
    def __getitem__(self, node_id: str) -> Mapping[str, JsonValue]:
        for layer in self._layers:
            state = layer.get(node_id)
            if state is not None:
                return state.outputs
        raise KeyError(node_id)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter({node_id: None for layer in self._layers for node_id in layer})

    @override
    def __len__(self) -> int:
        return len(set().union(*self._layers))


class _Secrets(Mapping[str, SecretName]):
    """``secrets``: a reference for any name; whether it exists only the plugin gateway knows."""

    @override
    def __getitem__(self, name: str) -> SecretName:
        return SecretName(name)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(())

    @override
    def __len__(self) -> int:
        return 0


_SECRETS = _Secrets()


class Scope(Mapping[str, Any]):
    """Variables and system names, looked up only when they are used.

    Parameters
    ----------
    variables
        Inputs, constants, computed and exported variables by name.
    layers
        States of reached nodes; the first layer that knows a node wins.
    facts, started_at
        What ``instance`` tells.
    loop
        How often the node has been entered, this time included.
    """

    __slots__ = ("_facts", "_layers", "_loop", "_started_at", "_variables")

    def __init__(
        self,
        *,
        variables: Mapping[str, JsonValue],
        layers: tuple[Mapping[str, NodeState], ...],
        facts: InstanceFacts,
        started_at: str | None,
        loop: int,
    ) -> None:
        self._variables = variables
        self._layers = layers
        self._facts = facts
        self._started_at = started_at
        self._loop = loop

    @override
    def __getitem__(self, name: str) -> Any:
        match name:
            case "nodes":
                return _Outputs(*self._layers)
            case "loop":
                return self._loop
            case "secrets":
                return _SECRETS
            case "instance":
                return {
                    "id": str(self._facts.instance_id),
                    "name": self._facts.name,
                    "project": self._facts.project,
                    "actor": self._facts.actor,
                    "started_at": self._started_at,
                }
            case _:
                return self._variables[name]

    @override
    def __iter__(self) -> Iterator[str]:
        yield from self._variables
        yield from SYSTEM_NAMES

    @override
    def __len__(self) -> int:
        return len(self._variables) + len(SYSTEM_NAMES)
