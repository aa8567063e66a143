"""All recorded cases of a folder: played, compared with what is meant to differ, and told."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowyard.engine.boolrule import BoolRuleError, evaluate_boolrule
from flowyard.interchange import Import, import_bk_sops
from tests.conformance.recorded.components import CallbackUrls
from tests.conformance.recorded.differences import DIFFERENCES
from tests.conformance.recorded.player import Deviation, Player
from tests.conformance.recorded.recordings import Recording, read_recordings
from tests.conformance.recorded.trees import (
    compiled,
    converges,
    says_ok,
    unexpected_errors,
)
from tests.support.flowyard import Flowyard

SPEED = 0.6
"""By what pauses and timers of the recorded flows are multiplied."""

AT_ONCE = 16
"""How many flows are played at the same time."""

E2E, BOOLRULE, VALIDATOR = "bamboo_e2e.json", "boolrule.json", "validator.json"
TREES = "bksops_trees.json"
EXPORTS = ("export_original_data.json", "export_yaml_data.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one case."""

    file: str
    name: str
    outcome: str
    """``passed``, ``differs`` or ``failed``."""
    reason: str = ""

    def line(self) -> str:
        """Return it for people."""
        told = f": {self.reason}" if self.reason else ""
        return f"{self.outcome:<8}{self.file} {self.name}{told}"


def summary(verdicts: list[Verdict]) -> dict[str, Any]:
    """Return the counts, and what differs on purpose with its reason."""
    outcomes = [one.outcome for one in verdicts]
    files = dict.fromkeys(one.file for one in verdicts)
    return {
        "passed": outcomes.count("passed"),
        "differs": outcomes.count("differs"),
        "failed": outcomes.count("failed"),
        "files": {
            file: {
                outcome: sum(one.outcome == outcome for one in verdicts if one.file == file)
                for outcome in ("passed", "differs", "failed")
            }
            for file in files
        },
        "differing": {one.name: one.reason for one in verdicts if one.outcome == "differs"},
    }


async def play_flows(
    flowyard: Flowyard, folder: Path, callback_urls: CallbackUrls
) -> list[Verdict]:
    """Play every recorded flow of a folder against a running Flowyard.

    Several at a time, which is our haste and not the recordings': on a busy machine the pauses
    of a case may then be too short for what it expects meanwhile. One that deviates is played
    again with nothing beside it, and what comes of that counts.
    """
    file = folder / E2E
    if not file.exists():
        return []
    turn = asyncio.Semaphore(AT_ONCE)

    async def play(recording: Recording, key: str) -> Verdict:
        async with turn:
            player = Player(flowyard, recording, key=key, speed=SPEED, callback_urls=callback_urls)
            return judged(recording, await player.play())

    recordings = list(enumerate(read_recordings(file)))
    verdicts = await asyncio.gather(*(play(one, f"case-{index}") for index, one in recordings))
    return [
        verdict if verdict.outcome != "failed" else await play(one, f"case-{index}-alone")
        for (index, one), verdict in zip(recordings, verdicts, strict=True)
    ]


def judged(recording: Recording, deviations: list[Deviation]) -> Verdict:
    """Compare what deviates with what is meant to: neither more nor less may."""
    meant = DIFFERENCES.get(recording.name) or DIFFERENCES.get(recording.test, {})
    found = {one.step: one.reason for one in deviations}
    unmeant = {
        step: reason
        for step, reason in found.items()
        if not any(step.startswith(beginning) for beginning in meant)
    }
    unseen = [
        beginning for beginning in meant if not any(step.startswith(beginning) for step in found)
    ]
    if unmeant:
        told = "; ".join(f"{step}: {reason}" for step, reason in unmeant.items())
        return Verdict(file=E2E, name=recording.name, outcome="failed", reason=told)
    if unseen:
        told = f"meant to differ and does not: {unseen}"
        return Verdict(file=E2E, name=recording.name, outcome="failed", reason=told)
    reasons = "; ".join(dict.fromkeys(meant.values()))
    outcome = "differs" if meant else "passed"
    return Verdict(file=E2E, name=recording.name, outcome=outcome, reason=reasons)


def play_others(folder: Path) -> Iterator[Verdict]:
    """Play what needs no running Flowyard: conditions, trees, and both forms of an export."""
    yield from _each(folder, BOOLRULE, _condition)
    yield from _each(folder, VALIDATOR, _validated)
    yield from _each(folder, TREES, _tree)
    if all((folder / name).exists() for name in EXPORTS):
        first, second = (
            import_bk_sops((folder / name).read_text(encoding="utf-8")) for name in EXPORTS
        )
        is_same = _undrawn(first) == _undrawn(second)
        reason = "" if is_same else "the two forms give different definitions"
        yield _verdict(EXPORTS[0], "both forms", reason)


def _undrawn(found: Import) -> list[dict[str, Any]]:
    """Return the definitions without where their nodes stand, of which only JSON tells."""
    return [
        {name: part for name, part in one.document.items() if name != "layout"}
        for one in found.templates
    ]


def _each(
    folder: Path, file: str, play: Callable[[Mapping[str, Any]], tuple[str, str]]
) -> Iterator[Verdict]:
    if not (folder / file).exists():
        return
    for index, case in enumerate(json.loads((folder / file).read_bytes())):
        name, reason = play(case)
        yield _verdict(file, f"{index} {name}", reason)


def _verdict(file: str, name: str, reason: str) -> Verdict:
    return Verdict(file=file, name=name, outcome="failed" if reason else "passed", reason=reason)


def _condition(case: Mapping[str, Any]) -> tuple[str, str]:
    context = case["context"] or {}
    names = {key.removeprefix("${").removesuffix("}"): value for key, value in context.items()}
    wanted = "an error" if isinstance(case["want"], str) else case["want"]
    try:
        found: object = evaluate_boolrule(case["expr"], names)
    except BoolRuleError:
        found = "an error"
    return case["expr"], "" if found == wanted else f"{found}, not {wanted}"


def _validated(case: Mapping[str, Any]) -> tuple[str, str]:
    name = case["name"]
    graph, problems = compiled(case["tree"])
    wanted = case["cycle_tolerate"]
    if says_ok(wanted) != (not problems):
        return name, f"{problems or 'sound'}, not {wanted}"
    if not says_ok(wanted):
        named = {problem.node_id for problem in problems}
        wrong = wanted.get("node_id") and wanted["node_id"] not in named
        return name, f"{sorted(map(str, named))} named, not {wanted['node_id']}" if wrong else ""
    found = converges(graph)
    wrong = {
        split: (found.get(split), converge)
        for split, converge in (case["matched_converge"] or {}).items()
        if found.get(split) != converge
    }
    return name, f"other converges: {wrong}" if wrong else ""


def _tree(case: Mapping[str, Any]) -> tuple[str, str]:
    name = f"{Path(case['source']).name} ({case['kind']})"
    return name, unexpected_errors(case["tree"], is_sound=says_ok(case["verdict"]))
