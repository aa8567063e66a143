import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from flowyard.telemetry.health import HealthServer, health_routes
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.serving import AddressError, AppServer, AppStartupError


async def _hello(_: Request) -> Response:
    return PlainTextResponse("hello")


HELLO = Starlette(routes=[Route("/", _hello)])


async def test_an_app_answers_on_a_free_port_and_is_gone_afterwards() -> None:
    async with AppServer(HELLO, "127.0.0.1", 0) as server, httpx.AsyncClient() as client:
        assert (await client.get(server.url)).text == "hello"

    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url)


async def test_signals_stay_with_the_process() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    async with AppServer(HELLO, "127.0.0.1", 0):
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_a_taken_port_is_told_clearly() -> None:
    async with AppServer(HELLO, "127.0.0.1", 0) as server:
        with pytest.raises(AddressError, match="in use") as raised:
            await AppServer(HELLO, "127.0.0.1", server.port).__aenter__()

    assert raised.value.port == server.port


async def test_a_failed_lifespan_is_an_error_and_not_an_exit() -> None:
    @asynccontextmanager
    async def broken(_: Starlette) -> AsyncIterator[None]:
        raise RuntimeError("no database")
        yield

    server = AppServer(Starlette(lifespan=broken), "127.0.0.1", 0)

    with pytest.raises(AppStartupError):
        await server.__aenter__()


async def test_an_open_request_may_end_while_the_server_stops() -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        entered.set()
        await release.wait()
        return PlainTextResponse("done")

    server = AppServer(Starlette(routes=[Route("/", slow)]), "127.0.0.1", 0)
    async with httpx.AsyncClient() as client:
        async with server:
            asking = asyncio.create_task(client.get(server.url))
            await entered.wait()
            asyncio.get_running_loop().call_later(0.05, release.set)

        assert (await asking).text == "done"


async def test_an_endless_answer_is_cut_after_the_drain() -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def lines() -> AsyncIterator[bytes]:
        try:
            yield b"first\n"
            entered.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def stream(_: Request) -> Response:
        return StreamingResponse(lines())

    server = AppServer(Starlette(routes=[Route("/", stream)]), "127.0.0.1", 0, drain_seconds=0.05)
    async with httpx.AsyncClient() as client:
        async with server:
            asking = asyncio.create_task(client.get(server.url))
            await entered.wait()

        assert ended.is_set()
        with pytest.raises(httpx.RemoteProtocolError):
            await asking


async def test_leaving_twice_is_harmless() -> None:
    server = AppServer(HELLO, "127.0.0.1", 0)

    async with server:
        pass
    await server.aclose()


async def test_what_is_optional_is_told_and_leaves_a_service_ready() -> None:
    checks = {"database": True, "broker": False}

    async def readiness() -> dict[str, bool]:
        return checks

    app = Starlette(routes=health_routes(Metrics("api"), readiness, optional={"broker"}))
    async with (
        AppServer(app, "127.0.0.1", 0) as server,
        httpx.AsyncClient(base_url=server.url) as client,
    ):
        ready = await client.get("/readyz")
        checks["database"] = False
        unready = await client.get("/readyz")

    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "checks": {"database": True, "broker": False}},
    )
    assert (unready.status_code, unready.json()["ready"]) == (503, False)


async def test_health_readiness_and_metrics_are_served() -> None:
    checks = {"broker": False}

    async def readiness() -> dict[str, bool]:
        return checks

    async with (
        HealthServer("127.0.0.1", 0, Metrics("worker"), readiness) as server,
        httpx.AsyncClient(base_url=server.url) as client,
    ):
        assert (await client.get("/healthz")).text == "ok"
        unready = await client.get("/readyz")
        assert (unready.status_code, unready.json()) == (
            503,
            {"ready": False, "checks": {"broker": False}},
        )
        checks["broker"] = True
        assert (await client.get("/readyz")).status_code == 200
        assert "flowyard_service_info" in (await client.get("/metrics")).text
