"""``python -m tests.contract.record``: writes the examples of the documentation anew."""

import sys
from pathlib import Path

import orjson

from tests.contract.recording import record
from tests.contract.stage import archive, stage_on
from tests.support.dev_server import temporary_server

TARGET = Path(__file__).parents[2] / "services/api/src/flowyard_api/documentation/examples.json"


def main() -> None:
    """Play every operation on a server of its own, and keep what it answers."""
    with temporary_server() as server:
        # The story's people: who asks, and a secret that somebody has set.
        made = server.run("token", "create", "--actor", "ops", "--data", str(server.folder.path))
        token = made.out.split()[0]
        archive(server, token)
        with stage_on(server.address, token) as stage:
            secret = ("secret", "set", "DEPLOY_TOKEN", "--project", "shop")
            server.run(*secret, "--data", str(server.folder.path), input_text="t0p")
            document = stage.http.get(f"{server.address}/openapi.json").json()
            recorded = record(stage, document)
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    TARGET.write_bytes(orjson.dumps(recorded, option=options))
    sys.stdout.write(f"{len(recorded)} operations: {TARGET}\n")


if __name__ == "__main__":
    main()
