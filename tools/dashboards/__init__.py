"""Makes the Grafana dashboards of ``deploy/observability/grafana/dashboards``.

What is provisioned is their JSON; it is made here because four dashboards are some thousand lines
of it, of which a reader wants the questions, the expressions and the units.
"""
