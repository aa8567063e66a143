"""What ``http_request`` takes and gives."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from flowyard.contracts.plugin import PluginInputs, PluginOutputs

Pointer = Annotated[str, Field(pattern=r"^(/.*)?$", examples=["/status"])]
"""JSON pointer (RFC 6901) into a response."""

StatusRange = Annotated[str, Field(pattern=r"^[1-5][0-9]{2}(-[1-5][0-9]{2})?$")]
"""A status, or the first and last of a range."""

READ_METHODS = frozenset({"GET", "HEAD"})
"""Methods that are harmless when repeated at any later time.

PUT and DELETE are not: repeated late, they undo what came after them.
"""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BearerAuth(_Part):
    """A token in the header ``Authorization``."""

    type: Literal["bearer"]
    token: str = Field(min_length=1, examples=["${secrets.DEPLOY_TOKEN}"])


class BasicAuth(_Part):
    """Name and password in the header ``Authorization``."""

    type: Literal["basic"]
    username: str
    password: str = Field(examples=["${secrets.DEPLOY_PASSWORD}"])


class HeaderAuth(_Part):
    """A key in a header of its own."""

    type: Literal["header"]
    name: str = Field(min_length=1, examples=["X-Api-Key"])
    value: str = Field(examples=["${secrets.API_KEY}"])


Auth = Annotated[BearerAuth | BasicAuth | HeaderAuth, Field(discriminator="type")]
"""How the call proves who makes it."""


class Condition(_Part):
    """A place in the response and what it has to be."""

    pointer: Pointer = Field(description="Where to look, as in `/status`.")
    equals: JsonValue = Field(default=None, description="The value that it has to be.")
    one_of: list[JsonValue] | None = Field(
        default=None, description="Instead of `equals`: any of these values."
    )


class Poll(_Part):
    """How to follow work that the first call has begun."""

    url: str | None = Field(
        default=None,
        description="Asked by GET. `{/pointer}` is replaced by what stands there in the first"
        " response. Left out, the first response's Location, else the URL of the first call.",
        examples=["https://builds.example.com/jobs/{/id}"],
    )
    interval: float = Field(default=10, ge=0.1, le=86400, description="Seconds between questions.")
    until: Condition = Field(description="When the work has ended well.")
    failed_when: Condition | None = Field(
        default=None,
        description="When the work has failed: the node fails with code `poll_failed`.",
    )
    timeout: float = Field(
        default=3600,
        gt=0,
        description="Seconds after which the node fails with code `timeout`.",
    )


class HttpRequestInputs(PluginInputs):
    """The request, what to expect, and what to take from the response."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    url: str = Field(
        pattern=r"^https?://",
        max_length=8192,
        examples=["https://deploy.example.com/releases"],
    )
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str | int | float | bool | list[str]] = Field(
        default_factory=dict, description="Added to the URL, encoded."
    )
    json_body: JsonValue = Field(
        default=None,
        alias="json",
        description="Sent as JSON.",
        examples=[{"version": "${version}"}],
    )
    body: str | None = Field(default=None, description="Sent as it is, instead of `json`.")
    auth: Auth | None = Field(default=None, description="Taken from secrets.")
    expected_status: list[int | StatusRange] = Field(
        default=["200-299"],
        min_length=1,
        description="Statuses and ranges that count as success; else the node fails with code"
        " `http_status`.",
        examples=[[200, 404], ["200-299", 409]],
    )
    timeout: float = Field(
        default=30,
        gt=0,
        le=60,
        description="Seconds for the whole call. Longer work is followed by `poll` or `callback`.",
    )
    follow_redirects: bool = False
    response: Literal["auto", "json", "text", "none"] = Field(
        default="auto",
        description="What becomes of the body: `auto` reads JSON where the response says so,"
        " `none` leaves it out of the outputs; `extract` still sees it.",
    )
    extract: dict[str, Pointer] = Field(
        default_factory=dict,
        description="Names and JSON pointers into the body: each becomes an entry of `values`.",
        examples=[{"build": "/id", "first": "/items/0/name"}],
    )
    idempotent: bool | None = Field(
        default=None,
        description="Whether repeating the call at any later time is harmless. Left out, that is"
        " so for GET and HEAD only; all others run at most once per attempt.",
    )
    poll: Poll | None = Field(
        default=None, description="Long work: ask again and again, holding no worker."
    )
    callback: bool = Field(
        default=False,
        description="Long work: wait until the receiver calls back, holding no worker. Wherever"
        " `{callback_url}` stands in the URL, headers, `json` or `body`, the address to call is"
        " put; where it stands nowhere, it goes in the header `X-Flowyard-Callback-Url`.",
    )
    callback_timeout: float | None = Field(
        default=None,
        gt=0,
        description="Seconds after which a missing callback fails the node with code `timeout`.",
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.json_body is not None and self.body is not None:
            raise ValueError("give either json or body")
        if self.poll is not None and self.callback:
            raise ValueError("give either poll or callback")
        return self

    @property
    def is_repeatable(self) -> bool:
        """Tell whether the call is harmless when repeated at any later time."""
        return self.method in READ_METHODS if self.idempotent is None else self.idempotent

    def accepts(self, status: int) -> bool:
        """Tell whether a status counts as success."""
        return any(is_status_in(status, expected) for expected in self.expected_status)


def is_status_in(status: int, expected: int | str) -> bool:
    """Tell whether a status is the one that is expected, or in the range."""
    if isinstance(expected, int):
        return status == expected
    first, _, last = expected.partition("-")
    return int(first) <= status <= int(last or first)


class HttpRequestOutputs(PluginOutputs):
    """What came back."""

    status: int = Field(description="HTTP status; with `poll`, of the last response.")
    headers: dict[str, str] = Field(
        default_factory=dict, description="Some of the response's headers, in lower case."
    )
    body: JsonValue = Field(
        default=None, description="JSON or text; with `callback`, what was called back."
    )
    values: dict[str, JsonValue] = Field(default_factory=dict, description="What was extracted.")
    elapsed_seconds: float = Field(default=0, description="Duration of the last call.")
