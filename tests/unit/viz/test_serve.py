"""Start of the server: sockets, environment and assets."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn

from agents.param import SettingError
from viz.server import serve
from viz.server.serve import ServeOptions, open_sockets, solara_environment


@pytest.fixture
def used_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_server_binds_to_this_machine_despite_the_environment(monkeypatch: pytest.MonkeyPatch):
    for name in ("HOST", "SOLARA_HOST"):
        monkeypatch.setenv(name, "0.0.0.0")
    assert bound(ServeOptions(port=0)) == ["127.0.0.1"]


def test_a_shared_screen_binds_the_addresses_that_it_names_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(serve, "network_addresses", lambda: ["127.0.0.2", "127.0.0.3"])
    assert bound(ServeOptions(port=0, share=True)) == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    assert bound(ServeOptions(port=0, share=True, address="127.0.0.3")) == [
        "127.0.0.1",
        "127.0.0.3",
    ]
    assert bound(ServeOptions(port=0, share=True, address="0.0.0.0")) == ["0.0.0.0"]
    assert bound(ServeOptions(port=0, address="127.0.0.3")) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "address",
    ["", "localhost", "::1", "255.255.255.255", "224.0.0.1", "192.0.2.77", "\0", "٣.1.1.1"],
)
def test_an_address_of_another_machine_raises_an_error(address: str):
    with pytest.raises(SettingError, match="--address"):
        open_sockets(ServeOptions(port=0, share=True, address=address))


def test_one_port_in_use_closes_all_sockets(
    used_port: int, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
):
    monkeypatch.setattr(serve, "network_addresses", lambda: ["127.0.0.2"])
    with pytest.raises(SettingError, match="not available"):
        open_sockets(ServeOptions(port=used_port, share=True))
    with socket.socket() as other:
        other.bind(("127.0.0.2", used_port))
    assert not recwarn.list


def bound(options: ServeOptions) -> list[str]:
    """Return the addresses of a server's sockets, which all have the same port."""
    sockets = open_sockets(options)
    names = [one.getsockname() for one in sockets]
    for one in sockets:
        one.close()
    assert len({port for _, port in names}) == 1
    return [address for address, _ in names]


def test_the_next_free_port_is_used_and_printed(
    used_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(serve, "PORT", used_port)
    (listening,) = open_sockets(ServeOptions())
    port = listening.getsockname()[1]
    listening.close()
    assert used_port < port < used_port + 20
    assert capsys.readouterr().err == (f"port {used_port} is in use; port {port} is used instead\n")


def test_settings_of_solara_in_the_environment_are_replaced(monkeypatch: pytest.MonkeyPatch):
    kept = {**os.environ, "SOLARA_ASSETS_PROXY_CACHE_DIR": "/assets", "OTHER": "1"}
    monkeypatch.setattr(
        os,
        "environ",
        kept
        | {
            "SOLARA_STATE_BACKEND": "redis",
            "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "true",
            "SOLARA_MODE": "development",
        },
    )
    ours = solara_environment("viz.screen.app")
    serve._set_environment(ours)
    assert os.environ == kept | ours
    assert ours["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] == "false"
    assert ours["SOLARA_KERNEL_CULL_TIMEOUT"] == "60s"
    assert ours["SOLARA_SESSION_HTTP_ONLY"] == "true" and ours["SOLARA_MODE"] == "production"
    assert Path(ours["SOLARA_ASSETS_EXTRA_LOCATIONS"], "custom.js").is_file()


@pytest.mark.parametrize(("stops", "code"), [(False, 1), (True, 130)])
def test_the_exit_code_says_whether_the_server_started_and_it_tells_nothing_of_itself(
    stops: bool, code: int, monkeypatch: pytest.MonkeyPatch
):
    started: list[uvicorn.Config] = []

    def run(self: uvicorn.Server, sockets: object) -> None:
        started.append(self.config)
        if not stops:
            sys.exit(3)  # uvicorn exits so after an error of the application.

    monkeypatch.setattr(uvicorn.Server, "run", run)
    guard: Any = None
    assert serve._run(guard, [], ServeOptions()) == code
    (config,) = started
    assert not (config.server_header or config.proxy_headers or config.access_log)
    assert config.ws_max_size == 2**21 and config.h11_max_incomplete_event_size == 2**15


@pytest.mark.parametrize("fails_after", [10**9, 3])
def test_messages_of_a_page_keep_their_order_and_those_to_a_closed_one_are_dropped(
    fails_after: int,
):
    messages: list[str | bytes] = []

    async def send(message: str | bytes) -> None:
        if len(messages) >= fails_after:
            raise RuntimeError("closed")
        messages.append(message)

    async def go() -> None:
        ws = SimpleNamespace(send_text=send, send_bytes=send)
        page = SimpleNamespace(ws=ws, event_loop=asyncio.get_running_loop())
        for data in ("a", b"b", "c", b"d"):
            await asyncio.to_thread(serve._send_later, page, data)
        await asyncio.sleep(0.01)

    asyncio.run(go())
    assert messages == ["a", b"b", "c", b"d"][:fails_after]


def test_a_missing_package_raises_an_error_with_the_command_to_use(monkeypatch: pytest.MonkeyPatch):
    for name in ("solara", "solara.server"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingError, match=r"solara is not installed.*--extra screen .* serve"):
        serve._load_solara()
