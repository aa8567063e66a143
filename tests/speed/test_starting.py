"""How soon a new folder has its first flow green."""

import os

from tests.support.dev_server import DevServer

SECONDS = 10.0
"""The goal of ``flowyard dev``, from nothing to the first end of a flow."""


def test_a_new_folder_is_green_with_little_work(fresh_server: DevServer) -> None:
    """Seconds of processor time: those on the wall tell more of a shared machine than of us."""
    before = os.times()
    fresh_server.start()
    done = fresh_server.run("run", "hello", "--wait")
    assert done.status == 0, (done.err, fresh_server.log())
    assert fresh_server.stop() == 0
    after = os.times()

    assert sum(after[2:4]) - sum(before[2:4]) < SECONDS
