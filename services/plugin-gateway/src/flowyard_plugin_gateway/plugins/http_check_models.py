"""What ``http_check`` takes and gives."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from flowyard.contracts.plugin import PluginInputs, PluginOutputs
from flowyard_plugin_gateway.comparison import ORDERS, Operator, Order, pattern_of
from flowyard_plugin_gateway.plugins.http_request_models import (
    Auth,
    Pointer,
    StatusRange,
    is_status_in,
)

MAX_COMPARISONS = 50
"""Most comparisons of one rule."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Comparison(_Part):
    """A place in the response and what has to stand there; where nothing stands, it is false."""

    pointer: Pointer = Field(
        default="", description="Where to look, as in `/status`; left out, the whole body."
    )
    operator: Operator = Field(
        default="==",
        description="`contains` looks into a text, a list or an object's names; `matches` searches"
        " a text for a regular expression, without look-around and back references; `exists`"
        " tells that something is there, or with the value false that nothing is.",
    )
    value: JsonValue = Field(default=None, description="What to compare with.", examples=["ready"])

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        value = self.value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if self.operator in ORDERS and not (is_number or isinstance(value, str)):
            raise ValueError(f"{self.operator} needs a number or a text")
        if self.operator == "matches":
            if not isinstance(value, str):
                raise ValueError("matches needs a text")
            pattern_of(value)
        if self.operator == "exists" and not isinstance(value, bool | None):
            raise ValueError("exists needs true, false or nothing")
        return self


Comparisons = Annotated[list[Comparison], Field(max_length=MAX_COMPARISONS)]
"""Comparisons of one rule."""


class Rule(_Part):
    """Comparisons of which all, or any, have to be true; given both, both have to be so."""

    all: Comparisons = Field(default=[], description="Each has to be true.")
    any: Comparisons = Field(default=[], description="One has to be true.")

    @model_validator(mode="after")
    def _has_some(self) -> Self:
        if not (self.all or self.any):
            raise ValueError("give all, any or both")
        return self

    @property
    def comparisons(self) -> list[Comparison]:
        """All that are looked at, in order."""
        return [*self.all, *self.any]


class HttpTarget(_Part):
    """An HTTP endpoint that tells how things are."""

    url: str = Field(
        pattern=r"^https?://", max_length=8192, examples=["https://deploy.example.com/health"]
    )
    method: Literal["GET", "HEAD", "POST"] = Field(
        default="GET",
        description="POST is for endpoints that take a query so: it has to be a read.",
    )
    headers: dict[str, str] = Field(default_factory=dict)
    json_body: JsonValue = Field(default=None, alias="json", description="Sent as JSON, by POST.")
    auth: Auth | None = Field(default=None, description="Taken from secrets.")
    expected_status: list[int | StatusRange] = Field(
        default=["200-299"], min_length=1, description="Statuses and ranges that can pass."
    )
    failing_status: list[int | StatusRange] = Field(
        default_factory=list, description="Statuses and ranges that fail the check at once."
    )
    follow_redirects: bool = False
    pass_when: Rule | None = Field(
        default=None,
        description="What the body has to be, JSON where it is such, else text. Left"
        " out, the status alone decides.",
    )
    fail_when: Rule | None = Field(
        default=None,
        description="Fails the check at once; looked at first, and whatever the status is.",
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.json_body is not None and self.method != "POST":
            raise ValueError("json needs the method POST")
        return self


class Threshold(_Part):
    """What the samples of a query have to be; a NaN is nothing of it."""

    samples: Literal["every", "any"] = "every"
    operator: Order
    value: float


class PrometheusTarget(_Part):
    """A server that answers instant queries at `/api/v1/query`."""

    url: str = Field(
        pattern=r"^https?://",
        max_length=4096,
        description="What stands before `/api/v1/query`.",
        examples=["https://prometheus.example.com"],
    )
    query: str = Field(
        min_length=1,
        max_length=4096,
        description="PromQL that gives a vector or a scalar.",
        examples=['sum(rate(http_errors_total{app="shop"}[5m]))'],
    )
    headers: dict[str, str] = Field(default_factory=dict)
    auth: Auth | None = Field(default=None, description="Taken from secrets.")
    pass_when: Threshold = Field(examples=[{"operator": "<", "value": 0.01}])
    fail_when: Threshold | None = Field(
        default=None, description="Fails the check at once; looked at first."
    )
    on_empty: Literal["pass", "fail", "wait"] = Field(
        default="wait", description="What a result without samples means."
    )


class HttpCheckInputs(PluginInputs):
    """What to look at, exactly one of `http` and `prometheus`, and how often."""

    http: HttpTarget | None = None
    prometheus: PrometheusTarget | None = None
    successes: int = Field(
        default=1, ge=1, le=1000, description="Looks in a row that have to pass."
    )
    interval: float = Field(default=10, ge=0.1, le=86400, description="Seconds between looks.")
    backoff: float = Field(
        default=1,
        ge=1,
        le=10,
        description="Each time between looks is so many times the one before, as long as nothing"
        " passes.",
    )
    max_interval: float = Field(
        default=300, ge=0.1, le=86400, description="Most seconds that `backoff` leads to."
    )
    timeout: float = Field(
        default=3600,
        gt=0,
        le=366 * 24 * 3600,
        description="Seconds after which the check fails with code `check_timeout`; the last look"
        " is then.",
    )
    call_timeout: float = Field(default=10, gt=0, le=50, description="Seconds for each call.")
    max_faults: int = Field(
        default=10,
        ge=1,
        le=100_000,
        description="Calls in a row without a usable answer after which the check fails with that"
        " call's code; fewer count as `not yet`.",
    )
    on_failure: Literal["fail", "continue"] = Field(
        default="fail",
        description="Whether `check_failed` and `check_timeout` fail the node, or let the flow go"
        " on with `passed` false.",
    )

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if (self.http is None) == (self.prometheus is None):
            raise ValueError("give either http or prometheus")
        return self


def accepts(expected: list[int | StatusRange], status: int) -> bool:
    """Tell whether a status is among statuses and ranges."""
    return any(is_status_in(status, part) for part in expected)


class Sample(_Part):
    """One value of a look."""

    labels: dict[str, str] = Field(
        default_factory=dict, description="A query's labels; for `http` the `pointer`."
    )
    value: JsonValue = Field(
        default=None, description="`NaN`, `+Inf` and `-Inf` are texts; what is large is left out."
    )


class HttpCheckOutputs(PluginOutputs):
    """What the last look has found."""

    passed: bool = Field(description="Whether the condition held.")
    looks: int = Field(description="How often it looked.")
    last_status: int | None = Field(default=None, description="HTTP status, if there was one.")
    last_value: JsonValue = Field(default=None, description="The first sample's value.")
    samples: list[Sample] = Field(default_factory=list, description="The first 20 samples.")
