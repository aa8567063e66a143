"""Templates, drafts, versions and what differs between two of them."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from flowyard_api.models.problem import FaultView
from flowyard_api.models.shapes import JsonObject, Name, RequestModel, View

DOCUMENT_EXAMPLE = """\
flowyard: 1
key: release-service
title: Release a service
inputs:
  version: {type: string, default: "1.4.2"}
nodes:
  - id: prepare
    plugin: noop@1.0
"""
"""A small valid document."""


class CreateTemplate(RequestModel):
    """A template to be created, with its document or empty."""

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
    key: str = Field(examples=["release-service"])
    title: str = Field(examples=["Release a service"])
    description: str
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
    variables: list[ItemChangeView] = Field(description="Constants and computed ones.")
    outputs: list[ItemChangeView]
