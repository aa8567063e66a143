"""Variables of projects."""

from datetime import datetime

from pydantic import Field, JsonValue, field_validator

from flowyard.engine.input_values import has_reserved_key
from flowyard_api.models.shapes import RequestModel, View


class PutVariable(RequestModel):
    """What a variable is to be."""

    value: JsonValue = Field(
        description="Any JSON, seen as it is by every template of the project. Secrets do not"
        " belong here: they are set by `flowyard secret set`.",
        examples=["eu-central-1"],
    )
    description: str = Field("", max_length=2000, examples=["Where new machines are made"])

    @field_validator("value")
    @classmethod
    def _plain(cls, value: JsonValue) -> JsonValue:
        if has_reserved_key(value):
            raise ValueError("Expected no key that begins with $, but there is one")
        return value


class VariableView(View):
    """A variable of a project."""

    name: str = Field(description="Used as `${project.<name>}`.", examples=["region"])
    value: JsonValue = Field(examples=["eu-central-1"])
    description: str
    actor: str = Field(description="Who wrote it last.", examples=["ops"])
    updated_at: datetime
