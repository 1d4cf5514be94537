"""The server prints an error in one line without control characters; pages show no paths."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable

import pytest

from viz.server import serve


def failed(error: BaseException) -> BaseException:
    """Return an error with a traceback."""
    try:
        raise error
    except BaseException as raised:
        return raised


def record(text: str, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("x", logging.ERROR, __file__, 1, text, None, info)


def test_an_error_is_one_line_with_its_place_and_no_path():
    line = serve.OneLineFormatter().format(record("failed", failed(ValueError("a\nb\x1b[2J"))))
    assert line.startswith("error: ValueError: a b?[2J (") and line.endswith(")")
    assert "\n" not in line and "/" not in line
    group = failed(BaseExceptionGroup("several", [KeyError("k")]))
    assert serve.describe_error(group) == "KeyError: 'k'"
    assert serve.OneLineFormatter().format(record("one\ntwo")) == "error: one two"
    assert len(serve.OneLineFormatter().format(record("x" * 10**6))) == len("error: ") + 300


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore the hooks and handlers that print errors after the test."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "filters", [])


@pytest.mark.usefixtures("unset")
def test_errors_of_libraries_are_printed_without_what_is_no_fault(
    capsys: pytest.CaptureFixture[str],
):
    serve.log_in_one_line()
    uvicorn = logging.getLogger("uvicorn.error")
    uvicorn.error("ASGI callable returned without completing handshake.")
    uvicorn.error("Cancel 3 running task(s), timeout graceful shutdown exceeded")
    uvicorn.warning("a warning")
    uvicorn.error("a fault\nof uvicorn")
    logging.getLogger("Comm").error("failed", exc_info=failed(KeyError(1)))
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "error: a fault of uvicorn"
    assert printed[1].startswith("error: KeyError: 1 (") and len(printed) == 2


class Unfit:
    def __del__(self) -> None:
        raise ValueError("in a destructor")


def fail_in_thread() -> None:
    thread = threading.Thread(target=failed_now)
    thread.start()
    thread.join()


def failed_now() -> None:
    raise ValueError("in a thread")


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("fail", [Unfit, fail_in_thread], ids=["destructor", "thread"])
def test_an_error_that_no_caller_gets_is_printed_in_one_line(
    fail: Callable[[], object], capsys: pytest.CaptureFixture[str]
):
    """Python itself would print a traceback with file paths."""
    serve.log_in_one_line()
    fail()
    printed = capsys.readouterr().err
    assert printed.startswith("error: ValueError: ") and printed.count("\n") == 1


def test_a_page_that_fails_shows_no_path(monkeypatch: pytest.MonkeyPatch):
    import reacton.core
    from solara.server import app

    for module in (reacton.core, app):  # monkeypatch restores both after the test
        monkeypatch.setattr(module, "traceback", module.traceback)
    serve.hide_tracebacks()
    for module in (reacton.core, app):
        error = failed(IndexError(__file__))
        (text,) = module.traceback.format_exception(None, error, error.__traceback__)
        assert text == serve.PAGE_TEXT.format(name="IndexError")
    assert sys.modules["traceback"].format_exception is not reacton.core.traceback.format_exception
