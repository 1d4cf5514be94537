"""Before the server runs: the socket, the environment, the assets."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from agents.param import SettingError
from viz.server import serve
from viz.server.serve import ServeOptions, addresses, hosts, missing, opened, settings


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_it_binds_this_machine_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch):
    for name in ("HOST", "SOLARA_HOST"):
        monkeypatch.setenv(name, "0.0.0.0")
    with opened(ServeOptions(port=0)) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
    with opened(ServeOptions(port=0, share=True)) as listening:
        assert listening.getsockname()[0] == "0.0.0.0"


def test_a_port_that_was_asked_for_and_is_taken_is_told(taken: int):
    with pytest.raises(SettingError, match=rf"--port: port {taken} cannot be had \(.*in use\)"):
        opened(ServeOptions(port=taken))


def test_the_next_free_port_is_taken_and_told(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(serve, "PORT", taken)
    with opened(ServeOptions()) as listening:
        port = listening.getsockname()[1]
    assert taken < port < taken + 20
    assert capsys.readouterr().err == (
        f"port {taken} is taken; {port} is free and is taken instead\n"
    )


def test_no_port_at_all_is_told(taken: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serve, "PORT", taken)
    monkeypatch.setattr(serve, "_TRIES", 1)
    with pytest.raises(SettingError, match="are taken"):
        opened(ServeOptions())


def test_names_of_this_machine_count_only_when_it_is_shared(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "Teacher")
    with opened(ServeOptions(port=0)) as listening:
        port = listening.getsockname()[1]
        alone, shared = hosts(ServeOptions(), listening), hosts(ServeOptions(share=True), listening)
    for name in ("teacher", "teacher.local"):
        assert shared.know(f"{name}:{port}", "10.0.0.1")
        assert not alone.know(f"{name}:{port}", "10.0.0.1")
    assert not shared.know(f"teacher:{port + 1}", "10.0.0.1")


def test_addresses_are_those_of_networks():
    assert not [one for one in addresses() if one.startswith("127.") or one == "0.0.0.0"]


def test_what_the_environment_says_of_solara_does_not_count(monkeypatch: pytest.MonkeyPatch):
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
    ours = settings("viz.screen.app")
    serve._set_environment(ours)
    assert os.environ == kept | ours
    assert ours["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] == "false"
    assert ours["SOLARA_KERNEL_CULL_TIMEOUT"] == "60s"
    assert Path(ours["SOLARA_ASSETS_EXTRA_LOCATIONS"], "custom.js").is_file()


def test_files_that_a_page_asks_for_must_be_there(tmp_path: Path):
    page = (
        '<link href="/_solara/cdn/@w/app@1.0.0/main.css"><script src="/_solara/cdn/r@2/r.js">'
        "</script><script>cdn = '/_solara/cdn'; x = \"/static/a.js\"</script>"
    )
    assert missing(page, tmp_path) == ["@w/app@1.0.0/main.css", "r@2/r.js"]
    (tmp_path / "r@2").mkdir()
    (tmp_path / "r@2" / "r.js").touch()
    assert missing(page, tmp_path) == ["@w/app@1.0.0/main.css"]


def test_an_empty_folder_of_assets_is_told_with_what_to_add(tmp_path: Path):
    with pytest.raises(SettingError, match="uv run --extra offline twoborders serve"):
        serve._check_assets(tmp_path)
