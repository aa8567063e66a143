"""What can be done with instances.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Sequence
from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, given, segment
from flowyard.client.models import InstanceFilter, TakenListView


class InstancesMany(Group):
    """What can be done with instances."""

    async def cancel_many(
        self,
        project: str,
        *,
        instance_ids: Sequence[UUID | str] | None = None,
        filter: InstanceFilter | None = None,
        rollback: bool | None = None,
        priority: int | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many instances.

        Starts, pauses, resumes or cancels instances, or changes their priority: those that are
        named, or those that a filter finds. Up to 500 are taken; `items` tells of each its command,
        or why it was refused as a request for it alone would have been. One that is refused holds
        the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        filter
            As the list of instances takes it. Only those are found whose status allows the
            operation, at most 500, the newest first.
        rollback
            For `cancel`: undo what has succeeded.
        priority
            For `set-priority`, which needs it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/instances/actions/cancel",
                body=given(
                    {
                        "instance_ids": instance_ids,
                        "filter": filter,
                        "rollback": rollback,
                        "priority": priority,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def pause_many(
        self,
        project: str,
        *,
        instance_ids: Sequence[UUID | str] | None = None,
        filter: InstanceFilter | None = None,
        rollback: bool | None = None,
        priority: int | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many instances.

        Starts, pauses, resumes or cancels instances, or changes their priority: those that are
        named, or those that a filter finds. Up to 500 are taken; `items` tells of each its command,
        or why it was refused as a request for it alone would have been. One that is refused holds
        the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        filter
            As the list of instances takes it. Only those are found whose status allows the
            operation, at most 500, the newest first.
        rollback
            For `cancel`: undo what has succeeded.
        priority
            For `set-priority`, which needs it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/instances/actions/pause",
                body=given(
                    {
                        "instance_ids": instance_ids,
                        "filter": filter,
                        "rollback": rollback,
                        "priority": priority,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def resume_many(
        self,
        project: str,
        *,
        instance_ids: Sequence[UUID | str] | None = None,
        filter: InstanceFilter | None = None,
        rollback: bool | None = None,
        priority: int | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many instances.

        Starts, pauses, resumes or cancels instances, or changes their priority: those that are
        named, or those that a filter finds. Up to 500 are taken; `items` tells of each its command,
        or why it was refused as a request for it alone would have been. One that is refused holds
        the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        filter
            As the list of instances takes it. Only those are found whose status allows the
            operation, at most 500, the newest first.
        rollback
            For `cancel`: undo what has succeeded.
        priority
            For `set-priority`, which needs it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/instances/actions/resume",
                body=given(
                    {
                        "instance_ids": instance_ids,
                        "filter": filter,
                        "rollback": rollback,
                        "priority": priority,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def set_priority_many(
        self,
        project: str,
        *,
        instance_ids: Sequence[UUID | str] | None = None,
        filter: InstanceFilter | None = None,
        rollback: bool | None = None,
        priority: int | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many instances.

        Starts, pauses, resumes or cancels instances, or changes their priority: those that are
        named, or those that a filter finds. Up to 500 are taken; `items` tells of each its command,
        or why it was refused as a request for it alone would have been. One that is refused holds
        the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        filter
            As the list of instances takes it. Only those are found whose status allows the
            operation, at most 500, the newest first.
        rollback
            For `cancel`: undo what has succeeded.
        priority
            For `set-priority`, which needs it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/instances/actions/set-priority",
                body=given(
                    {
                        "instance_ids": instance_ids,
                        "filter": filter,
                        "rollback": rollback,
                        "priority": priority,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def start_many(
        self,
        project: str,
        *,
        instance_ids: Sequence[UUID | str] | None = None,
        filter: InstanceFilter | None = None,
        rollback: bool | None = None,
        priority: int | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many instances.

        Starts, pauses, resumes or cancels instances, or changes their priority: those that are
        named, or those that a filter finds. Up to 500 are taken; `items` tells of each its command,
        or why it was refused as a request for it alone would have been. One that is refused holds
        the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        filter
            As the list of instances takes it. Only those are found whose status allows the
            operation, at most 500, the newest first.
        rollback
            For `cancel`: undo what has succeeded.
        priority
            For `set-priority`, which needs it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/instances/actions/start",
                body=given(
                    {
                        "instance_ids": instance_ids,
                        "filter": filter,
                        "rollback": rollback,
                        "priority": priority,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )
