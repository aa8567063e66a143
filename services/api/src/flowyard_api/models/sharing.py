"""What is said about templates beside their content, presets, and saved filters."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from flowyard_api.models.shapes import JsonObject, Label, Name, RequestModel, View

MAX_VISIBLE_PROJECTS = 500
"""Most projects that one template names; what more may use is common to all."""

MAX_CATEGORIES = 100
"""Most categories of one project; more than that is no list to choose from."""

CategoryName = Annotated[
    str, Field(min_length=1, max_length=63, pattern=r"^\S.*$", examples=["OpsTools"])
]
"""Name of a category."""


class EditTemplate(RequestModel):
    """What is to be another about a template; what is left out stays."""

    title: str | None = Field(
        None,
        max_length=200,
        description="Until the next publication, which takes title and description from its"
        " document.",
        examples=["Release a service"],
    )
    description: str | None = Field(None, max_length=10_000)
    category: CategoryName | None = Field(
        None, description="One of the project's categories, or any other."
    )
    labels: dict[Label, Annotated[str, Field(max_length=500)]] | None = Field(
        None, max_length=64, description="Takes the place of all labels.", examples=[{"team": "a"}]
    )


class SetVisibility(RequestModel):
    """Which other projects may use a template."""

    all: bool = Field(default=False, description="Every project, also later ones.")
    projects: list[Name] = Field(
        [], max_length=MAX_VISIBLE_PROJECTS, description="Names.", examples=[["shop", "billing"]]
    )


class VisibilityView(View):
    """Which other projects may use a template."""

    all: bool = Field(description="Every project, also later ones.")
    projects: list[str] = Field(description="Names.", examples=[["billing", "shop"]])
    reference: str = Field(description="What these projects call it.", examples=["platform/backup"])


class FavouriteView(View):
    """Whether a template is one of your favourites."""

    template: str = Field(examples=["platform/backup"])
    favourite: bool


class SetCategories(RequestModel):
    """The categories that a project offers, in order."""

    names: list[CategoryName] = Field(
        max_length=MAX_CATEGORIES,
        description="An empty list brings the default ones back.",
        examples=[["Release", "Night checks"]],
        json_schema_extra={"uniqueItems": True},
    )

    @model_validator(mode="after")
    def _different(self) -> "SetCategories":
        if len(set(self.names)) != len(self.names):
            raise ValueError("Expected names that differ, but one is there twice")
        return self


class CategoryView(View):
    """One category."""

    name: str = Field(examples=["OpsTools"])
    listed: bool = Field(description="False for one that only templates name.")
    templates: int = Field(description="How many of the project's are in it.", examples=[3])


class CategoriesView(View):
    """A project's categories: those that it offers, then those that only templates name."""

    items: list[CategoryView]


class TemplateChangeView(View):
    """Who has changed what about a template."""

    change_id: int = Field(examples=[7])
    kind: str = Field(examples=["visibility"])
    detail: JsonObject = Field(examples=[{"all": False, "projects": ["shop"]}])
    actor: str = Field(examples=["ops"])
    created_at: datetime


class WritePreset(RequestModel):
    """A named set of input values."""

    description: str = Field("", max_length=2000, examples=["What the night runs take"])
    inputs: JsonObject = Field(
        max_length=500,
        description="Values by name. Not all need be there; they are checked when they are used.",
        examples=[{"version": "1.4.2"}],
    )


class PresetView(View):
    """A named set of input values."""

    name: str = Field(examples=["night"])
    description: str = Field(examples=["What the night runs take"])
    inputs: JsonObject = Field(examples=[{"version": "1.4.2"}])
    actor: str = Field(description="Who wrote it last.", examples=["ops"])
    updated_at: datetime


FilterResource = Literal["instances", "templates"]
"""What may be filtered."""


class WriteFilter(RequestModel):
    """A named query of a list."""

    description: str = Field("", max_length=2000, examples=["What failed and is ours"])
    parameters: JsonObject = Field(
        max_length=50,
        description="As the list takes them in its address; what may be repeated is a list here.",
        examples=[{"status": ["failed"], "label": ["team:shop"]}],
    )


class FilterView(View):
    """A named query of a list."""

    resource: FilterResource
    name: str = Field(examples=["ours"])
    shared: bool = Field(description="False for one that only you see.")
    description: str = Field(examples=["What failed and is ours"])
    parameters: JsonObject = Field(examples=[{"status": ["failed"], "label": ["team:shop"]}])
    actor: str = Field(description="Who wrote it last.", examples=["ops"])
    updated_at: datetime
