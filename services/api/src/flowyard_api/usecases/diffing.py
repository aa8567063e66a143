"""What differs between two graphs, item by item and field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass

from flowyard.engine.graph import Edge, Graph, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs."""

    field: str
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """One node, edge or variable that differs."""

    item_id: str
    change: str
    """``added``, ``removed`` or ``changed``."""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDiff:
    """Everything that differs, in the order of the later graph."""

    nodes: tuple[ItemChange, ...]
    edges: tuple[ItemChange, ...]
    inputs: tuple[ItemChange, ...]
    variables: tuple[ItemChange, ...]
    """Constants, computed and lazy ones."""
    outputs: tuple[ItemChange, ...]
    schemes: tuple[ItemChange, ...]
    settings: tuple[ItemChange, ...]
    """What holds for the flow as a whole: ``on_failure``."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing differs."""
        return not any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutDiff:
    """Which nodes stand elsewhere on the canvas."""

    items: tuple[ItemChange, ...]
    is_all: bool
    """Whether the documents differ in nothing else, their texts for people included."""


def compare_layouts(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> LayoutDiff:
    """Return how the second of two canonical documents is drawn otherwise than the first."""
    items = _items(_positions(before), _positions(after))
    rest = [{key: one[key] for key in one if key != _LAYOUT} for one in (before, after)]
    return LayoutDiff(items=items, is_all=bool(items) and rest[0] == rest[1])


_LAYOUT = "layout"


def _positions(document: Mapping[str, JsonValue]) -> dict[str, object]:
    layout = document.get(_LAYOUT)
    drawn = layout if isinstance(layout, Mapping) else {}
    return {node_id: {"position": at} for node_id, at in drawn.items()}


def compare(before: Graph, after: Graph) -> GraphDiff:
    """Return what is to be done to the first graph to get the second."""
    return GraphDiff(
        nodes=_items(before.nodes, after.nodes),
        edges=_items(_edges(before.edges), _edges(after.edges)),
        inputs=_items(
            {spec.name: spec for spec in before.inputs}, {spec.name: spec for spec in after.inputs}
        ),
        variables=_items(_variables(before), _variables(after)),
        outputs=_items(_wrapped(before.outputs), _wrapped(after.outputs)),
        schemes=_items(
            {scheme.name: scheme for scheme in before.schemes},
            {scheme.name: scheme for scheme in after.schemes},
        ),
        settings=_items(
            _wrapped({"on_failure": before.on_failure.value}),
            _wrapped({"on_failure": after.on_failure.value}),
        ),
    )


def _edges(edges: Iterable[Edge]) -> dict[str, object]:
    found: dict[str, object] = {}
    for edge in edges:
        name = f"{edge.source} -> {edge.target}"
        # Two ways from one node to another differ by their condition only.
        while name in found:
            name += " (again)"
        found[name] = edge
    return found


def _variables(graph: Graph) -> dict[str, object]:
    constants = {
        name: {"kind": "constant", "value": value} for name, value in graph.constants.items()
    }
    computed = {
        name: {"kind": "computed", "value": value} for name, value in graph.computed.items()
    }
    lazy = {name: {"kind": "lazy", "value": value} for name, value in graph.lazy.items()}
    return {**constants, **computed, **lazy}


def _wrapped(values: Mapping[str, JsonValue]) -> dict[str, object]:
    return {name: {"value": value} for name, value in values.items()}


def _items(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[ItemChange, ...]:
    changes = [ItemChange(item_id=name, change="removed") for name in before if name not in after]
    for name, item in after.items():
        if name not in before:
            changes.append(ItemChange(item_id=name, change="added"))
        elif found := _fields(_flat(before[name]), _flat(item)):
            changes.append(ItemChange(item_id=name, change="changed", fields=found))
    return tuple(changes)


def _fields(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field=name, before=before.get(name), after=after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    )


_OPENED = frozenset({"activity", "subflow", "map", "options", "inputs", "exports"})
"""Fields whose own fields are compared one by one."""


def _flat(item: object) -> dict[str, JsonValue]:
    """Return an item's fields by name, those of what it is made of as ``activity.plugin``."""
    flat: dict[str, JsonValue] = {}
    for name, value in _members(item).items():
        if name in _OPENED and (isinstance(value, Mapping) or is_dataclass(value)):
            flat.update({f"{name}.{inner}": below for inner, below in _flat(value).items()})
        else:
            flat[name] = _plain(value)
    return flat


def _members(item: object) -> dict[str, object]:
    if isinstance(item, Mapping):
        return dict(item)
    if is_dataclass(item):
        return {one.name: getattr(item, one.name) for one in fields(item)}
    raise TypeError(f"Expected something with fields, but got {type(item).__name__}")


def _plain(value: object) -> JsonValue:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(below) for name, below in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(below) for below in value), key=str)
    if isinstance(value, (list, tuple)):
        return [_plain(below) for below in value]
    return {name: _plain(below) for name, below in _members(value).items()}
