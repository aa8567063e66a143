"""What docker-compose.yml and the image tell each service, as Docker would."""

import re
from typing import Any

import yaml

from tests.support.project import ROOT
from tools.image_steps import DOCKERFILE, environment_of_image

COMPOSE = ROOT / "docker-compose.yml"
SERVICES = ("api", "scheduler", "worker", "plugin-gateway")

_REFERENCE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


def compose_file() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return content


def interpolated(value: str) -> str:
    """Put in the defaults: in an empty environment nothing else is known."""
    return _REFERENCE.sub(lambda match: match["default"] or "", value)


def compose_environment(service: str) -> dict[str, str]:
    """Return a service's own environment block; what has no value is taken from outside."""
    block: dict[str, str | None] = compose_file()["services"][service].get("environment", {})
    return {name: interpolated(value) for name, value in block.items() if value is not None}


def container_environment(service: str) -> dict[str, str]:
    """Return Flowyard's variables as a container of the service sees them."""
    image = environment_of_image(DOCKERFILE.read_text(encoding="utf-8"))
    merged = image | compose_environment(service)
    return {name: value for name, value in merged.items() if name.startswith("FLOWYARD_")}
