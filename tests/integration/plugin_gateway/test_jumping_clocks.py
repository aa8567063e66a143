"""Whatever this machine's clock does, plugins go by Postgres' time."""

from datetime import datetime, timedelta

import httpx
from typing_extensions import override

from flowyard.clock import SystemClock
from flowyard.contracts.records import ResumeData
from flowyard.storage.database import Database
from flowyard_plugin_gateway.main import PluginGatewayService
from tests.integration.plugin_gateway.support import Gateway, plain_client, settings
from tests.support.steps import insert_attempt, ready_step, step_key

POLLED = {
    "url": "http://builds.test/job",
    "poll": {"url": "http://builds.test/job", "until": {"pointer": "/state", "equals": "done"}},
}


class JumpingClock(SystemClock):
    """The machine's clock, set wrong."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    @override
    def now(self) -> datetime:
        return super().now() + self.ahead


async def test_work_that_is_polled_does_not_time_out_because_a_clock_is_ten_days_ahead(
    database: Database,
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    answering = httpx.MockTransport(lambda _: httpx.Response(200, json={"state": "running"}))
    clock = JumpingClock()
    service = PluginGatewayService(
        settings(database), client=httpx.AsyncClient(transport=answering), clock=clock
    )
    async with service, plain_client(service.url) as client:
        gateway = Gateway(service, client)
        first = ready_step(key, plugin="http_request", inputs=POLLED)
        begun = await gateway.result(first)
        clock.ahead = timedelta(days=10)
        again = first.model_copy(
            update={
                "ref": first.ref.model_copy(update={"step": 1}),
                "state": begun.state,
                "resume": ResumeData(kind="timer"),
            }
        )
        async with database.hot() as connection:
            await connection.execute("UPDATE attempt SET step = 1")
        found = await gateway.result(again)

    assert (begun.outcome, found.outcome, found.code) == ("waiting", "waiting", None)
    assert found.started_at is not None
    assert abs(found.started_at - SystemClock().now()) < timedelta(minutes=1)
