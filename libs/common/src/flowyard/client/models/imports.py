"""Models of imports.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal

from pydantic import JsonValue

from flowyard.client.model import OPEN, Answer, Argument
from flowyard.client.models.shared import DiagnosticView, FaultView


class ImportFile(Argument):
    """One file."""

    name: str
    """What diagnostics call it. A flow without an id is called after it."""
    text: str
    """A tree of the editor or the engine as JSON, YAML v1, the text of a `.dat` export.

    Or a2flow v2.
    """


class ImportedTemplateView(Answer):
    """What has become of one flow."""

    key: str
    flow_id: str
    """Its id in the file."""
    file: str
    title: str
    document: dict[str, JsonValue]
    """The definition."""
    node_ids: dict[str, str]
    """Our ids of nodes by theirs, start and end included."""
    variable_names: dict[str, str]
    """Our names of variables by theirs, which stand without `${}`."""
    outcome: Annotated[Literal["previewed", "draft", "published", "unchanged", "refused"], OPEN]
    version: int | None
    """The version that is the latest now; null unless the template is published."""
    problems: list[FaultView]
    """Why it could not be published, beside its diagnostics."""


class ImportView(Answer):
    """What has become of an import."""

    templates: list[ImportedTemplateView]
    """Subflows stand before the templates that run them."""
    diagnostics: list[DiagnosticView]
