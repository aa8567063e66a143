"""What every request may use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flowyard.clock import Clock
from flowyard.storage.database import Database
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.tracing import Tracing
from flowyard_api.actors import Actors
from flowyard_api.admission import Admission
from flowyard_api.catalog import Graphs, PluginCatalog
from flowyard_api.changes import ChangeFeed
from flowyard_api.doorbells import Doorbells
from flowyard_api.log_feeds import LogFeeds
from flowyard_api.settings import Settings
from flowyard_api.usecases.archived_rows import ArchiveReader


@dataclass(slots=True, kw_only=True)
class ApiContext:
    """The long-lived parts of one API process."""

    settings: Settings
    clock: Clock
    database: Database
    doorbells: Doorbells
    changes: ChangeFeed
    actors: Actors
    admission: Admission
    plugins: PluginCatalog
    metrics: Metrics
    tracing: Tracing
    logs: LogFeeds
    graphs: Graphs = field(default_factory=Graphs)
    archive: ArchiveReader = field(default_factory=ArchiveReader)
    """Reads instances that are no longer in the database."""
    is_started: bool = False
    """Whether the schema is checked and the broker known; requests are refused before."""
    streams: int = 0
    """Who looks on now: live views, and requests that wait for an instance."""

    @property
    def has_room(self) -> bool:
        """Tell whether one more may look on."""
        return self.streams < self.settings.max_streams

    @contextmanager
    def looking_on(self) -> Iterator[None]:
        """Count one who looks on, for the length of the block."""
        self.streams += 1
        self.metrics.set("flowyard_api_streams", self.streams)
        try:
            yield
        finally:
            self.streams -= 1
            self.metrics.set("flowyard_api_streams", self.streams)
