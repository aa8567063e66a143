"""A bk-sops flow as every one of its formats tells it; nothing of ours is in it yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Path


class FlowNodeKind(StrEnum):
    """What a node is, by the name that bk-sops gives it."""

    START = "EmptyStartEvent"
    END = "EmptyEndEvent"
    SERVICE = "ServiceActivity"
    SUBPROCESS = "SubProcess"
    EXCLUSIVE = "ExclusiveGateway"
    PARALLEL = "ParallelGateway"
    CONDITIONAL_PARALLEL = "ConditionalParallelGateway"
    CONVERGE = "ConvergeGateway"


KINDS: Mapping[str, FlowNodeKind] = {kind.value: kind for kind in FlowNodeKind}
"""By their names."""

CONDITIONAL_KINDS = (FlowNodeKind.EXCLUSIVE, FlowNodeKind.CONDITIONAL_PARALLEL)
"""Gateways whose ways out have conditions."""

OPTION_DEFAULTS: Mapping[str, JsonValue] = {
    "error_ignorable": False,
    "retryable": True,
    "skippable": True,
    "optional": True,
    "auto_retry": {"enable": False, "interval": 0, "times": 0},
    "timeout_config": {"enable": False},
    "executor_proxy": "",
    "stage_name": "",
    "labels": [],
    "loop": None,
    "extra_info": {},
}
"""Options of a node that are the same in every format, with what they are when left out."""

AUTOMATIC_OUTPUTS = ("_result", "_loop", "_inner_loop")
"""What every node of bk-sops yields besides its plugin's outputs."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One input of a plugin or subflow."""

    value: JsonValue
    is_hooked: bool = False
    """Whether the value is the key of a variable that was made for this very field."""
    is_rendered: bool = True
    """Whether ``${...}`` in it means something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowBranch:
    """One way out of a gateway with conditions."""

    target: str
    condition: str | None = None
    """None for the default way."""
    name: str = ""

    @property
    def is_default(self) -> bool:
        """Tell whether it is taken when no condition holds."""
        return self.condition is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    """One node."""

    node_id: str
    kind: FlowNodeKind
    path: Path
    """Where it stands in the file."""
    name: str = ""
    component: str = ""
    """Code of its plugin; for an end that runs something, the type of that event."""
    version: str = ""
    """Version of its plugin, or of its subflow's template."""
    data: Mapping[str, FieldValue] = field(default_factory=dict)
    """Inputs by name, without ``${}``."""
    template_id: str = ""
    """For subflows."""
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    """Those of :data:`OPTION_DEFAULTS` that are not as when left out, and others as they are."""
    targets: tuple[str, ...] = ()
    """Nodes that it leads to, in order; for gateways with conditions, those of the branches."""
    branches: tuple[FlowBranch, ...] = ()
    """For gateways with conditions, in order."""
    converge_id: str = ""
    """For parallel gateways, where it is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowVariable:
    """One global variable; its name stands without ``${}``."""

    name: str
    path: Path
    title: str = ""
    value: JsonValue = ""
    description: str = ""
    source_type: str = "custom"
    custom_type: str = ""
    source_tag: str = ""
    is_shown: bool = True
    validation: str = ""
    is_meta: bool = False
    version: str = "legacy"
    index: int = 0
    sources: tuple[tuple[str, str], ...] = ()
    """Nodes and their fields or outputs that it comes from."""
    meta: JsonValue = None
    """The form that a meta variable was made of, once a value has taken its place."""
    is_rendered: bool = True
    """Whether ``${...}`` in its value means something."""
    is_early: bool = False
    """Whether it is rendered once, at the start, and not at each use."""
    is_loosely_typed: bool = False
    """Whether nothing is known of the form that asks for it."""

    @property
    def is_output(self) -> bool:
        """Tell whether nodes write it."""
        return self.source_type == "component_outputs"

    @property
    def is_declared(self) -> bool:
        """Tell whether it is the flow's own: those of the system and the project are there."""
        return self.source_type not in ("system", "project")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowScheme:
    """One execution scheme: which of the optional nodes run."""

    scheme_id: str
    name: str
    keeps: tuple[str, ...] = ()
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow."""

    flow_id: str
    path: Path
    """Where it stands in the file."""
    name: str = ""
    description: str = ""
    nodes: Mapping[str, FlowNode]
    """By id, each following what leads to it where that is possible."""
    variables: Mapping[str, FlowVariable] = field(default_factory=dict)
    """By name, in order."""
    outputs: tuple[str, ...] = ()
    """Names of variables that are results."""
    schemes: tuple[FlowScheme, ...] = ()
    positions: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Where nodes stand on its canvas, by id: left and upper edge, in pixels."""
