"""Plugins and their schemas, and who runs them."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import Field

from flowyard_api.models.shapes import JsonObject, View

_SCHEMA = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}


class PluginView(View):
    """One version of one plugin."""

    name: str = Field(examples=["http_request"])
    version: str = Field(examples=["1.0"])
    title: str = Field(examples=["HTTP request"])
    description: str = Field(examples=["Calls an HTTP address and reads its answer."])
    idempotency: Literal["always", "never", "by_inputs"] = Field(
        description="Whether repeating it at any later time is harmless.", examples=["by_inputs"]
    )
    is_cancellable: bool = Field(
        description="Whether it stops what goes on elsewhere when it is cancelled while it waits."
    )
    inputs_schema: JsonObject = Field(description="JSON Schema.", examples=[_SCHEMA])
    outputs_schema: JsonObject = Field(description="JSON Schema.", examples=[_SCHEMA])


class PluginGatewayView(View):
    """One process that runs plugins."""

    boot_id: uuid.UUID = Field(description="New at every start; claims name it as `runner`.")
    host: str = Field(examples=["node-3"])
    started_at: datetime
    renewed_at: datetime = Field(description="When it last said that it is alive.")
