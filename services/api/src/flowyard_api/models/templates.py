"""Templates, drafts, versions and what differs between two of them."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from flowyard_api.models.forms import FormFieldView
from flowyard_api.models.problem import FaultView
from flowyard_api.models.shapes import (
    JsonObject,
    Name,
    NodeId,
    RequestModel,
    SchemeName,
    View,
    never_all_left_out,
)

DOCUMENT_EXAMPLE = """\
flowyard: 1
key: release-service
title: Release a service
description: Builds the image, asks, updates the hosts and looks whether the service serves.
inputs:
  version: {type: string, label: Version, default: "1.4.2"}
  hosts: {type: host_list, label: Hosts, default: [app-1, app-2]}
schemes:
  quick: {description: Without the look beforehand, keeps: []}
nodes:
  - id: lint
    name: Look over the change
    plugin: noop@1.0
    optional: true
  - id: build
    name: Build the image
    plugin: assign@1.0
    inputs: {values: {image: "shop:${version}"}}
    export: {image: image}
  - id: ask
    name: Release to production?
    plugin: approval@1.0
    inputs: {message: "Release ${version} to ${len(hosts)} hosts?", approvers: [ops-lead]}
  - id: deploy
    name: Update a host
    plugin: noop@1.0
    map: {items: "${hosts}"}
  - id: verify
    name: Does it serve?
    plugin: noop@1.0
outputs: {image: "${image}"}
"""
"""A valid document: a release with a question in it."""


class CreateTemplate(RequestModel):
    """A template to be created, with its document or empty."""

    model_config = ConfigDict(json_schema_extra=never_all_left_out("key", "source"))

    key: Name | None = Field(None, description="Required without a document.")
    title: str = Field("", max_length=200, examples=["Release a service"])
    description: str = Field("", max_length=10_000)
    source: str | None = Field(
        None,
        description="The document, YAML or JSON; becomes the draft.",
        examples=[DOCUMENT_EXAMPLE],
    )

    @model_validator(mode="after")
    def _named(self) -> "CreateTemplate":
        if self.key is None and self.source is None:
            raise ValueError("Expected a key or a document, but there is neither")
        return self


class TemplateView(View):
    """One template."""

    template_id: uuid.UUID
    project_id: uuid.UUID
    project: str = Field(description="Its home.", examples=["shop"])
    key: str = Field(examples=["release-service"])
    reference: str = Field(
        description="What other projects call it, where it is visible.",
        examples=["shop/release-service"],
    )
    title: str = Field(examples=["Release a service"])
    description: str
    category: str = Field(examples=["OpsTools"])
    labels: dict[str, str] = Field(examples=[{"team": "shop"}])
    favourite: bool | None = Field(
        None, description="Of the one who asks; null in answers to writes."
    )
    is_common: bool = Field(description="Visible to all projects.")
    deleted_at: datetime | None = Field(description="Its history stays, and so does its key.")
    draft_revision: int = Field(description="Counts the writes of the draft.", examples=[3])
    latest_version: int | None = Field(
        description="What new instances take; null until something is published.", examples=[2]
    )
    created_at: datetime
    updated_at: datetime


class DraftView(View):
    """What is written and not published yet."""

    source: str | None = Field(examples=[DOCUMENT_EXAMPLE])
    revision: int = Field(examples=[3])
    etag: str = Field(description="Send it as `If-Match` with the next write.", examples=['"3"'])
    actor: str | None = Field(
        description="Who wrote it last; null where nobody knows.", examples=["ops"]
    )
    updated_at: datetime | None = Field(description="When; null where nobody knows.")
    problems: list[FaultView] = Field(description="Why it could not be published as it is.")


class Publish(RequestModel):
    """What is said about a publication."""

    note: str = Field("", max_length=2000, examples=["Checks the service after the start"])


class Rollback(RequestModel):
    """Which version is to be the latest again."""

    version: int = Field(ge=1, examples=[1])
    note: str = Field("", max_length=2000, examples=["Version 2 skips the mute"])


class VersionSummaryView(View):
    """One published version, without its content."""

    template_id: uuid.UUID
    number: int = Field(examples=[2])
    content_hash: str = Field(description="SHA-256 in hexadecimal.", examples=["9f86d0818..."])
    note: str = Field(examples=["Checks the service after the start"])
    actor: str = Field(examples=["ops"])
    published_at: datetime


class VersionView(VersionSummaryView):
    """One published version."""

    source: str = Field(description="As it was written.", examples=[DOCUMENT_EXAMPLE])
    document: JsonObject = Field(description="In canonical form.")
    graph: JsonObject = Field(description="Compiled: every node and edge, versions pinned.")
    form: list[FormFieldView] = Field(description="What is asked for at the start, as a form.")


class PublicationView(View):
    """What a publication has led to."""

    version: VersionSummaryView
    changed: bool = Field(description="False when the latest version had the same content.")


class AppliedView(View):
    """What applying a document has led to."""

    template: TemplateView
    version: VersionSummaryView
    changed: bool = Field(description="False when the latest version had the same content.")


class ValidationView(View):
    """What is wrong with a document; nothing when it could be published."""

    problems: list[FaultView]


class PreviewPlan(RequestModel):
    """What an instance would leave out."""

    schemes: list[SchemeName] | None = Field(
        None,
        max_length=50,
        description="Execution schemes; null takes the template's default ones.",
        examples=[["quick"]],
    )
    excluded: list[NodeId] = Field(
        [], max_length=1000, description="Optional nodes to leave out besides.", examples=[["lint"]]
    )


class MissedView(View):
    """Something that is referred to, and that only left-out nodes yield."""

    node_id: str | None = Field(
        description="The node that refers to it; null for the outputs of the flow.",
        examples=["deploy"],
    )
    name: str = Field(description="Of a variable, or `nodes.<id>`.", examples=["nodes.lint"])


class PlanPreviewView(View):
    """What is left of a version."""

    schemes: list[str] = Field(description="Those that are taken.", examples=[["quick"]])
    left_out: list[str] = Field(description="Nodes that would not run.", examples=[["lint"]])
    optional: list[str] = Field(
        description="Nodes that may be left out, as `excluded`.", examples=[["lint", "test"]]
    )
    graph: JsonObject = Field(description="What is left, in the form of a version's graph.")
    missed: list[MissedView] = Field(
        description="Expressions that read these would fail when their node is reached."
    )


class FieldChangeView(View):
    """One field that differs."""

    field: str = Field(examples=["inputs.url"])
    before: JsonValue = Field(examples=["http://old"])
    after: JsonValue = Field(examples=["http://new"])


class ItemChangeView(View):
    """One node, edge or variable that differs."""

    id: str = Field(
        description="Node id, name of the variable, or `source -> target`.", examples=["prepare"]
    )
    change: Literal["added", "removed", "changed"]
    fields: list[FieldChangeView] = Field(description="For changed ones.")


class DiffView(View):
    """What differs between two versions."""

    before: int = Field(examples=[1])
    after: int = Field(examples=[2])
    nodes: list[ItemChangeView]
    edges: list[ItemChangeView]
    inputs: list[ItemChangeView]
    variables: list[ItemChangeView] = Field(description="Constants, computed and lazy ones.")
    outputs: list[ItemChangeView]
    schemes: list[ItemChangeView] = Field(description="Execution schemes.")
    settings: list[ItemChangeView] = Field(
        description="What holds for the flow as a whole: `on_failure`."
    )
    layout: list[ItemChangeView] = Field(
        description="Where nodes stand on the canvas: field `position`, `[x, y]`."
    )
    layout_only: bool = Field(
        description="True where nothing differs but where nodes stand on the canvas."
    )
