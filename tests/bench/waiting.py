"""A plugin that waits inside the plugin gateway: what takes time without taking a processor."""

import asyncio
from pathlib import Path

from typing_extensions import override

from flowyard.contracts.plugin import Done, Plugin, PluginInputs, PluginOutputs, StepContext
from flowyard_plugin_gateway.registry import ENTRY_POINT_GROUP

PLUGIN = "bench_wait@1.0"
WAIT_SECONDS = 0.1


class WaitInputs(PluginInputs):
    """Nothing."""


class WaitOutputs(PluginOutputs):
    """Nothing."""


class BenchWait(Plugin[WaitInputs, WaitOutputs]):
    """Waits for 100 ms; claimed, like whatever must not run twice."""

    name = "bench_wait"
    title = "Wait in the gateway"
    inputs_model = WaitInputs
    outputs_model = WaitOutputs

    @override
    async def execute(self, context: StepContext, inputs: WaitInputs) -> Done[WaitOutputs]:
        await asyncio.sleep(WAIT_SECONDS)
        return Done(WaitOutputs())


def offer(folder: Path) -> None:
    """Make a folder that offers the plugin to whoever has it on its path, as a distribution."""
    told = folder / "flowyard_bench_wait-1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: flowyard-bench-wait\nVersion: 1.0\n"
    )
    (told / "entry_points.txt").write_text(
        f"[{ENTRY_POINT_GROUP}]\nbench_wait = {BenchWait.__module__}:{BenchWait.__qualname__}\n"
    )
