"""Models of versions.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import OPEN, Answer
from flowyard.client.models.shared import DiagnosticView, FaultView, FormFieldView


class FieldChangeView(Answer):
    """One field that differs."""

    field: str
    before: JsonValue
    after: JsonValue


class ItemChangeView(Answer):
    """One node, edge or variable that differs."""

    id: str
    """Node id, name of the variable, or `source -> target`."""
    change: Annotated[Literal["added", "removed", "changed"], OPEN]
    fields: list[FieldChangeView]
    """For changed ones."""


class DiffView(Answer):
    """What differs between two versions."""

    before: int
    after: int
    nodes: list[ItemChangeView]
    edges: list[ItemChangeView]
    inputs: list[ItemChangeView]
    variables: list[ItemChangeView]
    """Constants, computed and lazy ones."""
    outputs: list[ItemChangeView]
    schemes: list[ItemChangeView]
    """Execution schemes."""
    settings: list[ItemChangeView]
    """What holds for the flow as a whole: `on_failure`."""
    layout: list[ItemChangeView]
    """Where nodes stand on the canvas: field `position`, `[x, y]`."""
    layout_only: bool
    """True where nothing differs but where nodes stand on the canvas."""


class ExportView(Answer):
    """A version in the format of another system."""

    format: Annotated[Literal["bk-sops-yaml"], OPEN]
    text: str
    """A document for each template, subflows first."""
    diagnostics: list[DiagnosticView]
    """What the format cannot hold."""


class InputsCheckView(Answer):
    """What a start would say to inputs."""

    form: list[FormFieldView]
    """What is asked for with these schemes: inputs that only left-out nodes use are not required.
    """
    hidden: list[str]
    """Names of inputs that are not asked for with these values."""
    problems: list[FaultView]
    """Why they do not fit."""


class MissedView(Answer):
    """Something that is referred to, and that only left-out nodes yield."""

    node_id: str | None
    """The node that refers to it; null for the outputs of the flow."""
    name: str
    """Of a variable, or `nodes.<id>`."""


class PlanPreviewView(Answer):
    """What is left of a version."""

    schemes: list[str]
    """Those that are taken."""
    left_out: list[str]
    """Nodes that would not run."""
    optional: list[str]
    """Nodes that may be left out, as `excluded`."""
    graph: dict[str, JsonValue]
    """What is left, in the form of a version's graph."""
    missed: list[MissedView]
    """Expressions that read these would fail when their node is reached."""


class VersionView(Answer):
    """One published version."""

    template_id: UUID
    number: int
    content_hash: str
    """SHA-256 in hexadecimal."""
    note: str
    actor: str
    published_at: AwareDatetime
    source: str
    """As it was written."""
    document: dict[str, JsonValue]
    """In canonical form."""
    graph: dict[str, JsonValue]
    """Compiled: every node and edge, versions pinned."""
    form: list[FormFieldView]
    """What is asked for at the start, as a form."""
