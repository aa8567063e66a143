"""``/healthz``, ``/readyz`` and ``/metrics``, alike in every service."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from types import TracebackType
from typing import Self

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.serving import AppServer

Readiness = Callable[[], Awaitable[dict[str, bool]]]
"""Returns what the service needs and whether it has it now, keyed by a name for people."""

Facts = Callable[[], dict[str, float]]
"""Returns what else is worth knowing of a service that is asked whether it is ready."""

READINESS_TIMEOUT = timedelta(seconds=2)
"""A check that takes longer counts as not ready: an orchestrator asks every few seconds."""


def _no_facts() -> dict[str, float]:
    return {}


def health_routes(
    metrics: Metrics,
    readiness: Readiness,
    facts: Facts = _no_facts,
    *,
    optional: Collection[str] = (),
) -> list[Route]:
    """Return the routes that tell whether a service lives, whether it can work, and its numbers.

    Parameters
    ----------
    metrics
        What ``/metrics`` renders.
    readiness
        What ``/readyz`` asks; 200 when every check holds that is not optional, else 503.
    facts
        What ``/readyz`` tells besides, such as the bound of a takeover in seconds.
    optional
        Names of checks without which the service still does most of its work: they are told,
        and leave it ready.
    """

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        try:
            checks = await asyncio.wait_for(readiness(), READINESS_TIMEOUT.total_seconds())
        except TimeoutError:
            checks = {"answered_in_time": False}
        is_ready = all(holds for name, holds in checks.items() if name not in optional)
        told: dict[str, object] = {"ready": is_ready, "checks": checks}
        if known := facts():
            told["facts"] = known
        return JSONResponse(told, status_code=200 if is_ready else 503)

    async def render_metrics(_: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", render_metrics),
    ]


class HealthServer:
    """The health routes on a port of their own, for services without HTTP.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    metrics, readiness, facts
        As for :func:`health_routes`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        metrics: Metrics,
        readiness: Readiness,
        facts: Facts = _no_facts,
    ) -> None:
        app = Starlette(routes=health_routes(metrics, readiness, facts))
        self._server = AppServer(app, host, port, drain_seconds=1)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._server.port

    @property
    def url(self) -> str:
        """Where a client on this machine reaches it."""
        return self._server.url

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(exc_type, exc, traceback)
