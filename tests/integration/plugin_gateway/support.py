"""A running gateway, its client, and plugins that a test can hold, count and break."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
from opentelemetry.sdk.trace.export import SpanExporter
from pydantic import ConfigDict, SecretStr
from typing_extensions import override

from flowyard.contracts.plugin import (
    Done,
    Failed,
    InstantPlugin,
    Plugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
    Wait,
)
from flowyard.contracts.plugin_api import (
    STEP_MESSAGES,
    STEPS_PATH,
    StepBatch,
    StepFinished,
    StepMessage,
)
from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.storage.database import Database
from flowyard.storage.sealing import Sealer
from flowyard_plugin_gateway.built_in import built_in_plugins
from flowyard_plugin_gateway.main import PluginGatewayService
from flowyard_plugin_gateway.registry import PluginRegistry
from flowyard_plugin_gateway.settings import Settings

KEY = "Zmxvd3lhcmQtdGVzdC1rZXktMzItYnl0ZXMtbG9uZyE="
SEALER = Sealer(KEY)


class ProbeInputs(PluginInputs):
    text: str = ""
    hold: bool = False
    say: str = "done"


class ProbeOutputs(PluginOutputs):
    model_config = ConfigDict(extra="allow", frozen=True)


class Probe(Plugin[ProbeInputs, ProbeOutputs]):
    """Counts its calls, shows what it was given, and may be held until a test lets it go."""

    name = "probe"
    title = "Probe"
    inputs_model = ProbeInputs
    outputs_model = ProbeOutputs

    def __init__(self) -> None:
        self.calls: list[tuple[StepContext, ProbeInputs]] = []
        self.cancels: list[tuple[StepContext, ProbeInputs]] = []
        self.began = asyncio.Event()
        self.go = asyncio.Event()
        self.answers: dict[str, Callable[[ProbeInputs], Any]] = {
            "done": lambda inputs: Done(ProbeOutputs.model_validate({"text": inputs.text})),
            "wait": lambda _: Wait(after=timedelta(seconds=7), state={"page": 2}),
            "wait_without_time": lambda _: Wait(),
            "failed": lambda inputs: Failed(code="no_luck", message=f"Tried {inputs.text}."),
            "junk": lambda _: "what",
            "nul": lambda _: Done(ProbeOutputs.model_validate({"text": "a\x00b"})),
            "escaped_nul": lambda _: Done(ProbeOutputs.model_validate({"text": "\\u0000"})),
            "dollar": lambda _: Done(ProbeOutputs.model_validate({"deep": [{"$secret": "X"}]})),
            "large": lambda _: Done(ProbeOutputs.model_validate({"text": "x" * 300_000})),
            "surrogate": lambda _: Done(ProbeOutputs.model_validate({"text": ["\ud800"]})),
        }

    @override
    async def execute(
        self, context: StepContext, inputs: ProbeInputs
    ) -> Done[ProbeOutputs] | Wait | Failed:
        self.calls.append((context, inputs))
        self.began.set()
        if inputs.hold:
            await self.go.wait()
        if inputs.say == "finish":
            with suppress(asyncio.CancelledError):
                await self.go.wait()
        if inputs.say == "raise":
            raise RuntimeError(f"broken by {inputs.text}")
        if inputs.say == "exit":
            raise SystemExit(3)
        if inputs.say == "ignore_cancel":
            while not self.go.is_set():
                try:
                    await self.go.wait()
                except asyncio.CancelledError:
                    continue
        answer: Done[ProbeOutputs] | Wait | Failed = self.answers.get(
            inputs.say, self.answers["done"]
        )(inputs)
        return answer

    @override
    async def cancel(self, context: StepContext, inputs: ProbeInputs) -> None:
        self.cancels.append((context, inputs))
        context.log(f"stopping {inputs.text}")
        if inputs.say == "exit":
            raise SystemExit(3)
        if inputs.say == "raise":
            raise RuntimeError(f"broken by {inputs.text}")
        if inputs.hold:
            await self.go.wait()


class Prompt(InstantPlugin[ProbeInputs, ProbeOutputs]):
    """Answers at once, or misbehaves."""

    name = "prompt"
    title = "Prompt"
    inputs_model = ProbeInputs
    outputs_model = ProbeOutputs

    @override
    def answer(
        self, context: StepContext, inputs: ProbeInputs
    ) -> Done[ProbeOutputs] | Wait | Failed:
        context.log(f"saying {inputs.say}")
        match inputs.say:
            case "raise":
                raise RuntimeError(f"broken by {inputs.text}")
            case "exit":
                raise SystemExit(3)
            case "cancel":
                raise asyncio.CancelledError
            case "failed":
                return Failed(code="no_luck", message=f"Tried {inputs.text}.")
            case "wait":
                return Wait(after=timedelta(seconds=7))
            case _:
                return Done(ProbeOutputs.model_validate({"text": inputs.text}))


class Pensive(Prompt):
    """Derives from one that answers at once, but awaits nevertheless."""

    name = "pensive"

    @override
    async def execute(
        self, context: StepContext, inputs: ProbeInputs
    ) -> Done[ProbeOutputs] | Wait | Failed:
        await asyncio.sleep(0)
        return await super().execute(context, inputs)


class StrictOutputs(PluginOutputs):
    count: int


class Untrue(Plugin[PluginInputs, StrictOutputs]):
    """Returns what its schema does not allow."""

    name = "untrue"
    title = "Untrue"
    inputs_model = PluginInputs
    outputs_model = StrictOutputs

    @override
    async def execute(self, context: StepContext, inputs: PluginInputs) -> Done[StrictOutputs]:
        return Done(StrictOutputs.model_construct(count="many"))  # type: ignore[arg-type]


class Gateway:
    """A gateway that runs, and its only client."""

    def __init__(self, service: PluginGatewayService, client: httpx.AsyncClient) -> None:
        self.service = service
        self.client = client

    async def stream(self, *steps: ReadyStep) -> AsyncIterator[StepMessage]:
        body = StepBatch(steps=list(steps)).model_dump_json()
        async with self.client.stream("POST", STEPS_PATH, content=body) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                yield STEP_MESSAGES.validate_json(line)

    async def messages(self, *steps: ReadyStep) -> list[StepMessage]:
        return [message async for message in self.stream(*steps)]

    async def result(self, step: ReadyStep) -> StepResult:
        last = (await self.messages(step))[-1]
        assert isinstance(last, StepFinished), last
        return last.result

    async def stored(self) -> None:
        """Return when every outcome so far is stored."""
        await self.service.intake.wait_idle()


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as a condition holds that nothing announces."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.005)


def plain_client(url: str = "") -> httpx.AsyncClient:
    """Return a client for loopback; loading certificates for it would take 0.2 s."""
    return httpx.AsyncClient(
        base_url=url,
        trust_env=False,
        timeout=30,
        verify=False,  # noqa: S501 - it speaks plain HTTP
    )


def settings(database: Database, **changes: Any) -> Settings:
    return Settings(
        **{
            "port": 0,
            "database_url": database.url,
            "secret_key": SecretStr(KEY),
            "callback_url": "https://flowyard.example.com/",
            "drain_seconds": 5,
            **changes,
        }
    )


@asynccontextmanager
async def running_gateway(
    database: Database, probe: Probe, *, exporter: SpanExporter | None = None, **changes: Any
) -> AsyncIterator[Gateway]:
    async with plain_client() as outgoing:
        registry = PluginRegistry(
            [*built_in_plugins(outgoing), probe, Prompt(), Pensive(), Untrue()]
        )
        service = PluginGatewayService(
            settings(database, **changes), registry=registry, exporter=exporter
        )
        async with service, plain_client(service.url) as client:
            yield Gateway(service, client)
