import re

from flowyard_cli.dev.seed import example_files


def test_examples_come_behind_those_that_they_use() -> None:
    files = example_files()

    places = {file.stem: place for place, file in enumerate(files)}
    uses = [
        (file.stem, used)
        for file in files
        for used in re.findall(r"\n +subflow: ([\w-]+)\n", file.read_text())
    ]
    assert ("canary", "roll-out") in uses
    assert all(places[used] < places[user] for user, used in uses)
