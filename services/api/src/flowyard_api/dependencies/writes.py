"""Writes: one transaction each, repeatable under an ``Idempotency-Key``, bells rung behind it."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import ConflictError
from flowyard.storage.idempotency import IdempotencyKey, KeptAnswer, claim_key, keep_answer
from flowyard.storage.templates import Template
from flowyard_api.actors import Actor
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.doorbells import Bell, DraftNews
from flowyard_api.errors import ApiError
from flowyard_api.tracing import Caller, caller_of

REPLAYED_HEADER = "Idempotency-Replayed"
"""Set on an answer that was given before."""


class KeyReusedError(ApiError):
    """Raised for a key that came with another request before."""

    code = "idempotency_key_reused"


class RequestInFlightError(ApiError):
    """Raised for a key whose first request is not answered yet."""

    code = "request_in_flight"


@dataclass(slots=True)
class Write:
    """One write in progress."""

    connection: AsyncConnection
    """Within the write's transaction."""
    actor: Actor
    caller: Caller
    """Of the request, as far as traces go."""
    bells: list[Bell | DraftNews] = field(default_factory=list)
    """Rung once the transaction is committed."""

    @property
    def traceparent(self) -> str:
        """Of the request's span."""
        return self.caller.traceparent

    def tell_drafts(self, template: Template) -> None:
        """Have those told who edit a template that its drafts or its editors have changed."""
        self.bells.append(DraftNews(template.template_id, template.project_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a write answers."""

    body: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: BaseModel | None = None
    """What a repeated key is answered with instead, where the body holds what is shown once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a write has answered, now or before."""

    status: int
    text: str
    """The body, JSON."""
    headers: Mapping[str, str]
    is_replayed: bool

    def response(self) -> Response:
        """Return it as the answer to the request."""
        headers = dict(self.headers)
        if self.is_replayed:
            headers[REPLAYED_HEADER] = "true"
        return Response(
            self.text, status_code=self.status, headers=headers, media_type="application/json"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Carries out the write of one request."""

    context: ApiContext
    actor: Actor
    request: Request
    key: str | None

    async def write(self, work: Callable[[Write], Awaitable[Answer]]) -> Written:
        """Do the work in a transaction, or return what it answered under the same key.

        A work that raises leaves nothing behind: its key may be used again.

        Raises
        ------
        KeyReusedError
            Raised if the key came with another request before.
        RequestInFlightError
            Raised if the first request with the key is still at work.
        """
        async with self.context.database.transaction() as connection:
            kept = await self._claim(connection)
            if kept is not None:
                return kept
            write = Write(connection, self.actor, caller_of(self.request))
            answer = await work(write)
            text = answer.body.model_dump_json()
            kept_text = text if answer.kept is None else answer.kept.model_dump_json()
            await self._keep(connection, answer, kept_text)
        self.context.doorbells.ring(write.bells)
        return Written(status=answer.status, text=text, headers=answer.headers, is_replayed=False)

    async def respond(self, work: Callable[[Write], Awaitable[Answer]]) -> Response:
        """Do the work as :meth:`write` does, and return its answer as a response."""
        return (await self.write(work)).response()

    async def _claim(self, connection: AsyncConnection) -> Written | None:
        if self.key is None:
            return None
        try:
            kept = await claim_key(connection, self._key(self.key))
        except ConflictError as error:
            raise RequestInFlightError(str(error)) from error
        if kept is None:
            return None
        if kept.request_hash != await self._hash():
            raise KeyReusedError(
                "Expected the request that this key was first used for, but its content is another"
            )
        return Written(
            status=kept.status,
            text=kept.response["text"],
            headers=kept.response["headers"],
            is_replayed=True,
        )

    async def _keep(self, connection: AsyncConnection, answer: Answer, text: str) -> None:
        if self.key is None:
            return
        kept = KeptAnswer(
            request_hash=await self._hash(),
            status=answer.status,
            response={"text": text, "headers": dict(answer.headers)},
        )
        try:
            await keep_answer(connection, self._key(self.key), kept)
        except ConflictError as error:
            raise RequestInFlightError(str(error)) from error

    def _key(self, key: str) -> IdempotencyKey:
        return IdempotencyKey(
            actor=self.actor.name,
            project=self.request.path_params.get("project", ""),
            method=self.request.method,
            path=self.request.url.path,
            key=key,
        )

    async def _hash(self) -> str:
        seen = hashlib.sha256(self.request.scope["query_string"])
        seen.update(b"\n")
        seen.update(self.request.headers.get("if-match", "").encode())
        if (first := self.request.headers.get("if-none-match")) is not None:
            seen.update(b"\nif-none-match: " + first.encode())
        seen.update(b"\n")
        seen.update(await self.request.body())
        return seen.hexdigest()


async def _writer(
    request: Request,
    context: Context,
    actor: CurrentActor,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            description="Repeating a request with the same key within 24 h gives the first"
            " answer again, with header `Idempotency-Replayed: true`.",
        ),
    ] = None,
) -> Writer:
    return Writer(context=context, actor=actor, request=request, key=idempotency_key)


CurrentWriter = Annotated[Writer, Depends(_writer)]
"""Carries out the request's write."""

WRITE_PROBLEMS = (
    "body_too_large",
    "forbidden_origin",
    "idempotency_key_reused",
    "request_in_flight",
)
"""What every write may answer."""
