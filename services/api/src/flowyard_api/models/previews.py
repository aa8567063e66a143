"""What nodes would be given if a token entered them now."""

from pydantic import Field, JsonValue

from flowyard_api.models.forms import FormFieldView
from flowyard_api.models.problem import FaultView
from flowyard_api.models.shapes import JsonObject, NodeId, RequestModel, SchemeName, View
from flowyard_api.models.trying import SOURCE_DESCRIPTION


class PreviewInputs(RequestModel):
    """Example inputs to render a draft's nodes with."""

    inputs: JsonObject = Field(
        {}, description="As for a new instance; not all need be there.", examples=[{"count": 2}]
    )
    source: str | None = Field(None, description=SOURCE_DESCRIPTION, examples=[None])


class PreviewProblemView(View):
    """Why an input cannot be rendered."""

    code: str = Field(
        description="`not_known_yet` where something has still to be given, or made by a node.",
        examples=["not_known_yet"],
    )
    message: str = Field(examples=["Expected values that are not known yet: image"])
    expression: str = Field(description="Without its `${` and `}`.", examples=["image"])
    position: int = Field(description="In the expression, in characters from 0.", examples=[0])
    known_names: list[str] = Field(examples=[["count", "instance"]])
    missing: list[str] = Field(
        description="Names of variables, or `nodes.<id>`, that are not known yet.",
        examples=[["image"]],
    )


class InputPreviewView(View):
    """One input of a node."""

    name: str = Field(examples=["url"])
    value: JsonValue = Field(description="As rendered; null where there is a problem.")
    problem: PreviewProblemView | None = None


class NodePreviewView(View):
    """What a node would be given."""

    node_id: str = Field(examples=["prepare"])
    inputs: list[InputPreviewView] = Field(description="In the order of the definition.")


class DraftPreviewView(View):
    """What the nodes of a draft would be given at the start of an instance."""

    form: list[FormFieldView] = Field(description="What is asked for at the start, as a form.")
    problems: list[FaultView] = Field(description="Why the example inputs do not fit.")
    nodes: list[NodePreviewView] = Field(description="All nodes with inputs.")


class CheckInputs(RequestModel):
    """Inputs as somebody is filling them in, for an instance with these schemes."""

    inputs: JsonObject = Field(
        {}, description="As for a new instance; not all need be there.", examples=[{"count": 2}]
    )
    schemes: list[SchemeName] | None = Field(
        None, max_length=50, description="Null takes the template's default ones."
    )
    excluded: list[NodeId] = Field(
        [], max_length=1000, description="Optional nodes to leave out besides."
    )


class InputsCheckView(View):
    """What a start would say to inputs."""

    form: list[FormFieldView] = Field(
        description="What is asked for with these schemes: inputs that only left-out nodes use"
        " are not required."
    )
    hidden: list[str] = Field(
        description="Names of inputs that are not asked for with these values.",
        examples=[["detail"]],
    )
    problems: list[FaultView] = Field(description="Why they do not fit.")
