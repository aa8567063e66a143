"""Flows of other systems: what is sent, and what becomes of it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from flowyard_api.models.problem import FaultView
from flowyard_api.models.shapes import JsonObject, RequestModel, View

MAX_FILES = 200
"""Most files of one import."""

MAX_RULES = 2000
"""Most rules of one table of components; bk-sops itself has about a hundred components."""

ImportMode = Literal["preview", "draft", "publish"]
"""How far an import goes."""

Outcome = Literal["previewed", "draft", "published", "unchanged", "refused"]
"""What has become of one template."""

_RULES_EXAMPLE: dict[str, JsonValue] = {
    "job_fast_execute_script": {
        "plugin": "ssh_script@1.0",
        "inputs": {"script": {"field": "job_content", "as": "verbatim"}},
        "fixed": {"shell": "bash"},
        "outputs": {"log_outputs": "log"},
    }
}

Rules = Annotated[
    dict[str, JsonValue],
    Field(
        max_length=MAX_RULES,
        description="What becomes of components, by code, or by code and version as in"
        " `job_fast_execute_script@v1.0`.",
        examples=[_RULES_EXAMPLE],
    ),
]


class ImportFile(RequestModel):
    """One file."""

    name: str = Field(
        min_length=1,
        max_length=200,
        description="What diagnostics call it. A flow without an id is called after it.",
        examples=["release.yaml"],
    )
    text: str = Field(
        description="A tree of the editor or the engine as JSON, YAML v1, the text of a `.dat`"
        " export, or a2flow v2.",
        examples=["schema_version: v1\nmeta: {name: Release, id: release}\nspec: {nodes: []}\n"],
    )


class ImportFiles(RequestModel):
    """Files to be taken over together; flows of one may run those of another."""

    files: list[ImportFile] = Field(min_length=1, max_length=MAX_FILES)
    components: Rules | None = Field(
        None, description="Rules that stand before those of the project and of Flowyard."
    )
    key_prefix: str = Field(
        "",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,59})?$",
        description="Begins the keys of all templates.",
        examples=["sops-"],
    )
    mode: ImportMode = Field(
        "preview",
        description="`preview` stores nothing; `draft` writes drafts; `publish` publishes what has"
        " no errors, and writes a draft of what has.",
    )


class ImportedTemplateView(View):
    """What has become of one flow."""

    key: str = Field(examples=["release"])
    flow_id: str = Field(description="Its id in the file.", examples=["n5c0f"])
    file: str = Field(examples=["release.yaml"])
    title: str = Field(examples=["Release a service"])
    document: JsonObject = Field(description="The definition.")
    node_ids: dict[str, str] = Field(
        description="Our ids of nodes by theirs, start and end included.",
        examples=[{"node0a1b": "deploy-1"}],
    )
    variable_names: dict[str, str] = Field(
        description="Our names of variables by theirs, which stand without `${}`.",
        examples=[{"_result": "result"}],
    )
    outcome: Outcome
    version: int | None = Field(
        description="The version that is the latest now; null unless the template is published.",
        examples=[1],
    )
    problems: list[FaultView] = Field(
        description="Why it could not be published, beside its diagnostics."
    )


class DiagnosticView(View):
    """One thing that a person should know about an import or an export."""

    file: str = Field(examples=["release.yaml"])
    template: str = Field(
        description="Id of the flow in the file; empty for the file as a whole.",
        examples=["n5c0f"],
    )
    path: list[str | int] = Field(
        description="Where in the file.", examples=[["activities", "node0a1b", "component"]]
    )
    node_id: str | None = Field(description="The node's id in the file.", examples=["node0a1b"])
    severity: Literal["error", "warning", "note"] = Field(
        description="An error has to be changed by a person; a warning is something lost; a note"
        " is something that is written in another way."
    )
    code: str = Field(description="Stable name of the cause.", examples=["unmapped_plugin"])
    reason: str = Field(
        examples=["Expected a component that is mapped to a plugin, but job_execute is none"]
    )
    repair: str = Field(examples=["Extend the table of components, or choose a plugin."])


class ImportView(View):
    """What has become of an import."""

    templates: list[ImportedTemplateView] = Field(
        description="Subflows stand before the templates that run them."
    )
    diagnostics: list[DiagnosticView]


class PutComponents(RequestModel):
    """A project's table of components."""

    rules: Rules


class ComponentsView(View):
    """A project's table of components, which imports use before Flowyard's own."""

    rules: dict[str, JsonValue] = Field(examples=[_RULES_EXAMPLE])
    actor: str | None = Field(
        description="Who wrote it last; null where nobody has.", examples=["ops"]
    )
    updated_at: datetime | None


class ExportView(View):
    """A version in the format of another system."""

    format: Literal["bk-sops-yaml"]
    text: str = Field(
        description="A document for each template, subflows first.",
        examples=["schema_version: v1\nmeta: {name: Release, id: release}\n"],
    )
    diagnostics: list[DiagnosticView] = Field(description="What the format cannot hold.")
