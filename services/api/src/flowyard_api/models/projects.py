"""Projects, who asks, and the names of secrets."""

import uuid
from datetime import datetime

from pydantic import Field, SecretStr

from flowyard_api.models.shapes import Name, RequestModel, View


class CreateProject(RequestModel):
    """A project to be created."""

    name: Name = Field(examples=["shop"])
    title: str = Field("", max_length=200, examples=["The web shop"])


class ProjectView(View):
    """One project."""

    project_id: uuid.UUID
    name: str = Field(examples=["shop"])
    title: str = Field(examples=["The web shop"])
    created_at: datetime


class SecretView(View):
    """A secret's name; its value is opened in the plugin gateway only."""

    name: str = Field(examples=["DEPLOY_TOKEN"])
    actor: str = Field(description="Who wrote it last.", examples=["ops"])
    updated_at: datetime


class SignIn(RequestModel):
    """What a browser signs in with."""

    token: SecretStr = Field(
        min_length=1, max_length=500, examples=["flowyard_3k9v"], description="A bearer token."
    )


class MeView(View):
    """Who the bearer of the token acts as."""

    actor: str = Field(examples=["ops"])
    token_id: uuid.UUID
