"""The fleet of the larger examples over HTTP."""

from dataclasses import asdict
from typing import TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from flowyard.clock import Clock, SystemClock
from flowyard_cli.demo_fleet import Colour, Fault, Fleet, RefusedError

_Value = TypeVar("_Value")


class Release(BaseModel):
    """The version that something is about."""

    version: str


class Traffic(BaseModel):
    """Which colour has the traffic."""

    live: Colour


_COLOUR: TypeAdapter[Colour] = TypeAdapter(Colour)
_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)
_MESSAGE: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_RELEASE = TypeAdapter(Release)
_TRAFFIC = TypeAdapter(Traffic)


class FleetRoutes:
    """The routes, around one state.

    Parameters
    ----------
    clock
        None takes the machine's; metrics carry a time.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.fleet = Fleet()
        self._clock = clock or SystemClock()

    def routes(self) -> list[Route]:
        """Return all of them."""
        return [
            Route("/calls", self.calls, methods=["GET"]),
            Route("/faults", self.fault, methods=["POST"]),
            Route("/inbox", self.inbox, methods=["GET", "POST"]),
            Route("/hosts", self.hosts, methods=["GET"]),
            Route("/hosts/{host}", self.host, methods=["GET"]),
            Route("/hosts/{host}/{action}", self.operate, methods=["POST"]),
            Route("/services/{service}", self.service, methods=["GET", "PUT"]),
            Route("/services/{service}/health", self.health, methods=["GET"]),
            Route("/alarms/{service}/silences/{by}", self.silence, methods=["PUT", "DELETE"]),
            Route("/bundles/{version}", self.bundle, methods=["PUT"]),
            Route("/traffic", self.traffic, methods=["GET", "PUT"]),
            Route("/colours/{colour}", self.colour, methods=["GET", "PUT", "DELETE"]),
            Route("/backups/{name}", self.backup, methods=["GET"]),
            Route("/certificates/{name}", self.certificate, methods=["GET"]),
            Route("/heartbeats/{name}", self.heartbeat, methods=["POST"]),
            Route("/api/v1/query", self.query, methods=["GET"]),
        ]

    async def calls(self, request: Request) -> JSONResponse:
        """Answer with everything that was done, oldest first."""
        del request
        return JSONResponse(list(self.fleet.calls))

    async def fault(self, request: Request) -> JSONResponse:
        """Have something go wrong."""
        fault = await _read(request, _FAULT)
        self.fleet.fault(fault)
        return JSONResponse(fault.model_dump())

    async def inbox(self, request: Request) -> JSONResponse:
        """Take a message, or answer with all of them."""
        if request.method == "POST":
            self.fleet.receive(await _read(request, _MESSAGE))
        return JSONResponse(list(self.fleet.inbox))

    async def hosts(self, request: Request) -> JSONResponse:
        """Answer with all hosts by name."""
        del request
        return JSONResponse({name: asdict(host) for name, host in self.fleet.hosts.items()})

    async def host(self, request: Request) -> JSONResponse:
        """Answer with one host."""
        return JSONResponse(asdict(self.fleet.host(request.path_params["host"])))

    async def operate(self, request: Request) -> JSONResponse:
        """Drain, undrain or restart a host."""
        host = self.fleet.host(request.path_params["host"])
        match request.path_params["action"]:
            case "drain":
                self.fleet.drain(host)
            case "undrain":
                self.fleet.undrain(host)
            case "restart":
                self.fleet.restart(host, (await _read(request, _RELEASE)).version)
            case action:
                raise RefusedError(f"there is no {action}", 404)
        return JSONResponse(asdict(host))

    async def service(self, request: Request) -> JSONResponse:
        """Answer with the version on record, or change that."""
        if request.method == "PUT":
            self.fleet.record((await _read(request, _RELEASE)).version)
        service = request.path_params["service"]
        return JSONResponse({"service": service, "version": self.fleet.version})

    async def health(self, request: Request) -> JSONResponse:
        """Answer with the share of hosts that serve a version."""
        version = request.query_params.get("version", self.fleet.version)
        return JSONResponse({"version": version, "share": self.fleet.share(version)})

    async def silence(self, request: Request) -> JSONResponse:
        """Mute or unmute the alarms of a service."""
        service, by = request.path_params["service"], request.path_params["by"]
        change = self.fleet.mute if request.method == "PUT" else self.fleet.unmute
        change(service, by)
        return JSONResponse({"service": service, "by": self.fleet.silences.get(service)})

    async def bundle(self, request: Request) -> JSONResponse:
        """Lay a version ready on the hosts."""
        version = request.path_params["version"]
        self.fleet.put_bundle(version)
        return JSONResponse({"version": version})

    async def traffic(self, request: Request) -> JSONResponse:
        """Answer with the colour that has the traffic, or change that."""
        if request.method == "PUT":
            self.fleet.switch((await _read(request, _TRAFFIC)).live)
        return JSONResponse({"live": self.fleet.live})

    async def colour(self, request: Request) -> JSONResponse:
        """Deploy a colour, tear it down, or answer with what is deployed there."""
        colour = _checked(_COLOUR, request.path_params["colour"])
        if request.method == "PUT":
            self.fleet.deploy(colour, (await _read(request, _RELEASE)).version)
        if request.method == "DELETE":
            self.fleet.tear_down(colour)
            return JSONResponse({"colour": colour, "version": None})
        if colour not in self.fleet.colours:
            raise RefusedError(f"expected {colour} to be deployed", 404)
        return JSONResponse({"colour": colour, "version": self.fleet.colours[colour]})

    async def backup(self, request: Request) -> JSONResponse:
        """Answer with the age of a database's last backup."""
        return self._measured(request, "backup_age_hours", "age_hours")

    async def certificate(self, request: Request) -> JSONResponse:
        """Answer with how long a certificate is still good."""
        return self._measured(request, "certificate_days", "days_left")

    def _measured(self, request: Request, metric: str, key: str) -> JSONResponse:
        name = request.path_params["name"]
        return JSONResponse({"name": name, key: self.fleet.metric(f'{metric}{{name="{name}"}}')})

    async def heartbeat(self, request: Request) -> JSONResponse:
        """Take a sign of life."""
        self.fleet.beat(request.path_params["name"])
        return JSONResponse({})

    async def query(self, request: Request) -> JSONResponse:
        """Answer an instant query as Prometheus does; a query is a metric with its labels."""
        value = self.fleet.metric(request.query_params.get("query", ""))
        now = self._clock.now().timestamp()
        result = [] if value is None else [{"metric": {}, "value": [now, str(value)]}]
        data = {"resultType": "vector", "result": result}
        return JSONResponse({"status": "success", "data": data})


async def refused(request: Request, error: Exception) -> JSONResponse:
    """Answer that something cannot be done."""
    del request
    status = error.status if isinstance(error, RefusedError) else 500
    return JSONResponse({"error": str(error)}, status)


async def _read(request: Request, model: TypeAdapter[_Value]) -> _Value:
    try:
        return model.validate_json(await request.body())
    except ValidationError as error:
        raise RefusedError(str(error), 422) from error


def _checked(model: TypeAdapter[_Value], value: object) -> _Value:
    try:
        return model.validate_python(value)
    except ValidationError as error:
        raise RefusedError(str(error), 422) from error
