from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from flowyard.contracts.plugin import Done, Wait
from flowyard_plugin_gateway.plugins.sleep import Sleep, SleepInputs, SleepOutputs
from tests.unit.plugin_gateway.support import NOON, StillClock, context

DONE = Done(SleepOutputs())


@pytest.mark.parametrize(
    ("inputs", "answer"),
    [
        ({"seconds": 30}, Wait(after=timedelta(seconds=30))),
        ({"seconds": 0}, DONE),
        ({"until": NOON + timedelta(hours=1)}, Wait(after=timedelta(hours=1))),
        ({"until": NOON - timedelta(hours=1)}, DONE),
    ],
)
async def test_it_waits_for_a_timer_and_not_at_all_when_the_time_has_come(
    inputs: dict[str, Any], answer: object
) -> None:
    plugin = Sleep(StillClock())

    assert await plugin.execute(context(), SleepInputs(**inputs)) == answer


async def test_it_is_done_when_the_timer_has_run() -> None:
    inputs = SleepInputs(seconds=30)

    assert await Sleep(StillClock()).execute(context(resume="timer"), inputs) == DONE


@pytest.mark.parametrize(
    "inputs", [{}, {"seconds": 1, "until": NOON}, {"seconds": -1}, {"until": "2031-05-01T08:00"}]
)
def test_a_duration_and_a_time_exclude_each_other_and_one_is_needed(
    inputs: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError):
        SleepInputs(**inputs)
