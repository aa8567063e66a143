"""Inline subflows: part of the published graph, and of what is shown of an instance."""

from typing import Any

from flowyard.engine.inlining import MAX_NODES
from flowyard.storage.graph_codec import decode_graph
from tests.integration.api.sharing import show, template_path
from tests.support.api import Api

YAML = {"Content-Type": "application/yaml"}

CHILD = """
flowyard: 1
key: backup
inputs: {host: string}
schemes: {quick: {keeps: []}}
nodes:
  - {id: check, plugin: noop@1.0, optional: true}
  - {id: save, plugin: noop@1.0}
outputs: {saved: "${host}"}
"""


def running(key: str, target: str, **fields: str) -> str:
    """Return a document that runs another template inline."""
    more = "".join(f", {name}: {value}" for name, value in fields.items())
    return (
        f"flowyard: 1\nkey: {key}\nnodes:\n"
        f"  - {{id: deploy, subflow: {target}, mode: inline{more}}}\n"
    )


async def apply(api: Api, document: str, project: str = "shop") -> dict[str, Any]:
    """Return the faults of a document that is refused."""
    answer = await api.client.post(
        template_path(project, "actions", "apply"), content=document, headers=YAML
    )
    assert answer.status_code == 422, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def graph_of(api: Api, key: str, project: str = "shop") -> Any:
    version = (await api.client.get(template_path(project, key, "versions", "1"))).json()
    return decode_graph(version["graph"])


async def test_an_instance_shows_the_nodes_of_an_inline_subflow_below_it(api: Api) -> None:
    await api.publish(CHILD)
    await api.publish(running("release", "backup", inputs="{host: a}"))

    instance_id = await api.start()
    shown = (await api.client.get(f"/api/v1/instances/{instance_id}")).json()["nodes"]

    assert {node["node_id"]: node["parent"] for node in shown} == {
        "start": None,
        "deploy": None,
        "deploy.start": "deploy",
        "deploy.check": "deploy",
        "deploy.save": "deploy",
        "deploy.end": "deploy",
        "end": None,
    }


async def test_the_schemes_of_the_node_leave_nodes_of_the_inline_template_out(api: Api) -> None:
    await api.publish(CHILD)
    await api.publish(running("release", "backup", inputs="{host: a}", schemes="[quick]"))

    graph = await graph_of(api, "release")

    assert "deploy.check" not in graph.nodes
    assert ("deploy.start", "deploy.save") in {(one.source, one.target) for one in graph.edges}


async def test_a_published_inline_subflow_stays_as_it_was_pinned(api: Api) -> None:
    await api.publish(CHILD)
    await api.publish(running("release", "backup", inputs="{host: a}"))

    await api.publish(CHILD.replace("id: save", "id: store"))
    before = await graph_of(api, "release")
    again = await api.publish(running("release", "backup", inputs="{host: a}"))

    assert "deploy.save" in before.nodes
    assert again["version"]["number"] == 2


async def test_an_unknown_scheme_of_an_inline_subflow_is_refused(api: Api) -> None:
    await api.publish(CHILD)

    refused = await apply(api, running("release", "backup", inputs="{host: a}", schemes="[absent]"))

    assert refused["code"] == "invalid_document"
    assert [(one["type"], one["node_id"]) for one in refused["errors"]] == [
        ("unknown_scheme", "deploy")
    ]


async def test_a_template_that_would_run_within_itself_is_refused_with_the_way(api: Api) -> None:
    await api.publish("flowyard: 1\nkey: a\nnodes:\n  - {id: save, plugin: noop@1.0}\n")
    await api.publish(running("b", "a"))
    await api.publish(running("c", "b"))

    refused = await apply(api, running("a", "c"))

    assert refused["errors"][0]["type"] == "recursion"
    assert refused["errors"][0]["msg"] == (
        "Expected no template to run within itself, but shop/a > shop/c > shop/b > shop/a"
    )


async def test_inline_subflows_lie_in_each_other_down_to_a_limit(api: Api) -> None:
    await api.publish("flowyard: 1\nkey: t0\nnodes:\n  - {id: save, plugin: noop@1.0}\n")
    for level in range(1, 21):
        await api.publish(running(f"t{level}", f"t{level - 1}"))

    refused = await apply(api, running("t21", "t20"))
    deepest = await graph_of(api, "t20")

    assert refused["errors"][0]["type"] == "nesting_limit"
    assert ".".join(["deploy"] * 20) + ".save" in deepest.nodes


async def test_a_graph_with_too_many_inner_nodes_is_refused(api: Api) -> None:
    nodes = "".join(f"  - {{id: n{index}, plugin: noop@1.0}}\n" for index in range(1_000))
    await api.publish(f"flowyard: 1\nkey: many\nnodes:\n{nodes}")
    subflows = "".join(
        f"  - {{id: s{index}, subflow: many, mode: inline}}\n" for index in range(10)
    )

    refused = await apply(api, f"flowyard: 1\nkey: all\nnodes:\n{subflows}")

    assert refused["errors"][0]["type"] == "too_many_nodes"
    assert refused["errors"][0]["node_id"] == "s9"
    assert str(MAX_NODES) in refused["errors"][0]["msg"]


async def test_what_a_common_inline_template_starts_is_of_its_own_project(api: Api) -> None:
    await api.publish(CHILD, project="platform")
    await api.publish(
        "flowyard: 1\nkey: outer\nnodes:\n  - {id: sub, subflow: backup, inputs: {host: a}}\n",
        project="platform",
    )
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    await show(api, "platform", "outer", projects=["shop"])

    await api.publish(running("release", "platform/outer"))

    graph = await graph_of(api, "release")
    subflow = graph.nodes["deploy.sub"].subflow
    assert subflow is not None
    assert (subflow.template, subflow.version) == ("platform/backup", 1)
