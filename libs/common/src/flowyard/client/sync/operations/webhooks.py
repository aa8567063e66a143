"""What can be done with webhooks.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from flowyard.client.call import Call, given, segment
from flowyard.client.models import (
    DeliveryView,
    RedeliveredView,
    WebhookEvent,
    WebhookSecretView,
    WebhookView,
)
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class Webhooks(Group):
    """What can be done with webhooks."""

    def create(
        self,
        project: str,
        *,
        url: str,
        events: Sequence[WebhookEvent],
        description: str | None = None,
        templates: Sequence[str] | None = None,
        labels: Mapping[str, str] | None = None,
        enabled: bool | None = None,
        idempotency_key: str | None = None,
    ) -> WebhookSecretView:
        """Create a webhook.

        Has an address told what happens in the project: each event is posted as JSON, signed as the
        Standard Webhooks say, and tried again for about a day until the receiver answers with 2xx
        within 15 s. It is told of all that happens once this is answered. The secret is shown in
        this answer only. A project has at most 20 webhooks.

        Parameters
        ----------
        project
            Name of the project, or its id.
        url
            Where to post, by HTTP or HTTPS, without credentials. Redirects are not followed. Plugin
            gateways call it: it has to be reachable from them.
        events
            What it is told.
        templates
            Keys of the templates whose instances it is told of; empty for all.
        labels
            It is told of instances that have all of these labels; empty for all.
        enabled
            False keeps it, and tells it nothing.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        InvalidError
            `too_many_webhooks`: The project has too many webhooks.
        UnavailableError
            `no_sealing_key`: Nobody could open a secret yet.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/webhooks",
                body={
                    "url": url,
                    "events": events,
                    **given(
                        {
                            "description": description,
                            "templates": templates,
                            "labels": labels,
                            "enabled": enabled,
                        }
                    ),
                },
                key=idempotency_key,
                is_keyed=True,
            ),
            WebhookSecretView,
        )

    def delete(
        self, project: str, webhook_id: UUID | str, *, idempotency_key: str | None = None
    ) -> WebhookView:
        """Delete a webhook.

        Takes a webhook away, with its history, and answers with what it was. What waits for it is
        not delivered any more.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.
        """
        return self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}",
                key=idempotency_key,
                is_keyed=True,
            ),
            WebhookView,
        )

    def get(self, project: str, webhook_id: UUID | str) -> WebhookView:
        """Show a webhook.

        Returns what a webhook is told, and whether its receiver answers.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        """
        return self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}"),
            WebhookView,
        )

    def list(
        self, project: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Pages[WebhookView]:
        """List webhooks.

        Returns a project's webhooks in order of creation, page by page, without their secrets.

        Parameters
        ----------
        project
            Name of the project, or its id.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return Pages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/webhooks",
                query={"cursor": cursor, "limit": limit},
            ),
            WebhookView,
        )

    def ping(
        self, project: str, webhook_id: UUID | str, *, idempotency_key: str | None = None
    ) -> DeliveryView:
        """Try a webhook out.

        Sends the event `webhook.ping`, signed and tried again like any other. Follow it by its id
        among the deliveries.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        ConflictError
            `webhook_disabled`: The webhook is disabled.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}/actions/ping",
                key=idempotency_key,
                is_keyed=True,
            ),
            DeliveryView,
        )

    def redeliver(
        self,
        project: str,
        webhook_id: UUID | str,
        *,
        since: datetime,
        idempotency_key: str | None = None,
    ) -> RedeliveredView:
        """Deliver again what was given up.

        Posts all given-up deliveries of events since an instant once more, after a receiver was
        repaired.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        since
            Given-up deliveries of events from then on.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `webhook_disabled`: The webhook is disabled.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}/actions/redeliver",
                body={"since": since},
                key=idempotency_key,
                is_keyed=True,
            ),
            RedeliveredView,
        )

    def rotate_secret(
        self,
        project: str,
        webhook_id: UUID | str,
        *,
        overlap_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> WebhookSecretView:
        """Replace a webhook's secret.

        Gives a webhook a new secret, shown in this answer only. For the overlap deliveries carry
        two signatures, so that the receiver may change over when it likes; without one the old
        secret is worthless at once.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        overlap_seconds
            For how long deliveries are signed with the secret before, too.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        UnavailableError
            `no_sealing_key`: Nobody could open a secret yet.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}/actions/rotate-secret",
                body=given({"overlap_seconds": overlap_seconds}),
                key=idempotency_key,
                is_keyed=True,
            ),
            WebhookSecretView,
        )

    def update(
        self,
        project: str,
        webhook_id: UUID | str,
        *,
        url: str | None = None,
        events: Sequence[WebhookEvent] | None = None,
        description: str | None = None,
        templates: Sequence[str] | None = None,
        labels: Mapping[str, str] | None = None,
        enabled: bool | None = None,
        idempotency_key: str | None = None,
    ) -> WebhookView:
        """Change a webhook.

        Writes what is given, and leaves the rest. What is stored already is delivered to the new
        address. A webhook that is enabled again begins without failures; events that happened while
        it was disabled are not told.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        enabled
            True enables it, also one that Flowyard has disabled; what waits for it is delivered
            then.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return self._connection.fetch(
            Call(
                "PATCH",
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}",
                body=given(
                    {
                        "url": url,
                        "events": events,
                        "description": description,
                        "templates": templates,
                        "labels": labels,
                        "enabled": enabled,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            WebhookView,
        )
