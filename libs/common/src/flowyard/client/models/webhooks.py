"""Models of webhooks.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime

from flowyard.client.model import OPEN, Answer
from flowyard.client.models.shared_2 import WebhookEvent

DisabledReason = Literal["person", "gone", "failing", "backlog"]
"""Why a webhook is told nothing."""


class RedeliveredView(Answer):
    """How many deliveries are made again."""

    redelivered: int
    """At most 10000 at once, the latest; ask again for the others."""


class WebhookSecretView(Answer):
    """A webhook with its new secret."""

    webhook_id: UUID
    url: str
    description: str
    events: list[Annotated[WebhookEvent, OPEN]]
    templates: list[str]
    """Empty for all."""
    labels: dict[str, str]
    enabled: bool
    disabled_reason: Annotated[DisabledReason, OPEN] | None
    """`person`: somebody has disabled it; `gone`: its receiver has answered 410; `failing`.

    At least 50 tries in a row have failed, over at least 24 h; `backlog`: more than 100000
    deliveries waited.
    """
    failures: int
    """Tries that have failed since the last success."""
    failing_since: AwareDatetime | None
    """When the first of these was."""
    previous_secret_until: AwareDatetime | None
    """Until when the secret before signs, too."""
    created_by: str
    created_at: AwareDatetime
    updated_by: str
    updated_at: AwareDatetime
    secret: str | None
    """What deliveries are signed with. It is shown this once; null where a key is repeated."""


class WebhookView(Answer):
    """A webhook."""

    webhook_id: UUID
    url: str
    description: str
    events: list[Annotated[WebhookEvent, OPEN]]
    templates: list[str]
    """Empty for all."""
    labels: dict[str, str]
    enabled: bool
    disabled_reason: Annotated[DisabledReason, OPEN] | None
    """`person`: somebody has disabled it; `gone`: its receiver has answered 410; `failing`.

    At least 50 tries in a row have failed, over at least 24 h; `backlog`: more than 100000
    deliveries waited.
    """
    failures: int
    """Tries that have failed since the last success."""
    failing_since: AwareDatetime | None
    """When the first of these was."""
    previous_secret_until: AwareDatetime | None
    """Until when the secret before signs, too."""
    created_by: str
    created_at: AwareDatetime
    updated_by: str
    updated_at: AwareDatetime
