"""A process that moves ended instances out and stops for good at one point, to be killed there.

``python -m tests.support.dying_retirement URL FOLDER POINT`` prints a line once it is there. Its
points: ``begun`` (the file is open), ``written`` (it is whole, but has no name) and ``named`` (it
lasts, and the database has not committed).
"""

import asyncio
import sys
import time
from datetime import timedelta

from typing_extensions import override

from flowyard.archive.folder import FolderFile, FolderPlace
from flowyard.clock import SystemClock
from flowyard.storage.database import Database
from flowyard.storage.retention import RetentionMode, Rule
from flowyard.telemetry.metrics import Metrics
from flowyard_api.usecases.retiring import Retirement


def stop_here() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    time.sleep(3600)


class DyingPlace(FolderPlace):
    def __init__(self, root: str, point: str) -> None:
        super().__init__(root)
        self._point = point

    @override
    def create(self, name: str) -> FolderFile:
        file = super().create(name)
        if self._point == "begun":
            stop_here()
        commit = file.commit

        def dying() -> None:
            if self._point == "named":
                commit()
            stop_here()

        file.commit = dying  # type: ignore[method-assign]
        return file


async def main(url: str, folder: str, point: str) -> None:
    async with Database(url) as database:
        job = Retirement(
            database=database,
            place=DyingPlace(folder, point),
            default=Rule(mode=RetentionMode.ARCHIVE, after=timedelta(hours=1)),
            metrics=Metrics("api"),
            clock=SystemClock(),
        )
        await job.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
