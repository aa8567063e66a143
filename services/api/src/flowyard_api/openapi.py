"""The OpenAPI document: every error as the problem document that it is, every place explained."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from typing_extensions import override

from flowyard_api.deprecation import describe_deprecation
from flowyard_api.examples import add_examples, read_examples
from flowyard_api.models.problem import ProblemView
from flowyard_api.parameters import describe_parameter
from flowyard_api.problems import PROBLEM_HEADERS, PROBLEM_MEDIA_TYPE, problem_responses

_FIRST_FAILURE = 400
_PROBLEM = {"$ref": f"#/components/schemas/{ProblemView.__name__}"}
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


class DocumentedApp(FastAPI):
    """An app whose description tells the truth about its errors, and shows examples.

    FastAPI describes every answer as ``application/json``, adds a validation error of its own,
    and lets parameters be null, which no address can say; all of it is put right here. The
    examples were recorded from a server (docs/api.md).
    """

    @override
    def openapi(self) -> dict[str, Any]:
        """Return the document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = self._describe()
        return self.openapi_schema

    def _describe(self) -> dict[str, Any]:
        document = get_openapi(
            title=self.title,
            version=self.version,
            openapi_version=self.openapi_version,
            summary=self.summary,
            description=self.description,
            tags=self.openapi_tags,
            routes=self.routes,
        )
        recorded = read_examples()
        for path in document["paths"].values():
            for operation in path.values():
                _correct(operation["responses"])
                describe_deprecation(operation)
                add_examples(operation, recorded.get(operation["operationId"], {}))
                for parameter in operation.get("parameters", ()):
                    describe_parameter(parameter)
        for name in _FRAMEWORKS_OWN:
            document["components"]["schemas"].pop(name, None)
        return document


def _correct(responses: dict[str, Any]) -> None:
    invalid = problem_responses("invalid_request")[422]
    for status, answer in responses.items():
        if int(status) < _FIRST_FAILURE:
            continue
        if PROBLEM_MEDIA_TYPE not in answer["content"]:
            answer["description"] = invalid["description"]
            answer["content"][PROBLEM_MEDIA_TYPE] = dict(invalid["content"][PROBLEM_MEDIA_TYPE])
        answer["content"].pop("application/json", None)
        answer["content"][PROBLEM_MEDIA_TYPE]["schema"] = _PROBLEM
        if (headers := PROBLEM_HEADERS.get(int(status))) is not None:
            answer["headers"] = headers
