"""The yard that every test of the worker works in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from flowyard.contracts.topics import INSTANCE_EVENT, node_ready
from flowyard.messaging.local import LocalBroker
from tests.integration.worker.standin import StandInGateway
from tests.integration.worker.yard import PARTITIONS, Yard


@pytest.fixture
async def yard() -> AsyncIterator[Yard]:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(LocalBroker())
        await broker.ensure_topic(INSTANCE_EVENT, partitions=PARTITIONS)
        for queue in ("default", "night"):
            await broker.ensure_topic(node_ready(queue), partitions=2)
        gateway = await stack.enter_async_context(StandInGateway())
        yield Yard(stack, broker, gateway)
