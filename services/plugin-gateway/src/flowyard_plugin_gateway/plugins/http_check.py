"""``http_check``: a gate that opens when an HTTP endpoint or a metric says so."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal

import httpx
from pydantic import BaseModel
from typing_extensions import override

from flowyard.clock import Clock, SystemClock
from flowyard.contracts.plugin import Done, Failed, Plugin, StepContext, Wait
from flowyard_plugin_gateway.plugins.http_check_look import (
    Look,
    look_at_http,
    look_at_prometheus,
)
from flowyard_plugin_gateway.plugins.http_check_models import (
    HttpCheckInputs,
    HttpCheckOutputs,
    Sample,
)

MOST_BACKOFFS = 100
"""So many intervals may grow one upon the other; `max_interval` holds long before."""

Answer = Done[HttpCheckOutputs] | Wait | Failed


class CheckState(BaseModel):
    """What is kept between two looks."""

    deadline: datetime
    looks: int = 0
    streak: int = 0
    """Looks in a row that passed."""
    misses: int = 0
    """Looks in a row that did not."""
    faults: int = 0
    """Calls in a row without a usable answer."""
    said: str = ""
    """What the last log line was about."""
    last_status: int | None = None
    samples: list[Sample] = []

    def after(self, look: Look) -> "CheckState":
        """Return what is known after one more look."""
        passes = look.verdict == "passes"
        known: dict[str, object] = {
            "looks": self.looks + 1,
            "streak": self.streak + 1 if passes else 0,
            "misses": 0 if passes else self.misses + 1,
            "faults": 0 if look.fault is None else self.faults + 1,
        }
        if look.fault is None:
            known["samples"] = look.samples
        if look.status is not None:
            known["last_status"] = look.status
        return self.model_copy(update=known)

    def outputs(self, *, passed: bool) -> HttpCheckOutputs:
        """Return what the flow gets to know."""
        return HttpCheckOutputs(
            passed=passed,
            looks=self.looks,
            last_status=self.last_status,
            last_value=self.samples[0].value if self.samples else None,
            samples=self.samples,
        )


class HttpCheck(Plugin[HttpCheckInputs, HttpCheckOutputs]):
    """Waits until an HTTP endpoint or a Prometheus query says what it has to say.

    It looks again and again, holding no worker in between, until `successes` looks
    in a row have passed. Failure codes: `check_failed` when `fail_when` holds or a
    failing status comes, `check_timeout` when the time is over; `query_rejected`
    and `invalid_inputs` at once; `connection_failed`, `timeout`,
    `response_too_large`, `http_status` and `invalid_response` (the last two of
    Prometheus only) after `max_faults` of them in a row.
    """

    name = "http_check"
    title = "Check until it holds"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = HttpCheckInputs
    outputs_model = HttpCheckOutputs

    def __init__(self, client: httpx.AsyncClient, clock: Clock | None = None) -> None:
        self._client = client
        self._clock = clock or SystemClock()

    @override
    async def execute(self, context: StepContext, inputs: HttpCheckInputs) -> Answer:
        """Look once, and end or wait for the next look."""
        look = await self._look(context, inputs)
        state = _said(context, self._state(context, inputs).after(look), look)
        if look.fault is not None and (look.is_final or state.faults >= inputs.max_faults):
            return replace(look.fault, outputs=state.outputs(passed=False).model_dump())
        if look.verdict == "fails":
            message = "What was looked at says that the check has failed."
            return _missed(inputs, state, "check_failed", message)
        if state.streak >= inputs.successes:
            return Done(state.outputs(passed=True))
        remaining = state.deadline - self._clock.now()
        if remaining <= timedelta(0):
            message = f"The condition did not hold within {inputs.timeout:g} s."
            return _missed(inputs, state, "check_timeout", message)
        return Wait(
            after=min(_pause(inputs, state), remaining), state=state.model_dump(mode="json")
        )

    async def _look(self, context: StepContext, inputs: HttpCheckInputs) -> Look:
        if inputs.http is not None:
            return await look_at_http(self._client, context, inputs, inputs.http)
        if inputs.prometheus is not None:
            return await look_at_prometheus(self._client, context, inputs, inputs.prometheus)
        message = "Expected http or prometheus, but found none."
        return Look(fault=Failed(code="invalid_inputs", message=message), is_final=True)

    def _state(self, context: StepContext, inputs: HttpCheckInputs) -> CheckState:
        if context.state is not None:
            return CheckState.model_validate(context.state)
        return CheckState(deadline=self._clock.now() + timedelta(seconds=inputs.timeout))


def _said(context: StepContext, state: CheckState, look: Look) -> CheckState:
    about = look.verdict if look.fault is None else look.fault.code
    if about == state.said:
        return state
    # Only changes are told: a check may look thousands of times.
    level: Literal["info", "warning"] = "info" if look.fault is None else "warning"
    context.log("Looked", level=level, found=about, look=state.looks, status=look.status)
    return state.model_copy(update={"said": about})


def _missed(inputs: HttpCheckInputs, state: CheckState, code: str, message: str) -> Answer:
    outputs = state.outputs(passed=False)
    if inputs.on_failure == "continue":
        return Done(outputs)
    return Failed(code=code, message=message, outputs=outputs.model_dump())


def _pause(inputs: HttpCheckInputs, state: CheckState) -> timedelta:
    if state.misses == 0:
        return timedelta(seconds=inputs.interval)
    grown = inputs.interval * inputs.backoff ** min(state.misses - 1, MOST_BACKOFFS)
    return timedelta(seconds=min(grown, max(inputs.max_interval, inputs.interval)))
