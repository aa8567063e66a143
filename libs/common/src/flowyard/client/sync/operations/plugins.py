"""What can be done with plugins.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from uuid import UUID

from flowyard.client.call import Call, given, segment
from flowyard.client.models import PluginView, StoppedListView, UpdatedListView, UseView
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class Plugins(Group):
    """What can be done with plugins."""

    def get(self, name: str, version: str) -> PluginView:
        """Show a plugin.

        Returns one version of a plugin, with the JSON Schemas of inputs and outputs.

        Parameters
        ----------
        name
            Name of it, as the list shows it.
        version
            Version of the plugin.
        """
        return self._connection.fetch(
            Call("GET", f"/api/v1/plugins/{segment(name)}/{segment(version)}"), PluginView
        )

    def list(self) -> Pages[PluginView]:
        """List plugins.

        Returns every version of every plugin that a plugin gateway hosts, with the JSON Schemas of
        inputs and outputs, all on one page.
        """
        return Pages(self._connection, Call("GET", "/api/v1/plugins"), PluginView)

    def list_uses(
        self,
        name: str,
        version: str,
        *,
        project: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[UseView]:
        """List the uses of a plugin version.

        Returns the nodes that run this version of the plugin, compensations and notices included,
        in all projects: of drafts, of latest versions, and of older versions that open instances
        still run, page by page.

        Parameters
        ----------
        name
            Name of it, as the list shows it.
        version
            Version of the plugin.
        project
            Only templates of this project.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return Pages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/plugins/{segment(name)}/{segment(version)}/uses",
                query={"project": project, "cursor": cursor, "limit": limit},
            ),
            UseView,
        )

    def stop_uses(
        self,
        name: str,
        version: str,
        *,
        project: str | None = None,
        limit: int | None = None,
        idempotency_key: str | None = None,
    ) -> StoppedListView:
        """Stop what uses a plugin version.

        Asks all open instances to end whose template version runs this version of the plugin, the
        oldest first. One cancel command each, which their owners settle: follow `GET
        /instances/{instance_id}/commands/{command_id}`. Those that were asked already are left out,
        so that the same call goes on where the limit was reached.

        Parameters
        ----------
        name
            Name of it, as the list shows it.
        version
            Version of the plugin.
        project
            Only instances of this project.
        limit
            Most instances.
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
                f"/api/v1/plugins/{segment(name)}/{segment(version)}/actions/stop-uses",
                body=given({"project": project, "limit": limit}),
                key=idempotency_key,
                is_keyed=True,
            ),
            StoppedListView,
        )

    def update_uses(
        self,
        name: str,
        version: str,
        *,
        to_version: str,
        project: str | None = None,
        note: str | None = None,
        after: UUID | str | None = None,
        limit: int | None = None,
        idempotency_key: str | None = None,
    ) -> UpdatedListView:
        """Update what uses a plugin version.

        Brings every template that runs this version of the plugin to another version. The text of
        each latest version is changed and published, and drafts are changed in the same places.
        Each template is changed whole or not at all, and `items` tells what became of it: one that
        could not be published any more is refused with the reason, and the others go on. Subflows
        without a version are pinned anew by the publication.

        Parameters
        ----------
        name
            Name of it, as the list shows it.
        version
            Version of the plugin.
        project
            Only templates of this project.
        note
            Of the publications.
        after
            `next_after` of the answer before.
        limit
            Most templates.
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
                f"/api/v1/plugins/{segment(name)}/{segment(version)}/actions/update-uses",
                body={
                    "to_version": to_version,
                    **given({"project": project, "note": note, "after": after, "limit": limit}),
                },
                key=idempotency_key,
                is_keyed=True,
            ),
            UpdatedListView,
        )
