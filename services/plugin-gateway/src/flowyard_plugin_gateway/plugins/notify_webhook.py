"""The webhook channel of ``notify``."""

import httpx
import orjson
from pydantic import JsonValue

from flowyard.clock import Clock
from flowyard.contracts.plugin import Done, Failed, StepContext
from flowyard_plugin_gateway.plugins.http_call import call, calling_headers
from flowyard_plugin_gateway.plugins.notify_models import NotifyInputs, NotifyOutputs, Webhook
from flowyard_plugin_gateway.signing import signed_headers


async def send_webhook(
    client: httpx.AsyncClient,
    clock: Clock,
    context: StepContext,
    inputs: NotifyInputs,
    webhook: Webhook,
) -> Done[NotifyOutputs] | Failed:
    """Post the notification once, and return what came of it."""
    body = orjson.dumps(_payload(context, inputs, webhook))
    headers = calling_headers()
    try:
        headers.update(_own_headers(context, webhook, int(clock.now().timestamp()), body))
        headers.update(webhook.headers)
        request = client.build_request("POST", webhook.url, headers=headers, content=body)
    except (httpx.InvalidURL, ValueError):
        message = "The URL is not valid, or the secret is not the base64 that it says it is."
        return Failed(code="invalid_inputs", message=message)
    answer = await call(client, request, context, timeout_seconds=inputs.timeout)
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


def _own_headers(
    context: StepContext, webhook: Webhook, timestamp: int, body: bytes
) -> dict[str, str]:
    message_id = str(context.attempt_id)
    secrets = () if webhook.secret is None else (webhook.secret,)
    headers = signed_headers(secrets, message_id, timestamp, body)
    return {**headers, "Idempotency-Key": message_id}


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
