"""The four dashboards, and where each lies."""

from tools.dashboards.instance_path import INSTANCE_PATH
from tools.dashboards.overview import OVERVIEW
from tools.dashboards.queues import WORKERS_AND_QUEUES
from tools.dashboards.servers import SERVERS

FOLDER = "deploy/observability/grafana/dashboards"
"""Which folder Grafana is given, from the project's folder."""

DASHBOARDS = {
    f"{FOLDER}/{one.uid}.json": one
    for one in (OVERVIEW, INSTANCE_PATH, WORKERS_AND_QUEUES, SERVERS)
}
"""By path from the project's folder."""
