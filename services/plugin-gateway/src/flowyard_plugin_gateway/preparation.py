"""Getting steps ready: secrets opened, state unsealed, inputs validated.

Nothing here has an effect outside, so it happens before the claim: a step whose
inputs are wrong fails the same way however often it is delivered.
"""

import logging
from collections.abc import Mapping, Sequence

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from flowyard.clock import Clock
from flowyard.errors import PermanentError
from flowyard.storage.database import Database
from flowyard.storage.sealing import Sealer, UnsealableError
from flowyard.storage.secrets import fetch_secrets
from flowyard_plugin_gateway.held_step import HeldStep
from flowyard_plugin_gateway.kept_state import open_state
from flowyard_plugin_gateway.plugin_fault import PLUGIN_ERROR, report_fault
from flowyard_plugin_gateway.references import Disclosed, KnownSecrets, Resolver, secret_names

logger = logging.getLogger("flowyard.plugin_gateway")

SECRET_TTL_SECONDS = 5.0
"""How long an opened secret is used again: a new value counts within this time."""

MAX_NAMED_PROBLEMS = 10
"""How many wrong inputs a message names."""

SecretKey = tuple[str, str]
"""Project name and secret name."""


class SecretCache:
    """The secrets that steps refer to, opened, for a short time.

    Parameters
    ----------
    database
        Where they are stored, sealed.
    sealer
        Opens them.
    clock
        Measures how long.
    """

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._opened: dict[SecretKey, tuple[str, float]] = {}

    async def load(self, wanted: set[SecretKey]) -> dict[SecretKey, str]:
        """Return those of the secrets that exist and open, with one read for all unknown ones.

        Raises
        ------
        DatabaseUnavailableError
            Raised if the read fails.
        """
        now = self._clock.monotonic()
        self._opened = {key: kept for key, kept in self._opened.items() if kept[1] > now}
        missing = wanted - self._opened.keys()
        if missing:
            async with self._database.hot() as connection:
                found = await fetch_secrets(connection, missing)
            for key, token in found.items():
                self._open(key, token, now + SECRET_TTL_SECONDS)
        return {key: self._opened[key][0] for key in wanted if key in self._opened}

    def _open(self, key: SecretKey, token: str, expires_at: float) -> None:
        try:
            self._opened[key] = (str(self._sealer.unseal(token)), expires_at)
        except UnsealableError:
            logger.warning("A secret does not open", extra={"project": key[0], "secret": key[1]})


class Preparation:
    """Prepares the steps of a request together.

    Parameters
    ----------
    secrets
        Where referenced secrets come from.
    sealer
        Opens states and sealed outputs.
    known
        Is told every secret that is opened here.
    """

    def __init__(self, secrets: SecretCache, sealer: Sealer, known: KnownSecrets) -> None:
        self._secrets = secrets
        self._sealer = sealer
        self._known = known

    async def prepare(self, steps: Sequence[HeldStep]) -> None:
        """Set inputs and state of each step, or the failure that it ends with.

        Raises
        ------
        DatabaseUnavailableError
            Raised if secrets cannot be read; no step is prepared then.
        """
        wanted = {
            (held.step.project, name)
            for held in steps
            if held.step.inputs
            for name in secret_names(held.step.inputs)
            if "\x00" not in name + held.step.project
        }
        secrets = await self._secrets.load(wanted) if wanted else {}
        for held in steps:
            self._prepare(held, _of_project(secrets, held.step.project) if secrets else {})

    def _prepare(self, held: HeldStep, secrets: dict[str, str]) -> None:
        try:
            held.state = open_state(self._sealer, held.step.state)
            inputs: JsonValue = held.step.inputs
            if inputs:
                held.disclosed.known = self._known
                inputs = Resolver(secrets, self._sealer, held.disclosed).resolve(inputs)
            held.inputs = held.plugin.inputs_model.model_validate(inputs)
            if held.needs_claim:
                held.needs_claim = not held.plugin.is_idempotent(held.inputs)
        except ValidationError as error:
            _fail(held, "invalid_inputs", describe_problems(error, held.disclosed))
        except PermanentError as error:
            _fail(held, error.code, str(error))
        except Exception as error:  # noqa: BLE001 - models are the plugin's code: they may raise anything
            _fail(held, PLUGIN_ERROR, report_fault(held, error))


def _of_project(secrets: Mapping[SecretKey, str], wanted: str) -> dict[str, str]:
    return {name: text for (project, name), text in secrets.items() if project == wanted}


def _fail(held: HeldStep, code: str, message: str) -> None:
    held.failure = (code, message)
    held.needs_claim = False


def describe_problems(error: ValidationError, disclosed: Disclosed) -> str:
    """Return what is wrong with inputs in one sentence: fields and rules, never values."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    named = "; ".join(_describe(problem) for problem in problems[:MAX_NAMED_PROBLEMS])
    return disclosed.mask(f"The inputs are not valid: {named}.")


def _describe(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in problem["loc"]) or "inputs"
    # This one message repeats what was given.
    text = "unknown kind" if problem["type"] == "union_tag_invalid" else problem["msg"]
    return f"{place}: {text}"
