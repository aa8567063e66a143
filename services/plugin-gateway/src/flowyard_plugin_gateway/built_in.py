"""The built-in plugins, made with what they need."""

import httpx

from flowyard.clock import Clock, SystemClock
from flowyard_plugin_gateway.plugins.approval import Approval
from flowyard_plugin_gateway.plugins.assign import Assign
from flowyard_plugin_gateway.plugins.bk_sops_placeholder import BkSopsPlaceholder
from flowyard_plugin_gateway.plugins.fail import Fail
from flowyard_plugin_gateway.plugins.http_check import HttpCheck
from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from flowyard_plugin_gateway.plugins.noop import Noop
from flowyard_plugin_gateway.plugins.noop_idempotent import NoopIdempotent
from flowyard_plugin_gateway.plugins.notify import Notify
from flowyard_plugin_gateway.plugins.sleep import Sleep
from flowyard_plugin_gateway.plugins.wait_callback import WaitCallback
from flowyard_plugin_gateway.registry import AnyPlugin


def built_in_plugins(client: httpx.AsyncClient, clock: Clock | None = None) -> list[AnyPlugin]:
    """Return one of each.

    Parameters
    ----------
    client
        What HTTP calls go through; the caller closes it.
    clock
        None takes the machine's.
    """
    chosen = clock or SystemClock()
    return [
        Approval(),
        Assign(),
        BkSopsPlaceholder(),
        Fail(),
        HttpCheck(client, chosen),
        HttpRequest(client, chosen),
        Noop(),
        NoopIdempotent(),
        Notify(client, chosen),
        Sleep(chosen),
        WaitCallback(),
    ]
