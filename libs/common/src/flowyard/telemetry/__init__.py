"""What a service tells about itself: metrics, traces, log lines, health.

Nothing here is a module singleton, so that several services live side by side in
one process: each makes its own :class:`~flowyard.telemetry.metrics.Metrics` and
:class:`~flowyard.telemetry.tracing.Tracing` and hands them down.
"""
