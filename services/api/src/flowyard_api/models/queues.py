"""Queues: how much waits in each."""

from pydantic import Field

from flowyard_api.models.shapes import View


class ProjectLoadView(View):
    """One project's part of a queue."""

    project: str = Field(examples=["shop"])
    waiting: int = Field(description="Steps that wait for room in the window.", examples=[40])
    handed_out: int = Field(description="Steps that workers have, or soon will.", examples=[25])
    oldest_waiting_seconds: float = Field(
        description="Age of the oldest one that waits; 0 without any.", examples=[1.2]
    )
    waiting_starts: int = Field(
        description="New instances that begin with this queue, and wait for room.", examples=[12]
    )


class QueueView(View):
    """How much waits in one queue, as of about a second ago."""

    queue: str = Field(examples=["default"])
    waiting: int = Field(
        description="Steps that wait for room in the window: nobody could take them up yet.",
        examples=[40],
    )
    handed_out: int = Field(
        description="Steps that are handed out and not finished, running or not.", examples=[64]
    )
    running: int = Field(
        description="Those of them that have been running for more than a second.", examples=[30]
    )
    window: int = Field(
        description="Most steps that are handed out now; it follows what workers take up.",
        examples=[64],
    )
    ended_per_second: float = Field(
        description="Steps that end, over the last few seconds.", examples=[320.5]
    )
    oldest_waiting_seconds: float = Field(
        description="Age of the oldest step that is not known to run, handed out or not; 0 without"
        " any.",
        examples=[1.3],
    )
    waiting_starts: int = Field(
        description="New instances that begin with this queue, and wait for room.", examples=[12]
    )
    oldest_start_seconds: float = Field(
        description="For how long the first of them has waited.", examples=[0.8]
    )
    projects: list[ProjectLoadView] = Field(
        description="What is whose, of the projects with the most."
    )
