import asyncio

import httpx

from tests.support.api import DOCUMENT, Api

YAML = {"Content-Type": "application/yaml"}
TEMPLATES = "/api/v1/projects/shop/templates"


async def _put_draft(api: Api, source: str, if_match: str | None) -> httpx.Response:
    headers = {} if if_match is None else {"If-Match": if_match}
    return await api.client.put(
        f"{TEMPLATES}/release/draft", content=source, headers={**YAML, **headers}
    )


async def test_applying_creates_publishes_and_then_changes_nothing(api: Api) -> None:
    first = await api.publish()
    again = await api.publish()
    changed = await api.publish(DOCUMENT.replace("Prepare", "Get ready"))

    assert (first["changed"], first["version"]["number"]) == (True, 1)
    assert (again["changed"], again["version"]["number"]) == (False, 1)
    assert (changed["changed"], changed["version"]["number"]) == (True, 2)
    assert changed["template"]["latest_version"] == 2
    assert changed["template"]["title"] == "Release a service"


async def test_of_many_that_apply_a_new_document_at_once_one_publishes(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})

    answers = await asyncio.gather(
        *(
            api.client.post(f"{TEMPLATES}/actions/apply", content=DOCUMENT, headers=YAML)
            for _ in range(8)
        )
    )

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["changed"] for answer in answers) == [False] * 7 + [True]
    assert {answer.json()["version"]["number"] for answer in answers} == {1}

    changed = DOCUMENT.replace("Prepare", "Get ready")
    again = await asyncio.gather(
        *(
            api.client.post(f"{TEMPLATES}/actions/apply", content=changed, headers=YAML)
            for _ in range(8)
        )
    )

    assert sorted(answer.json()["changed"] for answer in again) == [False] * 7 + [True]


async def test_a_document_in_json_is_read_like_one_in_yaml(api: Api) -> None:
    await api.publish()

    answer = await api.client.post(f"{TEMPLATES}/actions/apply", json={"source": DOCUMENT})

    assert answer.json()["changed"] is False


async def test_an_invalid_document_is_told_by_node_and_place_and_stored_nowhere(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    broken = DOCUMENT.replace("plugin: noop@1.0", "plugin: nothing@9.9", 1)

    answer = await api.client.post(f"{TEMPLATES}/actions/apply", content=broken, headers=YAML)

    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "invalid_document"
    assert problem["errors"][0]["type"] == "unknown_plugin"
    assert problem["errors"][0]["node_id"] == "prepare"
    assert problem["errors"][0]["line"] == 10
    assert (await api.client.get(TEMPLATES)).json()["items"] == []


async def test_checking_a_document_lists_its_problems_with_200(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})

    sound = await api.client.post(f"{TEMPLATES}/actions/validate", content=DOCUMENT, headers=YAML)
    broken = await api.client.post(f"{TEMPLATES}/actions/validate", content="key: [}", headers=YAML)

    assert sound.json() == {"problems": []}
    assert broken.status_code == 200
    assert broken.json()["problems"][0]["line"] == 1


async def test_a_draft_may_be_broken_but_is_not_published(api: Api) -> None:
    await api.publish()

    written = await _put_draft(api, "nonsense", '"1"')
    published = await api.client.post(f"{TEMPLATES}/release/actions/publish")

    assert written.status_code == 200
    assert written.headers["etag"] == '"2"'
    assert written.json()["problems"]
    assert published.status_code == 422
    assert published.json()["code"] == "invalid_document"


async def test_a_draft_that_changed_meanwhile_is_not_overwritten(api: Api) -> None:
    await api.publish()
    read = await api.client.get(f"{TEMPLATES}/release/draft")

    without = await _put_draft(api, DOCUMENT, None)
    first = await _put_draft(api, DOCUMENT + "# mine\n", read.headers["etag"])
    second = await _put_draft(api, DOCUMENT + "# yours\n", read.headers["etag"])
    forced = await _put_draft(api, DOCUMENT + "# yours\n", "*")

    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "precondition_failed")
    assert second.json()["etag"] == first.headers["etag"]
    assert forced.status_code == 200


async def test_a_created_template_is_published_with_a_note(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    created = await api.client.post(TEMPLATES, json={"source": DOCUMENT})

    published = await api.client.post(
        f"{TEMPLATES}/release/actions/publish", json={"note": "first"}
    )
    again = await api.client.post(f"{TEMPLATES}/release/actions/publish")

    assert created.status_code == 201
    assert created.json()["key"] == "release"
    assert published.status_code == 201
    assert published.json()["version"]["note"] == "first"
    assert published.json()["version"]["actor"] == "ops"
    assert again.status_code == 200
    assert again.json()["changed"] is False


async def test_an_empty_template_has_nothing_to_publish(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    await api.client.post(TEMPLATES, json={"key": "empty", "title": "Empty"})

    answer = await api.client.post(f"{TEMPLATES}/empty/actions/publish")
    draft = await api.client.get(f"{TEMPLATES}/empty/draft")

    assert (answer.status_code, answer.json()["code"]) == (409, "no_draft")
    assert draft.json()["source"] is None


async def test_a_draft_with_another_key_is_not_published(api: Api) -> None:
    await api.publish()
    await _put_draft(api, DOCUMENT.replace("key: release", "key: other"), "*")

    answer = await api.client.post(f"{TEMPLATES}/release/actions/publish")

    assert (answer.status_code, answer.json()["code"]) == (422, "key_mismatch")


async def test_a_rollback_publishes_the_older_content_again(api: Api) -> None:
    await api.publish()
    await api.publish(DOCUMENT.replace("Prepare", "Get ready"))

    answer = await api.client.post(f"{TEMPLATES}/release/actions/rollback", json={"version": 1})
    versions = (await api.client.get(f"{TEMPLATES}/release/versions")).json()["items"]

    assert answer.status_code == 201
    assert [one["number"] for one in versions] == [3, 2, 1]
    assert versions[0]["content_hash"] == versions[2]["content_hash"]
    assert versions[0]["note"] == "Rollback to version 1"


async def test_a_diff_names_nodes_fields_edges_and_inputs(api: Api) -> None:
    await api.publish()
    changed = (
        DOCUMENT.replace("name: Prepare", "name: Get ready")
        .replace("  - id: ask\n    plugin: noop@1.0\n", "  - id: report\n    plugin: noop@1.0\n")
        .replace('default: "1.0.0"', 'default: "2.0.0"')
    )
    await api.publish(changed)

    diff = (
        await api.client.get(f"{TEMPLATES}/release/versions/2/diff", params={"against": 1})
    ).json()

    assert [(one["id"], one["change"]) for one in diff["nodes"]] == [
        ("ask", "removed"),
        ("prepare", "changed"),
        ("report", "added"),
    ]
    assert diff["nodes"][1]["fields"] == [
        {"field": "name", "before": "Prepare", "after": "Get ready"}
    ]
    assert ("prepare -> report", "added") in [(one["id"], one["change"]) for one in diff["edges"]]
    assert diff["inputs"][0]["fields"] == [
        {"field": "default", "before": "1.0.0", "after": "2.0.0"}
    ]


async def test_a_version_that_is_only_drawn_otherwise_says_so(api: Api) -> None:
    await api.publish(DOCUMENT + "layout: {prepare: [100, 0]}\n")
    await api.publish(DOCUMENT + "layout: {prepare: [120, 0]}\n")
    await api.publish(DOCUMENT.replace("Prepare", "Get ready") + "layout: {prepare: [1, 0]}\n")
    versions = f"{TEMPLATES}/release/versions"

    moved = (await api.client.get(f"{versions}/2/diff", params={"against": 1})).json()
    both = (await api.client.get(f"{versions}/3/diff", params={"against": 2})).json()

    assert (moved["nodes"], moved["layout_only"]) == ([], True)
    assert moved["layout"] == [
        {
            "id": "prepare",
            "change": "changed",
            "fields": [{"field": "position", "before": [100, 0], "after": [120, 0]}],
        }
    ]
    assert [one["id"] for one in both["nodes"]] == ["prepare"]
    assert (len(both["layout"]), both["layout_only"]) == (1, False)


async def test_a_version_shows_source_document_and_graph(api: Api) -> None:
    await api.publish()

    version = (await api.client.get(f"{TEMPLATES}/release/versions/1")).json()

    assert version["source"] == DOCUMENT
    assert version["document"]["key"] == "release"
    assert version["graph"]["nodes"]


async def test_a_subflow_is_pinned_to_the_version_that_is_latest_at_publication(api: Api) -> None:
    await api.publish()
    parent = "flowyard: 1\nkey: parent\nnodes:\n  - id: child\n    subflow: release\n"

    first = await api.publish(parent)
    unchanged = await api.publish(parent)
    await api.publish(DOCUMENT.replace("Prepare", "Get ready"))
    after = await api.publish(parent)

    assert (first["changed"], unchanged["changed"], after["changed"]) == (True, False, True)
    diff = await api.client.get(f"{TEMPLATES}/parent/versions/2/diff", params={"against": 1})
    assert diff.json()["nodes"][0]["fields"] == [
        {"field": "subflow.version", "before": 1, "after": 2}
    ]


async def test_a_subflow_of_an_unpublished_template_is_refused(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    parent = "flowyard: 1\nkey: parent\nnodes:\n  - id: child\n    subflow: absent\n"

    answer = await api.client.post(f"{TEMPLATES}/actions/apply", content=parent, headers=YAML)

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_template")
    assert answer.json()["errors"][0]["node_id"] == "child"


async def test_templates_are_found_by_part_of_their_title(api: Api) -> None:
    await api.publish()

    found = (await api.client.get(TEMPLATES, params={"text": "A SERV"})).json()["items"]
    none = (await api.client.get(TEMPLATES, params={"text": "100%"})).json()["items"]

    assert [one["key"] for one in found] == ["release"]
    assert none == []


async def test_a_body_of_an_unknown_media_type_is_415(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})

    answer = await api.client.post(
        f"{TEMPLATES}/actions/apply", content="<a/>", headers={"Content-Type": "text/html"}
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
