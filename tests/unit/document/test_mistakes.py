"""What is told to the person who wrote a document wrong."""

from textwrap import dedent

import pytest

from flowyard.document import DocumentError, read_document
from tests.unit.document.documents import NODE_A, flow, problems
from tests.unit.document.mistakes import BAD_DOCUMENTS, BAD_SYNTAX


@pytest.mark.parametrize("name", BAD_SYNTAX)
def test_what_is_no_yaml_is_told_with_its_place(name: str) -> None:
    text, (code, line, column) = BAD_SYNTAX[name]

    assert problems(text) == [(code, None, line, column)]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text", "null"])
def test_a_document_is_a_mapping(text: str) -> None:
    assert [problem[0] for problem in problems(text)] == ["wrong_type"]


def test_required_keys_are_missed() -> None:
    with pytest.raises(DocumentError) as caught:
        read_document("title: x\n")

    assert [problem.code for problem in caught.value.problems] == ["missing_key"] * 3


def test_an_error_shows_the_first_problem_and_counts_the_rest() -> None:
    with pytest.raises(DocumentError, match=r"^1:1: .* \[missing_key\] \(and 2 more\)$"):
        read_document("title: x\n")


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_a_mistake_is_told_with_its_code_node_and_place(name: str) -> None:
    text, expected = BAD_DOCUMENTS[name]

    assert problems(text) == expected


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = dedent(
        """\
        flowyard: 1
        key: k
        nodes:
          - id: a
            plugin: noop
            nmae: x
            next: b
          - id: a
            converge: true
        output: {}
        """
    )

    assert problems(text) == [
        ("invalid_value", "a", 5, 13),
        ("unknown_key", "a", 6, 5),
        ("unknown_target", "a", 7, 11),
        ("duplicate_node", "a", 8, 9),
        ("unknown_key", None, 10, 1),
    ]


def test_the_nearest_known_word_is_suggested() -> None:
    with pytest.raises(DocumentError, match="did you mean title"):
        read_document("flowyard: 1\nkey: k\ntittle: x\nnodes:\n" + NODE_A)


def test_problems_know_their_path() -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(flow("  - {id: a, parallel: [end, b]}"))

    assert caught.value.problems[0].path == ("nodes", 0, "parallel", 1)
