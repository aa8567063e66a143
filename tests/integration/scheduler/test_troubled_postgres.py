"""What Postgres refuses for a while is tried again, and is nobody's incident."""

import pytest

from flowyard.testing.graphs import chain
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Scene, answering, succeeded

TROUBLE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('refusals');
    RAISE EXCEPTION USING ERRCODE = '{code}';
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON instance FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.mark.parametrize("code", ["disk_full", "query_canceled", "read_only_sql_transaction"])
async def test_a_fact_outlives_a_server_that_takes_no_writes_for_a_while(
    scene: Scene, settings: Settings, code: str
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: bool(worker.seen))
        await scene.execute(TROUBLE.format(code=code))
        await worker.report([succeeded(worker.seen[0])])

        async def is_refused_thrice() -> bool:
            rows = await scene.fetch("SELECT last_value FROM refusals")
            return int(str(rows[0]["last_value"])) >= 3

        await scene.until(is_refused_thrice)
        await scene.execute("DROP TRIGGER refuse ON instance")
        await scene.until_status(created, "succeeded")

    assert service.metrics.value("flowyard_scheduler_broken_instances_total") == 0


async def test_a_fault_that_nobody_has_thought_of_is_counted_and_waited_out(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, succeeded),
    ):
        await scene.execute("ALTER TABLE instance RENAME COLUMN outputs TO gone")
        created = await scene.create(template)
        await eventually(
            lambda: service.metrics.value("flowyard_scheduler_failed_batches_total") > 0
        )
        await scene.execute("ALTER TABLE instance RENAME COLUMN gone TO outputs")
        await scene.until_status(created, "succeeded")
