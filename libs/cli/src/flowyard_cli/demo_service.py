"""A small service to be released: it has a version, can be muted, stopped, updated and started.

It stands for whatever a real flow would operate, so that the examples do
something on any machine. It minds the order of operations, and it can be told
to fail: ``POST /failures {"step": "start", "times": 1}``. Beside it stands the fleet of
the larger examples, see :mod:`flowyard_cli.demo_fleet`.
"""

from dataclasses import asdict, dataclass, field

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from flowyard_cli.demo_fleet import RefusedError
from flowyard_cli.demo_fleet_routes import FleetRoutes, refused

STEPS = ("prepare", "mute", "stop", "update", "start", "verify", "unmute")
"""What can be done to the service, in the order of a release."""

MAX_HISTORY = 200
"""How many operations it remembers."""


class WrongMomentError(Exception):
    """Raised when an operation does not fit the service's present state."""


@dataclass(slots=True)
class DemoService:
    """The state of the service, and what may be done to it when."""

    version: str = "1.4.1"
    """What runs, or would run."""
    prepared: str | None = None
    """The version that lies ready to be put in place."""
    is_running: bool = True
    is_muted: bool = False
    """True while nobody is to be alarmed about it."""
    history: list[str] = field(default_factory=list)
    """What was done, oldest first."""
    failures: dict[str, int] = field(default_factory=dict)
    """How often each step is still going to fail."""

    def do(self, step: str, version: str | None) -> None:
        """Carry out one step of a release.

        Raises
        ------
        WrongMomentError
            Raised if the step does not fit the present state, or was told to fail.
        """
        if self.failures.get(step, 0) > 0:
            self.failures[step] -= 1
            raise WrongMomentError(f"{step} failed, as it was told to")
        match step:
            case "prepare":
                self._expect(version is not None, "a version to prepare")
                self.prepared = version
            case "mute" | "unmute":
                self.is_muted = step == "mute"
            case "stop":
                self._expect(self.is_muted, "alarms to be muted first")
                self.is_running = False
            case "update":
                self._update()
            case "start":
                self.is_running = True
            case "verify":
                self._expect(self.is_running, "the service to run")
                wanted = version or self.version
                self._expect(self.version == wanted, f"version {wanted}, not {self.version}")
            case _:
                raise WrongMomentError(f"there is no step {step}")
        self.history = [*self.history, step][-MAX_HISTORY:]

    def _update(self) -> None:
        self._expect(not self.is_running, "the service to be stopped")
        if self.prepared is None:
            raise WrongMomentError("expected a version to be prepared")
        self.version, self.prepared = self.prepared, None

    def _expect(self, holds: bool, what: str) -> None:  # noqa: FBT001
        if not holds:
            raise WrongMomentError(f"expected {what}")


class DemoRoutes:
    """The service's routes, around one state."""

    def __init__(self) -> None:
        self.service = DemoService()

    async def show(self, request: Request) -> JSONResponse:
        """Answer with the whole state."""
        del request
        return JSONResponse(asdict(self.service))

    async def fail(self, request: Request) -> JSONResponse:
        """Have a step fail the next few times."""
        body = await _body(request)
        step, times = body.get("step"), body.get("times", 1)
        if step not in STEPS or not isinstance(times, int):
            return JSONResponse({"error": f"expected a step of {', '.join(STEPS)}"}, 422)
        self.service.failures[str(step)] = times
        return JSONResponse({"step": step, "times": times})

    async def do(self, request: Request) -> JSONResponse:
        """Carry out the step that the address names."""
        version = (await _body(request)).get("version")
        return self._answer(request.path_params["step"], version)

    async def verify(self, request: Request) -> JSONResponse:
        """Tell whether the service runs, in the version that is asked for."""
        return self._answer("verify", request.query_params.get("version"))

    def _answer(self, step: str, version: object) -> JSONResponse:
        try:
            self.service.do(step, str(version) if version is not None else None)
        except WrongMomentError as error:
            return JSONResponse({"step": step, "error": str(error)}, 503)
        state = {"version": self.service.version, "prepared": self.service.prepared}
        return JSONResponse({"step": step, **state})


async def _body(request: Request) -> dict[str, object]:
    content = await request.body()
    try:
        body = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def demo_app() -> Starlette:
    """Return the service as an application, in its first state."""
    routes = DemoRoutes()
    return Starlette(
        routes=[
            Route("/", routes.show, methods=["GET"]),
            Route("/failures", routes.fail, methods=["POST"]),
            Route("/verify", routes.verify, methods=["GET"]),
            *FleetRoutes().routes(),
            Route("/{step}", routes.do, methods=["POST"]),
        ],
        exception_handlers={RefusedError: refused},
    )
