"""``flowyard dev`` and the commands against it, as a person uses them."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.dev_server import EXAMPLES, DevServer, dev_server, fresh_server

__all__ = ["dev_server", "fresh_server"]

QUICK = ["hello", "parallel-checks", "loop-until", "subflow-parent"]


def example(name: str) -> str:
    return str(EXAMPLES / f"{name}.yaml")


def node_of(instance: dict[str, Any], node_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in instance["nodes"] if node["node_id"] == node_id)
    return found


def test_the_greeting_tells_address_swagger_and_token(dev_server: DevServer) -> None:
    text = "\n".join(dev_server.greeting)

    assert dev_server.address in text
    assert f"{dev_server.address}/docs" in text
    assert any(line.startswith("Console   ") for line in dev_server.greeting)
    assert str(dev_server.folder.token_file) in text
    assert dev_server.token not in text


def test_the_tokens_bearer_is_known_and_nobody_else(dev_server: DevServer) -> None:
    address = f"{dev_server.address}/api/v1/me"

    known = httpx.get(address, headers={"Authorization": f"Bearer {dev_server.token}"})
    unknown = httpx.get(address, headers={"Authorization": "Bearer wrong"})

    assert known.status_code == 200
    assert unknown.status_code == 401


@pytest.mark.parametrize("name", QUICK)
def test_an_example_runs_to_success(dev_server: DevServer, name: str) -> None:
    done = dev_server.run("run", name, "--wait", "--output", "json")

    assert done.status == 0, (done.err, dev_server.log())
    assert done.json()["status"] == "succeeded"


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_example_is_valid_with_its_plugins(dev_server: DevServer, file: Path) -> None:
    done = dev_server.run("validate", str(file), "--output", "json")

    assert done.status == 0, done.out
    assert done.json() == {"problems": [], "plugins_checked": True}


def test_a_file_runs_with_typed_values_in_one_command(dev_server: DevServer) -> None:
    done = dev_server.run(
        "run", example("hello"), "--var", "name=Ada", "--label", "team=a", "--wait", "-o", "json"
    )

    assert done.status == 0, done.err
    result = done.json()
    assert result["outputs"] == {"greeting": "Hello, Ada!", "letters": 3}
    assert result["labels"] == {"team": "a"}


def test_piped_output_is_plain_lines(dev_server: DevServer) -> None:
    done = dev_server.run("run", "hello", "--wait")

    assert done.status == 0
    lines = done.out.splitlines()
    assert any(line.endswith(" greet succeeded") for line in lines)
    assert any(line.endswith(" instance succeeded") for line in lines)
    assert "greeting = Hello, world!" in lines
    assert "\x1b" not in done.out


def test_a_release_fails_half_way_is_retried_and_finished(dev_server: DevServer) -> None:
    failed = dev_server.run(
        *("run", "release-service", "--var", "version=2.0.0", "--var", "fail_once=start"),
        *("--wait", "--output", "json"),
    )
    assert failed.status == 1, failed.err
    before = failed.json()
    assert before["status"] == "failed"
    assert node_of(before, "start-service")["failure"]["code"] == "http_status"
    assert node_of(before, "verify")["status"] == "pending"

    retried = dev_server.run("instances", "retry", str(before["instance_id"]), "start-service")
    finished = dev_server.run("instances", "watch", str(before["instance_id"]), "-o", "json")

    assert retried.status == 0, retried.err
    assert finished.status == 0, finished.err
    after = finished.json()
    assert after["outputs"] == {"version": "2.0.0"}
    assert len(node_of(after, "start-service")["attempts"]) == 2
    assert len(node_of(after, "prepare")["attempts"]) == 1


def test_the_health_check_waits_for_a_signature_and_reports_it(dev_server: DevServer) -> None:
    watching = dev_server.spawn("run", "health-check", "--wait")
    assert watching.stderr is not None
    order: list[str] = []
    for line in watching.stderr:
        if "instances approve" in line:
            order = line.split()[1:5]
            break
    approved = dev_server.run(*order, "--comment", "seen")

    out, err = watching.communicate(timeout=60)

    assert approved.status == 0, approved.err
    assert watching.returncode == 0, (out, err)
    assert "report = Signed by " in out
    assert "healthy = True" in out


def test_a_node_is_retried_with_one_input_changed(dev_server: DevServer) -> None:
    failed = dev_server.run(
        *("run", "release-service", "--var", "fail_once=mute", "--wait", "--output", "json")
    ).json()
    instance = str(failed["instance_id"])

    dev_server.run("instances", "retry", instance, "mute", "--var", "timeout=5")
    done = dev_server.run("instances", "watch", instance, "--output", "json")

    assert done.status == 0, done.err
    first, second = node_of(done.json(), "mute")["attempts"]
    assert second["inputs"] == {**first["inputs"], "timeout": 5}


def test_an_interrupt_stops_watching_and_nothing_else(dev_server: DevServer) -> None:
    watching = dev_server.spawn("run", "loop-until", "--var", "pause=8", "--wait")
    assert watching.stdout is not None
    watching.stdout.readline()

    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=20)

    assert watching.returncode == 130
    command = next(line for line in err.splitlines() if "instances watch" in line)
    followed = dev_server.run(*command.split("flowyard ", 1)[1].split())
    assert followed.status == 0, followed.err


def test_a_failed_run_without_a_terminal_says_how_to_go_on(dev_server: DevServer) -> None:
    done = dev_server.run("run", "release-service", "--var", "fail_once=prepare", "--wait")

    assert done.status == 1
    assert "flowyard instances retry" in done.err
    assert "http_status" in done.err


def test_a_wrong_value_is_refused_before_anything_starts(dev_server: DevServer) -> None:
    done = dev_server.run("run", "loop-until", "--var", "goal=much")

    assert done.status == 2
    assert "'goal'" in done.err
    assert "Traceback" not in done.err


def test_a_value_that_the_template_forbids_is_refused_with_its_field(
    dev_server: DevServer,
) -> None:
    done = dev_server.run("run", "loop-until", "--var", "goal=100000")

    assert done.status == 2
    assert "goal" in done.err
    assert "request " in done.err


def test_an_unknown_template_is_refused(dev_server: DevServer) -> None:
    done = dev_server.run("run", "no-such-flow")

    assert done.status == 2
    assert "no-such-flow" in done.err


def test_lists_and_versions_are_shown(dev_server: DevServer) -> None:
    dev_server.run("run", "hello", "--label", "kind=listed", "--wait")

    templates = dev_server.run("templates", "list")
    versions = dev_server.run("templates", "versions", "hello")
    source = dev_server.run("templates", "show", "hello")
    instances = dev_server.run(
        "instances", "list", "--label", "kind=listed", "--status", "succeeded"
    )
    plugins = dev_server.run("plugins", "list")
    plugin = dev_server.run("plugins", "show", "http_request@1.0")

    assert "release-service" in templates.out
    assert versions.out.splitlines()[0].startswith("VERSION")
    assert "key: hello" in source.out
    assert len(instances.out.splitlines()) == 2
    assert "noop@1.0" in plugins.out
    assert "url" in plugin.out
    for done in (templates, versions, source, instances, plugins, plugin):
        assert done.status == 0, done.err


def test_a_change_is_published_compared_and_rolled_back(
    dev_server: DevServer, tmp_path: Path
) -> None:
    file = tmp_path / "changing.yaml"
    flow = "flowyard: 1\nkey: changing\ntitle: Changing\nnodes:\n  - {id: a, plugin: noop@1.0}\n"
    file.write_text(flow)
    first = dev_server.run("apply", str(file))
    again = dev_server.run("apply", str(file))
    file.write_text(f"{flow}  - {{id: b, plugin: noop@1.0}}\n")
    second = dev_server.run("apply", str(file))
    diff = dev_server.run("templates", "diff", "changing", "2", "1")
    back = dev_server.run("templates", "rollback", "changing", "1")

    assert "version 1" in first.out
    assert "unchanged" in again.out
    assert "version 2" in second.out
    assert "node b" in diff.out, diff
    assert back.status == 0, back.err


def test_an_instance_is_paused_resumed_and_cancelled(dev_server: DevServer) -> None:
    started = dev_server.run("run", "loop-until", "--var", "pause=5")
    instance = started.out.strip()

    outcomes = [
        dev_server.run("instances", verb, instance) for verb in ("pause", "resume", "cancel")
    ]
    shown = dev_server.run("instances", "show", instance)
    late = dev_server.run("instances", "pause", instance)

    assert [done.out.strip() for done in outcomes] == [
        "pause: applied",
        "resume: applied",
        "cancel: applied",
    ]
    assert "cancelled" in shown.out
    assert late.status == 1
    assert "cancelled" in late.err


def test_tokens_and_secrets_are_made_while_the_server_runs(dev_server: DevServer) -> None:
    made = dev_server.run("token", "create", "--actor", "robot")
    token = made.out.strip()
    me = dev_server.run("instances", "list", "--token", token)
    listed = dev_server.run("token", "list", "--output", "json")
    put = dev_server.run("secret", "set", "greeting", "--value-stdin", input_text="hello\n")
    secrets = dev_server.run("secret", "list")
    gone = dev_server.run("secret", "delete", "greeting")

    assert me.status == 0, me.err
    assert "robot" in listed.out
    assert token not in listed.out
    for done in (put, secrets, gone):
        assert done.status == 0, done.err
    assert "greeting" in secrets.out


def test_a_second_server_on_the_same_folder_is_refused(dev_server: DevServer) -> None:
    done = dev_server.run("dev", "--port", "0", "--data", str(dev_server.folder.path))

    assert done.status == 2
    assert dev_server.address in done.err


def test_a_taken_port_is_told(dev_server: DevServer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = dev_server.run("dev", "--port", str(port), "--data", str(tmp_path / "other"))

    assert done.status == 2
    assert f"Port {port} is taken" in done.err


def test_what_was_running_goes_on_after_a_stop_and_after_a_kill(fresh_server: DevServer) -> None:
    fresh_server.start()
    first = fresh_server.run("run", "hello", "--wait", "--output", "json")
    assert first.status == 0, (first.err, fresh_server.log())

    slow = fresh_server.run(
        "run", "loop-until", "--var", "goal=100", "--var", "pause=2"
    ).out.strip()
    token = fresh_server.token
    fresh_server.kill()
    fresh_server.start()
    assert fresh_server.token == token
    assert fresh_server.run("instances", "show", str(first.json()["instance_id"])).status == 0

    assert fresh_server.stop() == 0
    fresh_server.start()
    finished = fresh_server.run("instances", "watch", slow, "--output", "json")
    assert finished.status == 0, (finished.err, fresh_server.log())
    assert finished.json()["outputs"] == {"report": "Reached 100 of 100", "progress": 100}


def test_an_example_that_a_person_changed_stays_changed(
    fresh_server: DevServer, tmp_path: Path
) -> None:
    fresh_server.start()
    file = tmp_path / "hello.yaml"
    file.write_text(Path(example("hello")).read_text().replace("Hello", "Good day"))
    assert fresh_server.run("apply", str(file)).status == 0

    fresh_server.stop()
    fresh_server.start()

    shown = fresh_server.run("templates", "show", "hello")
    assert "Good day" in shown.out
    address = f'default: "{fresh_server.address}"'
    assert address in fresh_server.run("templates", "show", "health-check").out


def test_the_embedded_bench_reports_what_it_promises() -> None:
    done = subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "flowyard_cli", "bench", "--embedded", "--output", "json"),
            *("--workload", "start", "--workload", "fanout"),
        ],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    result = httpx.Response(200, content=done.stdout).json()
    assert set(result["start"]) == {"p50_ms", "p99_ms"}
    assert set(result["fanout"]) == {"wall_s", "ms_per_node"}
    used = result["cpu_s_per_1000_nodes"]["fanout"]
    assert set(used) == {"flowyard", "postgres", "client", "total"}
    assert used["flowyard"] > 0
    assert set(result["rss_mb"]) == {"flowyard", "postgres"}
    assert result["conditions"]["history"].startswith("on")
