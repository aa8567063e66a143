"""Inputs in which ``${...}`` belongs to a shell."""

import pytest

from flowyard.document import (
    UNCHECKED,
    DocumentError,
    compile_document,
    read_document,
    to_yaml,
)
from tests.unit.document.optioned import codes, compiled, flow


def test_nothing_is_replaced_in_verbatim_inputs() -> None:
    graph = compiled('plugin: shell@1.0, inputs: {script: "echo ${x:-1} ${HOME}", host: "${loop}"}')

    activity = graph.nodes["a"].activity
    assert activity is not None
    assert activity.verbatim == {"script"}


def test_a_verbatim_input_is_rendered_where_that_is_asked_for() -> None:
    written = 'plugin: shell@1.0, inputs: {script: "echo ${loop}"}, render: [script]'

    activity = compiled(written).nodes["a"].activity
    assert activity is not None
    assert activity.verbatim == frozenset()
    assert codes(flow(written.replace("loop", "HOME"))) == [("unknown_name", "inputs.script")]
    assert codes(flow(written.replace("loop", "1 +"))) == [("expression_syntax", "inputs.script")]


def test_only_verbatim_inputs_can_be_asked_to_be_rendered() -> None:
    written = 'plugin: shell@1.0, inputs: {host: "${loop}"}, render: [host]'

    assert codes(flow(written)) == [("conflicting_options", "render")]


def test_verbatim_inputs_of_notices_and_rollbacks_are_left_alone_too() -> None:
    shell = 'plugin: shell@1.0, inputs: {script: "${HOME}"}'
    graph = compiled(
        f"plugin: noop@1.0, rollback: {{{shell}}},"
        f" deadline: {{after: 1, action: notify, notify: {{{shell}}}}}"
    )

    options = graph.nodes["a"].options
    assert options.compensation is not None
    assert options.compensation.activity is not None
    assert options.compensation.activity.verbatim == {"script"}
    assert options.deadline is not None
    assert options.deadline.notice is not None
    assert options.deadline.notice.verbatim == {"script"}


def test_what_is_rendered_survives() -> None:
    shell = 'plugin: shell@1.0, inputs: {script: "${loop}"}, render: [script]'
    document = read_document(
        flow(
            f"{shell}, rollback: {{{shell}}},"
            f" deadline: {{after: 1, action: notify, notify: {{{shell}}}}}"
        )
    )

    assert read_document(to_yaml(document.canonical())) == document


def test_without_plugins_nobody_has_to_know_what_is_verbatim() -> None:
    text = flow('plugin: shell@1.0, inputs: {script: "${x:-1} ${HOME}"}')

    assert compile_document(read_document(text, plugins=UNCHECKED), plugins=UNCHECKED).nodes
    with pytest.raises(DocumentError):
        read_document(text)
