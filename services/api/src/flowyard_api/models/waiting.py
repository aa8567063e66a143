"""What waits for a person."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from flowyard.storage.waiting import WaitKind, WaitOrder
from flowyard_api.models.shapes import FailureView, View


class WaitingQuery(BaseModel):
    """Which waiting nodes are listed, and in which order."""

    model_config = ConfigDict(frozen=True)

    kind: WaitKind | None = Field(
        None, description="`approval`: a yes or no is asked for; `failure`: something has failed."
    )
    mine: bool = Field(
        default=False,
        description="True keeps approvals that name you or nobody, and failures of instances that"
        " you have started.",
    )
    sort: WaitOrder = Field(
        WaitOrder.SINCE, description="`since`: what waits longest first; `-since`: the newest."
    )


class WaitingView(View):
    """A node that waits for a person, or an instance that failed as a whole."""

    kind: WaitKind
    instance_id: uuid.UUID
    instance_name: str = Field(examples=["Release 1.4.2"])
    instance_status: str = Field(examples=["failed"])
    project: str = Field(examples=["shop"])
    template_id: uuid.UUID
    template: str = Field(
        description="Key of the template; `project/key` for another project's.",
        examples=["release-service"],
    )
    template_title: str = Field(examples=["Release a service"])
    version: int = Field(examples=[2])
    labels: dict[str, str] = Field(examples=[{"team": "shop"}])
    actor: str = Field(description="Who started the instance.", examples=["ops"])
    is_mock: bool
    parent_instance_id: uuid.UUID | None
    node_id: str | None = Field(
        description="Null where the instance has failed as a whole.", examples=["ask"]
    )
    node_name: str = Field(examples=["Release to production?"])
    node_kind: str | None = Field(examples=["activity"])
    plugin: str | None = Field(examples=["approval@1.0"])
    attempt: int | None = Field(description="Number of its latest attempt.", examples=[1])
    since_at: datetime = Field(description="When it began to wait, or failed.")
    until_at: datetime | None = Field(
        description="When it goes on or fails by itself: the end of the wait, or its deadline."
    )
    message: str = Field(
        description="What is asked; empty for failures.", examples=["Release 1.4.2 to production?"]
    )
    approvers: list[str] = Field(
        description="Who is meant to decide; empty for anybody. It is not enforced.",
        examples=[["ops-lead"]],
    )
    is_for_you: bool = Field(description="As the parameter `mine` has it.")
    failure: FailureView | None
    allowed: list[str] = Field(
        description="Operations that the node, or else the instance, allows.",
        examples=[["approve", "reject"]],
    )


class WaitingCountView(View):
    """How much waits for a person, counted up to a bound."""

    approvals: int = Field(examples=[2])
    failures: int = Field(examples=[5])
    bound: int = Field(description="Counting stops there, for each of them.", examples=[1000])
