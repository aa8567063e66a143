"""Copies of instances."""

from typing import Annotated

from pydantic import Field

from flowyard.engine.operations import MAX_PRIORITY
from flowyard_api.models.commands import NodeId
from flowyard_api.models.shapes import JsonObject, Label, RequestModel


class _Copy(RequestModel):
    """What every copy may have otherwise than what it copies."""

    name: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Null takes that of the other one.",
        examples=["Release 1.4.2, once more"],
    )
    labels: dict[Label, Annotated[str, Field(max_length=500)]] = Field(
        {}, max_length=64, description="Added to those of the other one.", examples=[{"try": "2"}]
    )
    priority: int | None = Field(
        None,
        ge=0,
        le=MAX_PRIORITY,
        description="The higher the sooner; null takes that of the other one.",
        examples=[8],
    )
    start: bool = Field(default=True, description="False leaves it at `created`.")


class CopyOptions(_Copy):
    """How a clone differs from what it copies."""

    inputs: JsonObject = Field(
        {},
        description="Replace inputs of the other one; the rest stays.",
        examples=[{"version": "1.4.3"}],
    )


class RerunOptions(_Copy):
    """Where a rerun begins."""

    node_id: NodeId = Field(examples=["deploy"])
    inputs: JsonObject | None = Field(
        None,
        description="Inputs for the node to begin at, taken as they are; null has them rendered.",
        examples=[{"url": "http://127.0.0.1:9000/deploy"}],
    )
