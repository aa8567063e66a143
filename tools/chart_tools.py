"""Gets what the Helm chart is checked with: helm itself, and the schemas of KEDA and Prometheus.

All of it comes as Go modules, whose checksums Go looks up. It lies under ``.cache/chart``, and
is there already the second time. Building helm takes some minutes.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.programs import announce, get_all, program, run

ROOT = Path(__file__).parents[1]
"""The project's folder."""

FOLDER = ROOT / ".cache" / "chart"
"""Where it lies."""

HELM = "helm.sh/helm/v4/cmd/helm@v4.3.1"
"""What renders the chart."""

HELM_PATH = FOLDER / HELM.rpartition("@")[2] / "helm"
"""The program, beside others of other releases."""


@dataclass(frozen=True, slots=True)
class Source:
    """Files of one Go module."""

    module: str
    files: tuple[str, ...]


KEDA = Source(
    "github.com/kedacore/keda/v2@v2.21.0",
    (
        "config/crd/bases/keda.sh_scaledobjects.yaml",
        "config/crd/bases/keda.sh_triggerauthentications.yaml",
        "pkg/scalers/authentication/authentication_types.go",
        "pkg/scalers/metrics_api_scaler.go",
        "pkg/scalers/prometheus_scaler.go",
    ),
)
"""Custom resources, and what the two scalers that the chart uses read of a trigger."""

OPERATOR = Source(
    "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    (
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
)
"""The custom resources by which Prometheus finds pods, and gets its alerts."""

SOURCES = (KEDA, OPERATOR)
"""Every module of which files are wanted."""


def kept(source: Source, file: str) -> Path:
    """Return where a file of a module lies once it was fetched."""
    return FOLDER / source.module.replace("/", "+") / Path(file).name


def _go() -> str:
    return program("go", "helm is built with it")


def build_helm() -> None:
    """Build helm, if it is not there yet."""
    if HELM_PATH.exists():
        return
    announce(HELM)
    run([_go(), "install", HELM], cwd=HELM_PATH.parent, GOBIN=str(HELM_PATH.parent))


def fetch(source: Source) -> None:
    """Fetch the files of a module, those that are not there yet."""
    missing = [file for file in source.files if not kept(source, file).exists()]
    if not missing:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    answer = subprocess.run(  # noqa: S603  # our own command
        [_go(), "mod", "download", "-json", source.module],
        cwd=FOLDER,
        check=True,
        capture_output=True,
        text=True,
    )
    folder = Path(json.loads(answer.stdout)["Dir"])
    for file in missing:
        target = kept(source, file)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Modules are read-only, and what copies them would be, too.
        target.write_bytes((folder / file).read_bytes())


def main() -> int:
    """Get everything."""
    return get_all(build_helm, *(partial(fetch, source) for source in SOURCES))


if __name__ == "__main__":
    sys.exit(main())
