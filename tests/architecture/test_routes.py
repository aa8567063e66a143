"""Every route explains itself to the person who explores it in Swagger UI."""

from typing import Any

import pytest

from flowyard_api.errors import PROBLEMS
from tools.openapi import openapi_document

METHODS = ("get", "post", "put", "delete", "patch")


DOCUMENT = openapi_document()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method in METHODS
}
ROUTES = {
    "GET /me",
    "POST /session",
    "DELETE /session",
    "GET /plugins",
    "GET /plugins/{name}/{version}",
    "GET /plugin-gateways",
    "GET /queues",
    "GET /queues/{queue}",
    "GET /projects/{project}/last-runs",
    "GET /projects",
    "POST /projects",
    "GET /projects/{project}",
    "GET /projects/{project}/secrets",
    "GET /projects/{project}/variables",
    "PUT /projects/{project}/variables/{name}",
    "GET /projects/{project}/webhooks",
    "POST /projects/{project}/webhooks",
    "GET /projects/{project}/webhooks/{webhook_id}",
    "PATCH /projects/{project}/webhooks/{webhook_id}",
    "DELETE /projects/{project}/webhooks/{webhook_id}",
    "POST /projects/{project}/webhooks/{webhook_id}/actions/ping",
    "POST /projects/{project}/webhooks/{webhook_id}/actions/redeliver",
    "POST /projects/{project}/webhooks/{webhook_id}/actions/rotate-secret",
    "GET /projects/{project}/webhooks/{webhook_id}/deliveries",
    "GET /projects/{project}/webhooks/{webhook_id}/deliveries/{delivery_id}",
    "POST /projects/{project}/webhooks/{webhook_id}/deliveries/{delivery_id}/actions/redeliver",
    "GET /projects/{project}/webhook-changes",
    "DELETE /projects/{project}/variables/{name}",
    "POST /projects/{project}/imports",
    "GET /projects/{project}/component-table",
    "PUT /projects/{project}/component-table",
    "GET /projects/{project}/retention",
    "PUT /projects/{project}/retention",
    "DELETE /projects/{project}/retention",
    "GET /projects/{project}/archives",
    "GET /projects/{project}/archived-instances",
    "GET /instances/{instance_id}/hold",
    "PUT /instances/{instance_id}/hold",
    "DELETE /instances/{instance_id}/hold",
    "GET /projects/{project}/templates",
    "POST /projects/{project}/templates",
    "POST /projects/{project}/templates/actions/apply",
    "POST /projects/{project}/templates/actions/validate",
    "GET /projects/{project}/templates/{template}",
    "GET /projects/{project}/templates/{template}/draft",
    "PUT /projects/{project}/templates/{template}/draft",
    "GET /projects/{project}/templates/{template}/draft/revisions",
    "GET /projects/{project}/templates/{template}/draft/revisions/{revision}",
    "GET /projects/{project}/templates/{template}/drafts",
    "GET /projects/{project}/templates/{template}/drafts/mine",
    "PUT /projects/{project}/templates/{template}/drafts/mine",
    "DELETE /projects/{project}/templates/{template}/drafts/mine",
    "PUT /projects/{project}/templates/{template}/drafts/mine/presence",
    "GET /projects/{project}/templates/{template}/drafts/{user}",
    "POST /projects/{project}/templates/{template}/actions/preview-inputs",
    "POST /projects/{project}/templates/{template}/actions/publish",
    "POST /projects/{project}/templates/{template}/actions/rollback",
    "GET /projects/{project}/templates/{template}/versions",
    "GET /projects/{project}/templates/{template}/versions/{number}",
    "GET /projects/{project}/templates/{template}/versions/{number}/diff",
    "GET /projects/{project}/templates/{template}/versions/{number}/export",
    "POST /projects/{project}/templates/{template}/versions/{number}/actions/preview",
    "POST /projects/{project}/templates/{template}/versions/{number}/actions/check-inputs",
    "POST /projects/{project}/templates/{template}/actions/mock-run",
    "POST /projects/{project}/templates/{template}/actions/test-node",
    "PATCH /projects/{project}/templates/{template}",
    "DELETE /projects/{project}/templates/{template}",
    "POST /projects/{project}/templates/{template}/actions/restore",
    "GET /projects/{project}/templates/{template}/changes",
    "GET /projects/{project}/templates/{template}/visibility",
    "PUT /projects/{project}/templates/{template}/visibility",
    "PUT /projects/{project}/templates/{template}/favourite",
    "DELETE /projects/{project}/templates/{template}/favourite",
    "GET /projects/{project}/templates/{template}/presets",
    "GET /projects/{project}/templates/{template}/presets/{name}",
    "PUT /projects/{project}/templates/{template}/presets/{name}",
    "DELETE /projects/{project}/templates/{template}/presets/{name}",
    "GET /projects/{project}/templates/{template}/uses",
    "GET /projects/{project}/templates/{template}/outdated",
    "POST /projects/{project}/templates/{template}/actions/stop-uses",
    "POST /projects/{project}/templates/{template}/actions/update-uses",
    "POST /projects/{project}/templates/{template}/actions/update-subflows",
    "GET /projects/{project}/categories",
    "PUT /projects/{project}/categories",
    "GET /projects/{project}/filters/{resource}",
    "GET /projects/{project}/filters/{resource}/{name}",
    "PUT /projects/{project}/filters/{resource}/{name}",
    "DELETE /projects/{project}/filters/{resource}/{name}",
    "GET /plugins/{name}/{version}/uses",
    "POST /plugins/{name}/{version}/actions/stop-uses",
    "POST /plugins/{name}/{version}/actions/update-uses",
    "GET /projects/{project}/instances",
    "POST /projects/{project}/instances",
    "POST /projects/{project}/instances/actions/bulk-create",
    "GET /projects/{project}/waiting",
    "GET /projects/{project}/waiting/count",
    "GET /instances/{instance_id}",
    "GET /instances/{instance_id}/nodes/{node_id}",
    "GET /instances/{instance_id}/nodes/{node_id}/items",
    "GET /instances/{instance_id}/nodes/{node_id}/preview",
    "GET /instances/{instance_id}/nodes/{node_id}/attempts/{number}/logs",
    "GET /instances/{instance_id}/nodes/{node_id}/attempts/{number}/logs/stream",
    "GET /instances/{instance_id}/commands",
    "GET /instances/{instance_id}/commands/{command_id}",
    "GET /instances/{instance_id}/definition",
    "GET /instances/{instance_id}/events",
    "GET /projects/{project}/events",
    "POST /instances/{instance_id}/actions/cancel",
    "POST /instances/{instance_id}/actions/clone",
    "POST /instances/{instance_id}/actions/rerun",
    "POST /instances/{instance_id}/actions/set-priority",
    "POST /instances/{instance_id}/actions/set-variables",
    "POST /instances/{instance_id}/actions/{action}",
    "POST /instances/{instance_id}/nodes/actions/{action}",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/approve",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/choose",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/force-fail",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/force-succeed",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/reject",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/reset-timer",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/restart",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/retry",
    "POST /instances/{instance_id}/nodes/{node_id}/actions/{action}",
    "POST /projects/{project}/instances/actions/{action}",
    "POST /callbacks/{instance_id}/{node_id}/{number}/{token}",
}


def test_the_list_of_routes_is_the_agreed_one() -> None:
    assert set(OPERATIONS) == {route.replace(" ", " /api/v1", 1) for route in ROUTES}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_route_has_a_summary_a_description_and_a_tag(name: str) -> None:
    operation = OPERATIONS[name]

    assert 3 < len(operation["summary"]) < 60
    assert len(operation["description"]) > 30
    assert operation["description"].endswith(".")
    assert len(operation["tags"]) == 1


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_route_lists_its_errors_with_an_example_for_each_code(name: str) -> None:
    failures = {
        status: answer
        for status, answer in OPERATIONS[name]["responses"].items()
        if int(status) >= 400
    }

    assert failures
    for status, answer in failures.items():
        examples = answer["content"]["application/problem+json"]["examples"]
        assert list(answer["content"]) == ["application/problem+json"]
        assert examples
        for code, example in examples.items():
            assert PROBLEMS[code].status == int(status) == example["value"]["status"]
            assert f"`{code}`" in answer["description"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_route_needs_a_token_unless_it_carries_one(name: str) -> None:
    operation = OPERATIONS[name]

    if "/callbacks/" in name or name.endswith("/session"):
        assert "security" not in operation
    else:
        assert operation["security"] == [{"Token": []}, {"Session": []}]
        assert "401" in operation["responses"]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if not name.startswith("GET")])
def test_a_write_takes_an_idempotency_key(name: str) -> None:
    names = [parameter["name"] for parameter in OPERATIONS[name].get("parameters", ())]
    writes_nothing = name.endswith(
        (
            "/actions/validate",
            "/actions/preview",
            "/actions/preview-inputs",
            "/actions/check-inputs",
        )
    )
    # A callback has no actor whose key it could be; repeated, it is told to the same attempt.
    is_callback = "/callbacks/" in name
    is_of_the_browser = name.endswith("/session")

    is_free_of_keys = writes_nothing or is_callback or is_of_the_browser
    assert ("idempotency-key" in names) is not is_free_of_keys


@pytest.mark.parametrize("name", [name for name in OPERATIONS if not name.startswith("GET")])
def test_a_write_is_refused_to_foreign_pages(name: str) -> None:
    codes = {
        code
        for status, answer in OPERATIONS[name]["responses"].items()
        if status == "403"
        for code in answer["content"]["application/problem+json"]["examples"]
    }

    assert ("forbidden_origin" in codes) is not ("/callbacks/" in name)


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_body_and_an_answer_have_examples(name: str) -> None:
    operation = OPERATIONS[name]
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    answers = [answer for status, answer in operation["responses"].items() if int(status) < 400]

    for part in [*bodies, *answers]:
        for content in part.get("content", {}).values():
            assert "example" in content or _has_examples(content["schema"])


def _has_examples(schema: dict[str, Any]) -> bool:
    """Tell whether some field of a schema, or of what it refers to, has an example."""
    if "examples" in schema:
        return True
    below = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    if "items" in schema:
        below.append(schema["items"])
    if "$ref" in schema:
        below.append(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return any(_has_examples(one) for one in below)


def test_every_code_is_listed_by_a_route_or_may_come_anywhere() -> None:
    listed = {
        code
        for operation in OPERATIONS.values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for code in answer["content"]["application/problem+json"]["examples"]
    }

    assert set(PROBLEMS) - listed == {"internal_error", "method_not_allowed"}
