"""The caller's trace, for servers to go on with."""

import sys
from importlib import import_module


def trace_headers() -> dict[str, str]:
    """Return the headers that carry the caller's trace on; none where nobody traces.

    OpenTelemetry is never imported before the caller has done so: without it
    there is no trace to carry.
    """
    if "opentelemetry.trace" not in sys.modules:
        return {}
    headers: dict[str, str] = {}
    import_module("opentelemetry.propagate").inject(headers)
    return headers
