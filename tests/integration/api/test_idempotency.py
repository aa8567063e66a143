import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from flowyard.storage.errors import ConflictError
from flowyard.storage.idempotency import IdempotencyKey, KeptAnswer, claim_key, keep_answer
from flowyard.storage.schema import idempotency, instance
from flowyard.storage.tokens import create_token
from flowyard_api.cleaning import forget_old_answers
from tests.support.api import Api

INSTANCES = "/api/v1/projects/shop/instances"
KEY = {"Idempotency-Key": "deploy-1204"}


async def _count(api: Api) -> int:
    async with api.database.transaction() as connection:
        return await connection.scalar(select(func.count()).select_from(instance)) or 0


async def test_rule_13_a_repeated_write_gives_the_first_answer_and_writes_nothing(api: Api) -> None:
    await api.publish()

    first = await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)
    again = await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["location"] == again.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await _count(api) == 1


async def test_rule_13_a_key_with_another_body_is_refused(api: Api) -> None:
    await api.publish()
    await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)

    other = await api.client.post(INSTANCES, json={"template": "release", "name": "x"}, headers=KEY)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_rule_13_a_key_belongs_to_its_actor_method_and_path(api: Api) -> None:
    await api.publish()
    async with api.database.transaction() as connection:
        other = (await create_token(connection, actor="dev")).text
    await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)

    path = await api.client.post("/api/v1/projects", json={"name": "second"}, headers=KEY)
    actor = await api.client.post(
        INSTANCES,
        json={"template": "release"},
        headers={**KEY, "Authorization": f"Bearer {other}"},
    )

    assert (path.status_code, actor.status_code) == (201, 201)
    assert "idempotency-replayed" not in actor.headers


async def test_rule_13_a_key_whose_first_request_is_in_flight_is_refused(api: Api) -> None:
    await api.publish()
    key = IdempotencyKey(
        actor="ops", project="shop", method="POST", path=INSTANCES, key=KEY["Idempotency-Key"]
    )

    async with api.database.transaction() as connection:
        await claim_key(connection, key)
        during = await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)
    after = await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)

    assert (during.status_code, during.json()["code"]) == (409, "request_in_flight")
    assert after.status_code == 201


async def test_rule_13_an_answer_that_came_unseen_is_not_given_twice(api: Api) -> None:
    key = IdempotencyKey(actor="ops", project="", method="POST", path="/", key="deploy-1204")
    answer = KeptAnswer(request_hash="0", status=201, response={"text": "{}", "headers": {}})

    async with api.database.transaction() as late:
        unseen = await claim_key(late, key)
        async with api.database.transaction() as first:
            await keep_answer(first, key, answer)
        with pytest.raises(ConflictError):
            await keep_answer(late, key, replace(answer, status=409))
    async with api.database.transaction() as connection:
        kept = await claim_key(connection, key)

    assert unseen is None
    assert kept == answer


async def test_rule_13_of_many_repeats_at_once_one_writes(api: Api) -> None:
    await api.publish()

    answers = await asyncio.gather(
        *(api.client.post(INSTANCES, json={"template": "release"}, headers=KEY) for _ in range(20))
    )

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert await _count(api) == 1


async def test_rule_13_a_write_that_failed_may_be_repeated(api: Api) -> None:
    failed = await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)
    await api.publish()

    again = await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)

    assert (failed.status_code, again.status_code) == (404, 201)


async def test_rule_13_answers_are_forgotten_after_a_day(api: Api) -> None:
    await api.publish()
    await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)
    young = await forget_old_answers(api.database)
    async with api.database.transaction() as connection:
        await connection.execute(
            update(idempotency).values(created_at=func.now() - timedelta(hours=25))
        )

    old = await forget_old_answers(api.database)

    assert (young, old) == (0, 1)
