"""What can be done with imports.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import ImportFile, ImportView
from flowyard.client.sync.group import Group


class Imports(Group):
    """What can be done with imports."""

    def create(
        self,
        project: str,
        *,
        files: Sequence[ImportFile],
        components: Mapping[str, Json] | None = None,
        key_prefix: str | None = None,
        mode: Literal["preview", "draft", "publish"] | None = None,
        idempotency_key: str | None = None,
    ) -> ImportView:
        """Import flows of bk-sops.

        Reads trees as JSON, YAML v1, `.dat` exports and a2flow v2, and says everything that is lost
        or written in another way. `preview` stores nothing, `draft` writes drafts, `publish`
        publishes subflows before what runs them. A template with errors is kept as a draft and
        `refused`, and so is what runs it; all others go on, and one file that cannot be read stops
        no other. Answered with 200 whatever became of them. At most 16 MiB.

        Parameters
        ----------
        project
            Name of the project, or its id.
        components
            Rules that stand before those of the project and of Flowyard.
        key_prefix
            Begins the keys of all templates.
        mode
            `preview` stores nothing; `draft` writes drafts; `publish` publishes what has no errors,
            and writes a draft of what has.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/imports",
                body={
                    "files": files,
                    **given({"components": components, "key_prefix": key_prefix, "mode": mode}),
                },
                key=idempotency_key,
                is_keyed=True,
            ),
            ImportView,
        )
