"""What becomes of ended instances."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowyard_api.models.lists import Instant
from flowyard_api.models.shapes import RequestModel, View

Mode = Annotated[
    Literal["keep", "archive", "delete"],
    Field(
        description="`keep`: they stay. `archive`: they are moved out of the database, and can be"
        " read, cloned and run again from there. `delete`: nothing is left of them.",
        examples=["archive"],
    ),
]
"""What becomes of instances that ended long enough ago."""

LEAST_SECONDS = 3600
"""Least age: what has just ended is still looked at, told to webhooks, and repeated."""


class PutRetention(RequestModel):
    """What is to become of a project's ended instances."""

    mode: Mode
    after_seconds: int = Field(
        ge=LEAST_SECONDS,
        le=10**9,
        description="How long after their end.",
        examples=[7_776_000],
    )


class DueView(View):
    """How much is old enough and still there."""

    instances: int = Field(
        description="At most 100,000 are counted; those that others have started go with these.",
        examples=[1200],
    )
    oldest_ended_at: datetime | None
    estimated_bytes: int = Field(
        description="What they take in the database: their number times what an instance takes on"
        " average.",
        examples=[36_000_000],
    )


class RetentionView(View):
    """What becomes of a project's ended instances."""

    mode: Mode
    after_seconds: int = Field(description="How long after their end.", examples=[7_776_000])
    is_default: bool = Field(description="Whether it is the cluster's.")
    actor: str | None = Field(description="Who wrote the project's own.", examples=["ops"])
    updated_at: datetime | None
    due: DueView


class ArchiveView(View):
    """One file of archived instances."""

    archive_id: uuid.UUID
    name: str = Field(
        description="In the archive's folder or bucket.",
        examples=["shop/2026/11/0197c0de-0000-7000-8000-000000000001.jsonl.gz"],
    )
    instances: int = Field(examples=[100])
    bytes: int = Field(examples=[412_311])
    sha256: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    written_at: datetime


class ArchivedQuery(BaseModel):
    """Which archived instances are wanted; all that is given has to hold."""

    model_config = ConfigDict(frozen=True)

    status: list[Literal["succeeded", "cancelled"]] = Field(
        [], description="Any of these.", max_length=2
    )
    template: str | None = Field(
        None, max_length=200, description="Key or id of their template.", examples=["release"]
    )
    text: str | None = Field(
        None, max_length=200, description="Contained in the name, in any case of letters."
    )
    actor: str | None = Field(
        None, max_length=200, description="Who created them.", examples=["ops"]
    )
    ended_after: Instant | None = Field(None, description="Keeps those that ended later.")
    ended_before: Instant | None = Field(None, description="Keeps those that ended earlier.")


class ArchivedInstanceView(View):
    """An instance that was moved out of the database."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    project: str = Field(examples=["shop"])
    template_id: uuid.UUID
    template_key: str = Field(examples=["release"])
    template_title: str = Field(examples=["Release a service"])
    version: int = Field(examples=[3])
    name: str = Field(examples=["Release 1.4.2"])
    status: str = Field(examples=["succeeded"])
    labels: dict[str, str] = Field(examples=[{"team": "shop"}])
    actor: str = Field(examples=["ops"])
    is_mock: bool
    parent_instance_id: uuid.UUID | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime
    archived_at: datetime
    archive_id: uuid.UUID
    file: str = Field(
        description="Name of the file that it lies in.",
        examples=["shop/2026/11/0197c0de-0000-7000-8000-000000000001.jsonl.gz"],
    )


class PutHold(RequestModel):
    """Why an instance is to stay."""

    reason: str = Field("", max_length=2000, examples=["Audit 2026-14"])


class HoldView(View):
    """Why an instance stays, however long ago it has ended."""

    instance_id: uuid.UUID
    reason: str = Field(examples=["Audit 2026-14"])
    actor: str = Field(description="Who holds it.", examples=["ops"])
    created_at: datetime
