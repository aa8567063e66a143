"""Runs of what is not published yet: with canned results, or of one node alone."""

import uuid
from typing import Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from flowyard_api.models.problem import FaultView
from flowyard_api.models.shapes import JsonObject, NodeId, RequestModel, View, never_both

MAX_MOCKS = 1000
"""Most canned results of one run; they are kept with the instance."""

VERSION_DESCRIPTION = "A published version; null takes the draft."
"""What the field ``version`` means to these operations."""

SOURCE_DESCRIPTION = "The text of a document to take instead of the draft: what is not shared yet."
"""What the field ``source`` means to these operations."""


class Tryout(RequestModel):
    """What of a template is tried out."""

    model_config = ConfigDict(json_schema_extra=never_both("version", "source"))

    version: int | None = Field(None, ge=1, description=VERSION_DESCRIPTION, examples=[None])
    source: str | None = Field(None, description=SOURCE_DESCRIPTION, examples=[None])

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.version is not None and self.source is not None:
            raise PydanticCustomError(
                "conflicting_source", "Expected a version or a text, but there are both"
            )
        return self


_NO_RESULT_BESIDE_RUN: JsonDict = {
    "if": {"properties": {"run": {"const": True}}, "required": ["run"]},
    "then": {"properties": {"outputs": {"maxProperties": 0}, "failure": {"type": "null"}}},
}


class MockFailure(RequestModel):
    """The failure that a node is given."""

    code: str = Field(min_length=1, max_length=100, examples=["http_status"])
    message: str = Field(
        "It was to fail", max_length=1000, examples=["Expected status 200, but got 503"]
    )


class MockResult(RequestModel):
    """What becomes of a node: outputs, a failure, or that it is run after all."""

    model_config = ConfigDict(json_schema_extra=_NO_RESULT_BESIDE_RUN)

    outputs: JsonObject = Field({}, examples=[{"build": 1204}])
    failure: MockFailure | None = None
    run: bool = Field(default=False, description="Run it for real.")

    @model_validator(mode="after")
    def _one_result(self) -> Self:
        if self.run and (self.outputs or self.failure is not None):
            raise PydanticCustomError(
                "conflicting_mock", "Expected run alone, but there is a result beside it"
            )
        return self


class MockRun(Tryout):
    """A run in which nothing is done but what is asked for."""

    mocks: dict[str, MockResult] = Field(
        {},
        max_length=MAX_MOCKS,
        description="By node id. Nodes that are not listed succeed without outputs.",
        examples=[{"build": {"outputs": {"image": "app:7"}}}],
    )
    inputs: JsonObject = Field({}, examples=[{"version": "1.4.2"}])
    name: str | None = Field(None, min_length=1, max_length=200, examples=["Before the release"])
    schemes: list[str] | None = Field(
        None, max_length=100, description="Null takes the template's default ones."
    )
    excluded: list[NodeId] = Field(
        [],
        max_length=1000,
        description="Optional nodes to leave out besides.",
        examples=[["lint"]],
    )


class TestNode(Tryout):
    """A run of one node alone, for real."""

    node_id: str = Field(min_length=1, max_length=200, examples=["build"])
    inputs: JsonObject | None = Field(
        None,
        description="Taken as they are instead of rendering the node's own; not for maps.",
        examples=[{"image": "app:7"}],
    )
    variables: JsonObject = Field(
        {},
        description="Values of the template's variables, for rendering the node's own inputs.",
        examples=[{"version": "1.4.2"}],
    )
    name: str | None = Field(None, min_length=1, max_length=200, examples=["Build alone"])


class TriedView(View):
    """An instance that tries something out."""

    instance_id: uuid.UUID
    template_id: uuid.UUID
    version: int = Field(
        description="Negative for what is not published; the same content has the same number.",
        examples=[-1],
    )
    name: str = Field(examples=["Release a service (mocked)"])
    command_id: int | None = Field(description="Of its start command.", examples=[42])
    warnings: list[FaultView] = Field(
        description="Canned outputs that the node's plugin would not give."
    )
