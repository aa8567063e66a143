"""Webhooks, and the history of what they were told."""

import uuid
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, field_validator
from pydantic_core import PydanticCustomError

from flowyard.contracts.webhooks import WebhookEvent
from flowyard.storage.webhook_claims import DeliveryStatus, DisabledReason
from flowyard_api.models.lists import Instant
from flowyard_api.models.shapes import JsonObject, Label, Name, RequestModel, View

SECRET_EXAMPLE = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - an example
"""A secret as the specification of Standard Webhooks shows one."""

_DELIVERY = "0197c0de-0000-7000-8000-00000000d001"


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_right = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        raise PydanticCustomError(
            "unusable_address", "Expected an address with a host and a port above 0, if any"
        )
    if parts.username is not None or parts.password is not None:
        raise PydanticCustomError(
            "unusable_address", "Expected an address without credentials, but it has some"
        )
    return url


Url = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r"^https?://[^\s\\/?#]+([/?#][^\s\\]*)?$",
        description="Where to post, by HTTP or HTTPS, without credentials. Redirects are not"
        " followed. Plugin gateways call it: it has to be reachable from them.",
        examples=["https://tickets.example/hooks/flowyard"],
    ),
]
Events = Annotated[
    list[WebhookEvent],
    Field(
        min_length=1,
        max_length=len(WebhookEvent),
        description="What it is told.",
        examples=[["instance.failed", "node.waiting_for_approval"]],
    ),
]
Templates = Annotated[
    list[Name],
    Field(
        max_length=50,
        description="Keys of the templates whose instances it is told of; empty for all.",
        examples=[["release-service"]],
    ),
]
Labels = Annotated[
    dict[Label, Annotated[str, Field(max_length=200)]],
    Field(
        max_length=20,
        description="It is told of instances that have all of these labels; empty for all.",
        examples=[{"team": "shop"}],
    ),
]
Description = Annotated[str, Field(max_length=2000, examples=["Opens a ticket per failure"])]


class CreateWebhook(RequestModel):
    """What a webhook is to be."""

    url: Url
    events: Events
    description: Description = ""
    templates: Templates = Field(default_factory=list)
    labels: Labels = Field(default_factory=dict)
    enabled: bool = Field(default=True, description="False keeps it, and tells it nothing.")

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        return _checked_url(url)


class UpdateWebhook(RequestModel):
    """What is to change of a webhook; what is left out stays as it is."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    templates: Templates | None = None
    labels: Labels | None = None
    enabled: bool | None = Field(
        default=None,
        description="True enables it, also one that Flowyard has disabled; what waits for it is"
        " delivered then.",
        examples=[True],
    )

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str | None) -> str | None:
        return None if url is None else _checked_url(url)


class RotateSecret(RequestModel):
    """How a webhook's secret is to be replaced."""

    overlap_seconds: int = Field(
        default=86_400,
        ge=0,
        le=7 * 86_400,
        description="For how long deliveries are signed with the secret before, too.",
        examples=[86_400],
    )


class RedeliverGivenUp(RequestModel):
    """Which deliveries are to be made again."""

    since: Instant = Field(
        description="Given-up deliveries of events from then on.",
        examples=["2026-01-02T03:00:00Z"],
    )


class WebhookView(View):
    """A webhook."""

    webhook_id: uuid.UUID
    url: str = Field(examples=["https://tickets.example/hooks/flowyard"])
    description: str = Field(examples=["Opens a ticket per failure"])
    events: list[WebhookEvent] = Field(examples=[["instance.failed", "node.waiting_for_approval"]])
    templates: list[str] = Field(description="Empty for all.", examples=[["release-service"]])
    labels: dict[str, str] = Field(examples=[{"team": "shop"}])
    enabled: bool
    disabled_reason: DisabledReason | None = Field(
        description="`person`: somebody has disabled it; `gone`: its receiver has answered 410;"
        " `failing`: at least 50 tries in a row have failed, over at least 24 h; `backlog`: more"
        " than 100000 deliveries waited."
    )
    failures: int = Field(description="Tries that have failed since the last success.")
    failing_since: datetime | None = Field(description="When the first of these was.")
    previous_secret_until: datetime | None = Field(
        description="Until when the secret before signs, too."
    )
    created_by: str = Field(examples=["ops"])
    created_at: datetime
    updated_by: str = Field(examples=["ops"])
    updated_at: datetime


class WebhookSecretView(WebhookView):
    """A webhook with its new secret."""

    secret: str | None = Field(
        description="What deliveries are signed with. It is shown this once; null where a key"
        " is repeated.",
        examples=[SECRET_EXAMPLE],
    )


class DeliveryView(View):
    """One event for one webhook."""

    delivery_id: uuid.UUID = Field(
        description="The header `webhook-id`, the same with every try.", examples=[_DELIVERY]
    )
    event: str = Field(
        description="One of the events, or `webhook.ping`.", examples=["instance.failed"]
    )
    instance_id: uuid.UUID | None = Field(description="Null for a test.")
    occurred_at: datetime
    status: DeliveryStatus
    attempts: int = Field(description="How often it was tried.", examples=[1])
    next_at: datetime | None = Field(description="When it is tried next; null once it is settled.")
    settled_at: datetime | None = Field(description="When it was delivered, or given up.")


class DeliveryAttemptView(View):
    """One try to deliver."""

    number: int = Field(examples=[1])
    started_at: datetime
    duration_ms: int = Field(examples=[87])
    status_code: int | None = Field(description="Null without an answer.", examples=[503])
    error: str | None = Field(
        description="Why it does not count; null where it does.",
        examples=["Answered with status 503."],
    )
    response: str = Field(description="At most 1 KiB of the answer.", examples=["Try later"])


class DeliveryDetailView(DeliveryView):
    """One event for one webhook, with what is sent and every try to send it."""

    payload: JsonObject = Field(
        description="The body that is posted.",
        examples=[
            {
                "type": "instance.failed",
                "timestamp": "2026-01-02T03:04:05+00:00",
                "data": {"project": "shop", "revision": 7, "sequence": 0, "instance": {}},
            }
        ],
    )
    tries: list[DeliveryAttemptView] = Field(description="The latest 100, the latest first.")


class RedeliveredView(View):
    """How many deliveries are made again."""

    redelivered: int = Field(
        description="At most 10000 at once, the latest; ask again for the others.", examples=[12]
    )


class WebhookChangeView(View):
    """Something that was done to a webhook."""

    change_id: int
    webhook_id: uuid.UUID
    kind: str = Field(
        description="`created`, `updated`, `enabled`, `disabled`, `secret_rotated`, `pinged`,"
        " `redelivered` or `deleted`.",
        examples=["updated"],
    )
    detail: dict[str, JsonValue] = Field(examples=[{"fields": ["url"]}])
    actor: str = Field(description="`flowyard` for what no person has done.", examples=["ops"])
    created_at: datetime
