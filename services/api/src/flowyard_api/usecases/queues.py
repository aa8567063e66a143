"""How much waits in each queue, as its operators read it."""

from collections.abc import Iterable

from flowyard.storage.database import Database
from flowyard.storage.loads import Load, ProjectLoad, QueueLoad, StartsLoad, read_load
from flowyard_api.errors import ApiError
from flowyard_api.models.queues import ProjectLoadView, QueueView


class LoadUnknownError(ApiError):
    """Raised while no scheduler tells what waits."""

    code = "load_unknown"


async def read_queues(database: Database) -> dict[str, QueueView]:
    """Return the queues in which anything waits or goes on, by name.

    Raises
    ------
    LoadUnknownError
        Raised while no scheduler tells what waits: nothing at all is not zero.
    """
    async with database.hot() as connection:
        told = await read_load(connection)
    if not told.schedulers:
        raise LoadUnknownError("Expected a scheduler to have told what waits, but none has lately")
    return _views(told.load)


async def read_queue(database: Database, name: str) -> QueueView:
    """Return one queue, all zeros where nothing goes on; raises like :func:`read_queues`."""
    return (await read_queues(database)).get(name) or _view(QueueLoad(queue=name), ())


def _views(load: Load) -> dict[str, QueueView]:
    known = {queue.queue: queue for queue in load.queues}
    lines: dict[str, list[StartsLoad]] = {}
    for line in load.starts:
        for name in line.queues:
            lines.setdefault(name, []).append(line)
    return {
        name: _view(known.get(name) or QueueLoad(queue=name), lines.get(name, ()))
        for name in sorted(known.keys() | lines.keys())
    }


def _view(queue: QueueLoad, lines: Iterable[StartsLoad]) -> QueueView:
    starts: dict[str, int] = {}
    for line in lines:
        starts[line.project] = starts.get(line.project, 0) + line.waiting
    projects = {project.project: project for project in queue.projects}
    for name in starts.keys() - projects.keys():
        projects[name] = ProjectLoad(project=name)
    return QueueView(
        queue=queue.queue,
        waiting=queue.waiting,
        handed_out=queue.handed_out,
        running=queue.running,
        window=queue.window,
        ended_per_second=queue.rate,
        oldest_waiting_seconds=queue.oldest_seconds,
        waiting_starts=sum(starts.values()),
        oldest_start_seconds=max((line.oldest_seconds for line in lines), default=0.0),
        projects=[
            ProjectLoadView(
                project=one.project,
                waiting=one.waiting,
                handed_out=one.handed_out,
                oldest_waiting_seconds=one.oldest_seconds,
                waiting_starts=starts.get(one.project, 0),
            )
            for one in sorted(projects.values(), key=lambda one: (-one.waiting, one.project))
        ],
    )
