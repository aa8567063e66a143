"""The body of every error."""

from pydantic import ConfigDict, Field

from flowyard_api.models.shapes import View


class FaultView(View):
    """What is wrong at one place of the request."""

    loc: list[str | int] = Field(examples=[["body", "inputs", "version"]])
    msg: str = Field(examples=["Expected a value for input version, but none was given"])
    type: str = Field(examples=["missing_input"])
    node_id: str | None = Field(None, description="Of a document: the node that it is about.")
    line: int | None = Field(None, description="Of a document's text, counted from 1.")
    column: int | None = Field(None, description="Of a document's text, counted from 1.")


class ProblemView(View):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str = Field(examples=["urn:flowyard:problem:not_found"])
    title: str = Field(examples=["It does not exist"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["Expected project shop, but there is none"])
    code: str = Field(description="Stable name of the cause.", examples=["not_found"])
    instance: str = Field(
        description="The request's id, as in header `X-Request-ID`.",
        examples=["0197c0de-0000-7000-8000-000000000001"],
    )
    errors: list[FaultView] = Field(description="What is wrong at which place of the request.")
