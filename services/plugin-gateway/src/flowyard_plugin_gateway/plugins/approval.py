"""``approval``: waits for a person's yes or no."""

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import BaseModel, Field
from typing_extensions import override

from flowyard.contracts.plugin import (
    Done,
    Failed,
    InstantPlugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
    Wait,
)


class ApprovalInputs(PluginInputs):
    """What is asked, and what follows from no."""

    message: str = Field(
        default="",
        max_length=4000,
        description="What the person decides on.",
        examples=["Release ${version} to production?"],
    )
    approvers: list[str] = Field(
        default_factory=list,
        description="Who is meant to decide, for people to read; it is not enforced.",
        examples=[["ops-lead", "release-manager"]],
    )
    on_reject: Literal["fail", "continue"] = Field(
        default="fail",
        description="Whether a no fails the node with code `rejected`, or lets the flow go on"
        " with `approved` false.",
    )
    timeout: float | None = Field(
        default=None,
        gt=0,
        description="Seconds after which the node fails with code `timeout`; left out, it waits"
        " for as long as it takes.",
        examples=[86400],
    )


class ApprovalOutputs(PluginOutputs):
    """What was decided, and by whom."""

    approved: bool = Field(description="The decision.")
    comment: str = Field(default="", description="What the person wrote about it.")
    actor: str = Field(default="", description="Who decided.")


class _Decision(BaseModel):
    """What the scheduler hands over when a person has decided."""

    approved: bool
    comment: str = ""
    actor: str = ""


class Approval(InstantPlugin[ApprovalInputs, ApprovalOutputs]):
    """Waits until a person says yes or no, with a comment."""

    name = "approval"
    title = "Ask for approval"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = ApprovalInputs
    outputs_model = ApprovalOutputs

    @override
    def answer(
        self, context: StepContext, inputs: ApprovalInputs
    ) -> Done[ApprovalOutputs] | Wait | Failed:
        """Wait at the first step; at the next, turn the decision into outputs or a failure."""
        if context.resume is None:
            after = None if inputs.timeout is None else timedelta(seconds=inputs.timeout)
            return Wait(reason="approval", after=after)
        if context.resume.kind == "timer":
            return Failed(code="timeout", message="Nobody decided in time.")
        decision = _Decision.model_validate(context.resume.data)
        outputs = ApprovalOutputs(**decision.model_dump())
        if not decision.approved and inputs.on_reject == "fail":
            return Failed(
                code="rejected",
                message=f"{decision.actor or 'Somebody'} rejected it.",
                outputs=outputs.model_dump(),
            )
        return Done(outputs)
