"""The webhook channel of ``notify``."""

import base64
import binascii
import hashlib
import hmac

import httpx
import orjson
from pydantic import JsonValue

from flowyard.clock import Clock
from flowyard.contracts.plugin import Done, Failed, StepContext
from flowyard_plugin_gateway.plugins.http_call import call, calling_headers
from flowyard_plugin_gateway.plugins.notify_models import NotifyInputs, NotifyOutputs, Webhook

SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins, not a secret
"""Before a secret that is base64.

Source: the specification of Standard Webhooks.
"""


async def send_webhook(
    client: httpx.AsyncClient,
    clock: Clock,
    context: StepContext,
    inputs: NotifyInputs,
    webhook: Webhook,
) -> Done[NotifyOutputs] | Failed:
    """Post the notification once, and return what came of it."""
    body = orjson.dumps(_payload(context, inputs, webhook))
    headers = calling_headers(context)
    try:
        headers.update(_own_headers(context, webhook, int(clock.now().timestamp()), body))
        headers.update(webhook.headers)
        request = client.build_request("POST", webhook.url, headers=headers, content=body)
    except (httpx.InvalidURL, ValueError):
        message = "The URL is not valid, or the secret is not the base64 that it says it is."
        return Failed(code="invalid_inputs", message=message)
    answer = await call(client, request, timeout_seconds=inputs.timeout)
    if isinstance(answer, Failed):
        return answer
    outputs = NotifyOutputs(
        channel="webhook", message_id=str(context.attempt_id), status=answer.status
    )
    if httpx.codes.is_success(answer.status):
        return Done(outputs)
    return Failed(
        code="http_status",
        message=f"The call was answered with status {answer.status}.",
        outputs=outputs.model_dump(),
    )


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a call, as in ``v1,<base64>``.

    Raises
    ------
    ValueError
        Raised if the secret begins with ``whsec_`` and does not go on in base64.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(_key(secret), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("Expected base64 after whsec_, but found something else") from error


def _own_headers(
    context: StepContext, webhook: Webhook, timestamp: int, body: bytes
) -> dict[str, str]:
    message_id = str(context.attempt_id)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message_id,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
    }
    if webhook.secret is not None:
        headers["webhook-signature"] = sign(webhook.secret, message_id, timestamp, body)
    return headers


def _payload(context: StepContext, inputs: NotifyInputs, webhook: Webhook) -> JsonValue:
    if webhook.payload is not None:
        return webhook.payload
    return {
        "subject": inputs.subject,
        "text": inputs.text,
        "data": inputs.data,
        "project": context.project,
        "instance_id": str(context.instance_id),
        "node_id": context.node_id,
        "attempt": context.number,
    }
