"""``notify``: tells people or programs something, by a signed webhook or by mail."""

from typing import ClassVar, Literal

import httpx
from typing_extensions import override

from flowyard.clock import Clock, SystemClock
from flowyard.contracts.plugin import Done, Failed, Plugin, StepContext
from flowyard_plugin_gateway.plugins.notify_mail import send_mail
from flowyard_plugin_gateway.plugins.notify_models import NotifyInputs, NotifyOutputs
from flowyard_plugin_gateway.plugins.notify_webhook import send_webhook


class Notify(Plugin[NotifyInputs, NotifyOutputs]):
    """Tells people or programs something, by a signed webhook or by mail.

    It tries once per attempt; whether a failure is tried again is for the node's
    retries to say, and a further attempt is a further notification with an id of
    its own. A mail is sent at most once per attempt, and so is a webhook unless
    `idempotent` says that its receiver drops repetitions. A mail is delivered when
    the server takes it for at least one address.

    Failure codes: for both `connection_failed`, `timeout`, `invalid_inputs`; for a
    webhook `http_status` and `response_too_large`; for a mail
    `authentication_failed`, `tls_failed`, `not_supported`, `mail_refused` (for good),
    `mail_deferred` (for now), and `outcome_unknown` where the connection ended before
    the server said whether it took the mail.
    """

    name = "notify"
    title = "Notify"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "by_inputs"
    inputs_model = NotifyInputs
    outputs_model = NotifyOutputs

    def __init__(self, client: httpx.AsyncClient, clock: Clock | None = None) -> None:
        self._client = client
        self._clock = clock or SystemClock()

    @override
    def is_idempotent(self, inputs: NotifyInputs) -> bool:
        """Tell whether the author says that the receiver drops repetitions; no mailbox does."""
        return inputs.webhook is not None and inputs.webhook.idempotent

    @override
    async def execute(
        self, context: StepContext, inputs: NotifyInputs
    ) -> Done[NotifyOutputs] | Failed:
        """Send it by the channel that was chosen."""
        if inputs.webhook is not None:
            return await send_webhook(self._client, self._clock, context, inputs, inputs.webhook)
        if inputs.mail is not None:
            return await send_mail(self._clock, context, inputs, inputs.mail)
        return Failed(code="invalid_inputs", message="Expected webhook or mail, but found none.")
