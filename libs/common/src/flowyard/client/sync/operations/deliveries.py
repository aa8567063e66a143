"""What can be done with deliveries.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Literal
from uuid import UUID

from flowyard.client.call import Call, segment
from flowyard.client.models import DeliveryDetailView, DeliveryStatus, DeliveryView, WebhookEvent
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class Deliveries(Group):
    """What can be done with deliveries."""

    def get(
        self, project: str, webhook_id: UUID | str, delivery_id: UUID | str
    ) -> DeliveryDetailView:
        """Show a delivery.

        Returns what is posted, and every try: when, for how long, the status and the beginning of
        the answer, or why there was none.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        delivery_id
            Id of the delivery: the header `webhook-id`.
        """
        return self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}/deliveries/{segment(delivery_id)}",
            ),
            DeliveryDetailView,
        )

    def list(
        self,
        project: str,
        webhook_id: UUID | str,
        *,
        status: DeliveryStatus | None = None,
        event: WebhookEvent | Literal["webhook.ping"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[DeliveryView]:
        """List a webhook's deliveries.

        Returns what a webhook was told, or is to be, the latest first, page by page. Deliveries are
        kept for as many days as the API's `webhook_history_days` says.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        status
            Only those.
        event
            Only this event, or `webhook.ping`.
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
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}/deliveries",
                query={"status": status, "event": event, "cursor": cursor, "limit": limit},
            ),
            DeliveryView,
        )

    def redeliver(
        self,
        project: str,
        webhook_id: UUID | str,
        delivery_id: UUID | str,
        *,
        idempotency_key: str | None = None,
    ) -> DeliveryView:
        """Deliver again.

        Posts a delivery once more, whatever became of it, with the same `webhook-id`: a receiver
        that has seen it may drop it. It is tried again as if it were new.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Id of the webhook, as its creation answered it.
        delivery_id
            Id of the delivery: the header `webhook-id`.
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
                f"/api/v1/projects/{segment(project)}/webhooks/{segment(webhook_id)}/deliveries/{segment(delivery_id)}/actions/redeliver",
                key=idempotency_key,
                is_keyed=True,
            ),
            DeliveryView,
        )
