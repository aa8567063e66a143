"""Plugins and their schemas."""

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
    inputs_schema: JsonObject = Field(description="JSON Schema.", examples=[_SCHEMA])
    outputs_schema: JsonObject = Field(description="JSON Schema.", examples=[_SCHEMA])
