"""Gets what traces, metrics, alerts and dashboards are checked with: real servers, no Docker.

Zipkin is one jar, resolved by Maven; the OpenTelemetry collector is built by OpenTelemetry's own
builder from Go modules, whose checksums Go looks up; Prometheus and promtool are a Debian
package. What is made lies under ``.cache/observability``, and is there already the second time.
Building the collector takes some minutes.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from tools.programs import announce, get_all, program, run

ROOT = Path(__file__).parents[1]
"""The project's folder."""

FOLDER = ROOT / ".cache" / "observability"
"""Where it lies."""

SOURCES = ROOT / "tests" / "observability"
"""What the collector is made of: its manifest, and the one part that is ours."""

MANIFEST = "collector.build.yaml"
EXPORTER = "zipkinexporter"

BUILDER = "go.opentelemetry.io/collector/cmd/builder@v0.150.0"
"""What makes collectors; of the release that the manifest names."""

ZIPKIN = "io.zipkin:zipkin-server:3.5.1:jar:exec"
"""Zipkin's server with all that it needs."""

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
"""The goal of Maven that fetches one artifact."""


def prometheus() -> str:
    """Return the path of Prometheus."""
    return program("prometheus", "apt-get install --no-install-recommends prometheus")


def promtool() -> str:
    """Return the path of Prometheus' tool for rules and configurations."""
    return program("promtool", "apt-get install --no-install-recommends prometheus")


def zipkin_path() -> Path:
    """Return where Zipkin's jar lies once it was fetched."""
    _, artifact, version, kind, classifier = ZIPKIN.split(":")
    return FOLDER / f"{artifact}-{version}-{classifier}.{kind}"


def collector_path() -> Path:
    """Return where the collector lies once it was built; another one for other sources."""
    parts = [SOURCES / MANIFEST, *sorted((SOURCES / EXPORTER).iterdir())]
    made_of = b"".join(part.read_bytes() for part in parts)
    return FOLDER / f"collector-{hashlib.sha256(made_of).hexdigest()[:12]}" / "otel-collector"


def fetch_zipkin() -> None:
    """Have Maven fetch Zipkin's jar, if it is not there yet."""
    if zipkin_path().exists():
        return
    maven = program("mvn", "Maven fetches Zipkin's jar")
    wanted = [f"-Dartifact={ZIPKIN}", f"-DoutputDirectory={FOLDER}"]
    run([maven, "-q", "-B", COPY, *wanted], cwd=FOLDER)


def build_collector() -> None:
    """Build the collector, if it is not there yet."""
    target = collector_path()
    if target.exists():
        return
    go = program("go", "the OpenTelemetry collector is built with it")
    announce("the OpenTelemetry collector")
    work = FOLDER / "build"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copy(SOURCES / MANIFEST, work)
    shutil.copytree(SOURCES / EXPORTER, work / EXPORTER)
    run([go, "install", BUILDER], cwd=work, GOBIN=str(work))
    run([str(work / "builder"), "--config", MANIFEST], cwd=work)
    target.parent.mkdir(parents=True, exist_ok=True)
    (work / "built" / target.name).rename(target)
    shutil.rmtree(work)


def main() -> int:
    """Get everything."""
    return get_all(prometheus, promtool, fetch_zipkin, build_collector)


if __name__ == "__main__":
    sys.exit(main())
