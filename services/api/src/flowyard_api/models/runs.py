"""The last runs of templates."""

import uuid
from datetime import datetime

from pydantic import Field

from flowyard_api.models.shapes import View

MAX_TEMPLATES = 200
"""Most templates of one request: as many as a page of their list holds."""

MAX_EACH = 20
"""Most runs of each; more are in the list of instances."""


class RunView(View):
    """One run in a few words."""

    instance_id: uuid.UUID
    name: str = Field(examples=["Release 1.4.2"])
    status: str = Field(examples=["running"])
    created_at: datetime
    ended_at: datetime | None


class TemplateRunsView(View):
    """The last runs of one template."""

    template_id: uuid.UUID
    runs: list[RunView] = Field(description="The newest first.")


class LastRunsView(View):
    """The last runs of several templates, in the order of the request."""

    items: list[TemplateRunsView]
