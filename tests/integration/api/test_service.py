import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError
from sqlalchemy import select

from flowyard.messaging.local import LocalBroker
from flowyard.storage.database import Database
from flowyard.storage.errors import SchemaMismatchError
from flowyard.storage.schema import instance
from flowyard.telemetry.tracing import Tracing
from flowyard_api.main import ApiService
from flowyard_api.settings import Settings
from tests.support.api import eventually, running_api

ABSENT = "postgresql://nobody@127.0.0.1:1/none"


async def test_a_database_without_tables_is_refused_at_once(empty_database_uri: str) -> None:
    async with LocalBroker() as broker:
        service = ApiService(Settings(database_url=empty_database_uri, port=0), broker=broker)

        with pytest.raises(SchemaMismatchError):
            await service.__aenter__()


async def test_while_the_database_is_absent_it_lives_and_is_not_ready() -> None:
    async with (
        LocalBroker() as broker,
        ApiService(Settings(database_url=ABSENT, port=0), broker=broker) as service,
        httpx.AsyncClient(base_url=service.url) as client,
    ):
        health = await client.get("/healthz")
        ready = await client.get("/readyz")
        request = await client.get("/api/v1/me")

    assert health.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["checks"] == {
        "started": False,
        "database": False,
        "broker": True,
        "live_views": False,
        "release": True,
    }
    assert (request.status_code, request.json()["code"]) == (503, "starting")


async def test_while_the_broker_is_absent_it_lives_and_starts_when_it_comes(
    database: Database,
) -> None:
    broker = LocalBroker()
    async with ApiService(Settings(database_url=database.url, port=0), broker=broker) as service:
        assert not service.context.is_started
        async with broker:
            await eventually(lambda: service.context.is_started)


async def test_closing_twice_is_safe(database: Database) -> None:
    async with running_api(database) as api:
        await api.service.__aexit__(None, None, None)


async def test_an_instance_carries_the_trace_that_its_request_came_with(
    database: Database,
) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing("api", exporter=exporter)
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with running_api(database, tracing=tracing) as api:
        await api.publish()
        answer = await api.client.post(
            "/api/v1/projects/shop/instances",
            json={"template": "release"},
            headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"},
        )
        shown = (await api.client.get(answer.headers["location"])).json()
        async with database.transaction() as connection:
            stored = await connection.scalar(select(instance.c.traceparent))

    spans = {
        span.name: span
        for span in exporter.get_finished_spans()
        if format(span.context.trace_id, "032x") == trace_id
    }
    start, request = spans["instance.start"], spans["api.request"]
    assert start.parent is not None
    assert start.parent.span_id == request.context.span_id
    assert stored == f"00-{trace_id}-{start.context.span_id:016x}-01"
    assert shown["trace_id"] == trace_id
    assert shown["trace_url"] is None


@pytest.mark.parametrize(("trace", "has_link"), [("always", True), ("never", False)])
async def test_an_instance_links_to_its_trace_only_if_that_is_recorded(
    database: Database, *, trace: str, has_link: bool
) -> None:
    template = "https://jaeger.example.com/trace/{trace_id}?uiEmbed=v0"
    async with running_api(database, trace_url=template) as api:
        await api.publish()
        answer = await api.client.post(
            "/api/v1/projects/shop/instances", json={"template": "release", "trace": trace}
        )
        shown = (await api.client.get(answer.headers["location"])).json()

    link = f"https://jaeger.example.com/trace/{shown['trace_id']}?uiEmbed=v0"
    assert shown["trace_url"] == (link if has_link else None)


@pytest.mark.parametrize(
    "template", ["https://jaeger.example.com/", "jaeger/{trace_id}", "javascript:{trace_id}", ""]
)
def test_a_trace_url_that_leads_to_no_trace_is_refused(template: str) -> None:
    with pytest.raises(ValidationError, match="trace_id"):
        Settings(database_url=ABSENT, trace_url=template)
