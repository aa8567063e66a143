"""Drafts of each person: nothing typed is lost, and those who edit the same template see it."""

import asyncio

import httpx
from sqlalchemy import select

from flowyard.storage.draft_revisions import REVISIONS_KEPT
from flowyard.storage.schema import draft_revision
from tests.integration.api.drafts import (
    BROKEN,
    FIRST,
    MINE,
    TEMPLATE,
    eve,
    ops,
    put_mine,
    share,
)
from tests.support.api import DOCUMENT, Api

__all__ = ["eve", "ops"]


async def test_a_text_that_cannot_be_read_is_kept_to_the_letter(ops: Api) -> None:
    written = await put_mine(
        ops.client, FIRST, source=BROKEN, document={"key": "release", "nodes": []}
    )
    read = await ops.client.get(MINE)

    assert written.status_code == 200
    assert read.json() == written.json()
    assert read.json()["source"] == BROKEN
    assert read.json()["document"] == {"key": "release", "nodes": []}
    assert read.json()["user"] == "ops"
    assert read.headers["etag"] == written.headers["etag"] == read.json()["etag"]


async def test_comments_are_kept_in_personal_drafts_in_the_shared_one_and_in_versions(
    ops: Api,
) -> None:
    commented = DOCUMENT.replace("nodes:", "nodes:  # in this order")

    mine = await put_mine(ops.client, FIRST, source=commented)
    shared = await share(ops.client, mine.json()["source"], '"1"')
    await ops.client.post(f"{TEMPLATE}/actions/publish")
    publication = await ops.publish(commented.replace("Prepare", "Get ready"))
    version = await ops.client.get(f"{TEMPLATE}/versions/{publication['version']['number']}")

    assert shared.json()["source"] == commented
    assert version.json()["source"] == commented.replace("Prepare", "Get ready")


async def test_a_document_alone_becomes_yaml(ops: Api) -> None:
    document = {"flowyard": 1, "key": "release", "nodes": [], "layout": {"start": [0, 40]}}

    written = await put_mine(ops.client, FIRST, document=document)

    assert written.json()["document"] == document
    assert written.json()["source"].splitlines()[0] == "flowyard: 1"
    assert "  start: [0, 40]" in written.json()["source"]


async def test_of_two_pages_of_one_person_none_overwrites_the_other(ops: Api) -> None:
    first = await put_mine(ops.client, FIRST, source="one")
    seen = {"If-Match": first.headers["etag"]}

    second_page = await put_mine(ops.client, seen, source="two")
    first_page = await put_mine(ops.client, seen, source="three")
    third_page = await put_mine(ops.client, FIRST, source="four")

    assert second_page.status_code == 200
    for late in (first_page, third_page):
        assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
        assert late.json()["etag"] == second_page.headers["etag"]
        assert late.json()["updated_at"] == second_page.json()["updated_at"]
    assert (await ops.client.get(MINE)).json()["source"] == "two"


async def test_a_page_that_saw_a_discarded_draft_does_not_write_over_its_successor(
    ops: Api,
) -> None:
    before = await put_mine(ops.client, FIRST, source="one")
    gone = await ops.client.delete(MINE, headers={"If-Match": before.headers["etag"]})
    late = await put_mine(ops.client, {"If-Match": before.headers["etag"]}, source="late")
    await put_mine(ops.client, FIRST, source="new")

    later = await put_mine(ops.client, {"If-Match": before.headers["etag"]}, source="later")

    assert gone.json()["source"] == "one"
    assert late.status_code == later.status_code == 412
    assert late.json()["etag"] is None
    assert (await ops.client.get(MINE)).json()["source"] == "new"


async def test_of_pages_that_write_at_once_exactly_one_wins(ops: Api) -> None:
    first = await asyncio.gather(
        *(put_mine(ops.client, FIRST, source=f"first {number}") for number in range(8))
    )
    seen = {"If-Match": (await ops.client.get(MINE)).headers["etag"]}
    second = await asyncio.gather(
        *(put_mine(ops.client, seen, source=f"second {number}") for number in range(8))
    )

    for answers in (first, second):
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_a_write_has_to_say_what_it_replaces(ops: Api) -> None:
    silent = await put_mine(ops.client, {}, source="one")
    first = await put_mine(ops.client, {"If-Match": "*"}, source="one")
    again = await put_mine(ops.client, {}, source="two")
    strange = await put_mine(ops.client, {"If-Match": '"what"'}, source="two")
    silently_gone = await ops.client.delete(MINE)

    assert (silent.status_code, silent.json()["code"]) == (428, "precondition_required")
    assert silent.json()["etag"] is None
    assert first.status_code == 200
    assert (again.status_code, again.json()["etag"]) == (428, first.headers["etag"])
    assert strange.status_code == 412
    assert silently_gone.status_code == 428


async def test_a_repeated_write_is_answered_as_the_first_time(ops: Api) -> None:
    headers = {**FIRST, "Idempotency-Key": "once"}

    first = await put_mine(ops.client, headers, source="one")
    again = await put_mine(ops.client, headers, source="one")
    other = await put_mine(ops.client, {"If-Match": "*", "Idempotency-Key": "once"}, source="one")

    assert again.text == first.text
    assert again.headers["idempotency-replayed"] == "true"
    assert other.json()["code"] == "idempotency_key_reused"


async def test_a_draft_of_a_revision_that_is_still_to_come_is_refused(ops: Api) -> None:
    answer = await put_mine(ops.client, FIRST, base=2, source="one")
    empty = await put_mine(ops.client, FIRST)

    assert answer.status_code == empty.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "base_revision"]


async def test_who_is_overtaken_is_told_by_whom_and_loses_nothing(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    mine = DOCUMENT.replace("Prepare", "Get ready")
    hers = DOCUMENT.replace("1.0.0", "2.0.0")
    await put_mine(ops.client, FIRST, source=mine)
    await share(eve, hers, '"1"')
    await share(eve, hers + "# done\n", '"2"')

    refused = (await share(ops.client, mine, '"1"')).json()
    kept = (await ops.client.get(MINE)).json()
    base = (await ops.client.get(f"{TEMPLATE}/draft/revisions/{kept['base_revision']}")).json()
    shared = (await ops.client.get(f"{TEMPLATE}/draft")).json()
    merged = await share(ops.client, hers.replace("Prepare", "Get ready"), shared["etag"])

    assert (refused["code"], refused["etag"], refused["revision"]) == (
        "precondition_failed",
        '"3"',
        3,
    )
    assert refused["actor"] == "eve"
    assert [(one["revision"], one["actor"]) for one in refused["changes"]] == [
        (3, "eve"),
        (2, "eve"),
    ]
    assert refused["updated_at"] == refused["changes"][0]["updated_at"]
    assert kept["source"] == mine
    assert (base["source"], base["actor"], base["is_present"]) == (DOCUMENT, "ops", False)
    assert (shared["actor"], shared["source"]) == ("eve", hers + "# done\n")
    assert (merged.status_code, merged.json()["actor"]) == (200, "ops")


async def test_only_the_draft_that_was_seen_is_published_where_it_is_named(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    mine = DOCUMENT.replace("Prepare", "Get ready")
    await share(ops.client, mine, '"1"')
    await share(eve, DOCUMENT.replace("Prepare", "Hurry"), '"2"')
    publish = f"{TEMPLATE}/actions/publish"

    refused = await ops.client.post(publish, headers={"If-Match": '"2"'})
    seen = await ops.client.post(publish, headers={"If-Match": '"3"'})

    assert (refused.status_code, refused.json()["actor"]) == (412, "eve")
    assert [one["revision"] for one in refused.json()["changes"]] == [3]
    assert (seen.status_code, seen.json()["version"]["number"]) == (201, 2)


async def test_what_somebody_has_replaced_by_force_can_be_found_again(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    await share(eve, "hers", '"1"')
    await share(ops.client, "mine", "*")

    listed = (await eve.get(f"{TEMPLATE}/draft/revisions", params={"limit": 2})).json()
    rest = await eve.get(f"{TEMPLATE}/draft/revisions", params={"cursor": listed["next_cursor"]})
    hers = await eve.get(f"{TEMPLATE}/draft/revisions/2")

    assert [(one["revision"], one["actor"], one["is_present"]) for one in listed["items"]] == [
        (3, "ops", True),
        (2, "eve", False),
    ]
    assert [one["revision"] for one in rest.json()["items"]] == [1]
    assert hers.json()["source"] == "hers"


async def test_old_states_go_but_for_those_that_somebody_builds_on(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    await share(ops.client, "second", '"1"')
    await put_mine(eve, FIRST, base=2, source="on the second")
    for _ in range(REVISIONS_KEPT + 1):
        await share(ops.client, "another", "*")

    async with ops.database.transaction() as connection:
        kept = list(
            await connection.scalars(
                select(draft_revision.c.revision).order_by(draft_revision.c.revision)
            )
        )

    assert kept[:2] == [2, 4]
    assert len(kept) == REVISIONS_KEPT + 1
    assert (await eve.get(f"{TEMPLATE}/draft/revisions/1")).status_code == 404
    assert (await eve.get(f"{TEMPLATE}/draft/revisions/2")).json()["source"] == "second"


async def test_a_draft_that_an_older_release_has_written_is_shown_without_its_writer(
    ops: Api,
) -> None:
    async with ops.database.transaction() as connection:
        await connection.execute(draft_revision.delete())

    draft = (await ops.client.get(f"{TEMPLATE}/draft")).json()
    refused = (await share(ops.client, "mine", '"7"')).json()

    assert (draft["source"], draft["actor"], draft["updated_at"]) == (DOCUMENT, None, None)
    assert (refused["etag"], refused["actor"], refused["changes"]) == ('"1"', None, [])


async def test_a_deleted_template_still_takes_what_somebody_types(ops: Api) -> None:
    await ops.client.delete(TEMPLATE)

    mine = await put_mine(ops.client, FIRST, source=BROKEN)
    shared = await share(ops.client, DOCUMENT, "*")

    assert mine.status_code == 200
    assert shared.json()["code"] == "template_deleted"


async def test_there_is_no_draft_of_a_template_that_is_none(ops: Api) -> None:
    addresses = (MINE, f"{TEMPLATE}/drafts/eve", f"{TEMPLATE}/draft/revisions/9")
    unknown = "/api/v1/projects/shop/templates/nothing/drafts"

    answers = [await ops.client.get(address) for address in (*addresses, unknown)]
    gone = await ops.client.delete(MINE, headers={"If-Match": "*"})

    assert [answer.status_code for answer in [*answers, gone]] == [404] * 5
