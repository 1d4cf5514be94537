"""Errors of the command line say what to write instead, with every version of Typer."""

from __future__ import annotations

import pytest

from viz.cli import main
from viz.cli.shell import plain_message

PYDANTIC = {
    "Input should be a valid integer, unable to parse string as an integer": "whole number",
    "Input should be a valid number, unable to parse string as a number": "give a number",
    "Input should be greater than or equal to 1": "give 1 or more.",
    "Input should be greater than or equal to 1.": "give 1 or more.",
    "Input should be less than or equal to 65535": "give 65535 or less.",
    "Input should be less than or equal to 0.5.": "give 0.5 or less.",
    "Option '--days' requires an argument.": "write its value after it.",
}


@pytest.mark.parametrize(("message", "fix"), PYDANTIC.items())
def test_a_message_of_typer_says_what_to_write(message: str, fix: str):
    text = plain_message(f"Invalid value for '--days': {message}")
    assert fix in text and ". or" not in text and "Input should" not in text


def test_other_messages_stay_as_they_are():
    assert plain_message("No such option: --bogus") == "No such option: --bogus"


WORDS = {
    "no value": (["run", "--days"], "write its value after it"),
    "text": (["run", "--days", "abc"], "whole number"),
    "outcome": (["sensitivity", "--outcome", "no", "-n", "4"], "twoborders criteria"),
    "ensemble": (["validate", "--ensemble", "99999"], "members"),
    "dose": (["run", "--policy", "transfers_south:2.0000000001"], "a dose of 2.0000000001 is out"),
    "members": (["compare", "--ensemble", "3", "--precision", "1"], "Give 6 or more"),
}


@pytest.mark.parametrize("case", WORDS)
def test_an_error_of_a_command_says_what_to_write(case: str, capsys: pytest.CaptureFixture[str]):
    words, fix = WORDS[case]
    with pytest.raises(SystemExit) as ended:
        main(words)
    printed = capsys.readouterr().err.strip()
    assert ended.value.code == 2
    assert fix in printed and printed.startswith("error: ") and "\n" not in printed


def test_an_unknown_policy_names_the_command_that_lists_them_and_no_cut_list(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--policy", "fense"])
    error = capsys.readouterr().err
    assert 'Did you mean "fence"?' in error and "`twoborders policies`" in error
    assert "aerial_surveillance" not in error and "..." not in error
