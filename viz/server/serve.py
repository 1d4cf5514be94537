"""The server of the screen: Solara's, with everything that leaves the machine switched off.

Solara reads its settings from the environment while it is imported, so the environment is set first
and Solara imported late. What the environment says of the host is not asked: the socket is opened
here, on 127.0.0.1 unless the screen is shared on purpose.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sys
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.param import SettingError
from viz.screen import visitors
from viz.server.guard import LOCAL, Guard, Hosts

PORT = 8765
_TRIES = 20  # ports after the first that are tried when none was asked for
_NOWHERE = "http://127.0.0.1:9/"  # where Solara would look for what the assets lack
_ASSETS_AT = "SOLARA_ASSETS_PROXY_CACHE_DIR"
_CALLS = 600  # connections of all kinds at a time; a browser opens up to seven
_MESSAGE = 2**21  # bytes of a message of a websocket; an upload comes in pieces of 2**20
_THP_DISABLE = 41  # of Linux's prctl
_FAREWELL = 2  # seconds that open pages get when the server ends
_CDN = re.compile(r"""["'][^"']*/_solara/cdn/([^"'?#]+\.(?:js|css))["'?#]""")
_NETWORKS = ("192.0.2.1", "10.255.255.255", "172.31.255.255", "192.168.255.255")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Options of the server; `port` None selects the first free port."""

    port: int | None = None
    share: bool = False
    show: bool = False
    app: str = "viz.screen.app"


def settings(app: str) -> dict[str, str]:
    """What Solara finds in the environment."""
    return {
        "SOLARA_APP": app,
        "SOLARA_MODE": "production",  # no reload of changed files, no look at solara.dev
        "SOLARA_ASSETS_PROXY": "true",  # files come from here, also where an editor runs the shell
        "SOLARA_ASSETS_CDN": _NOWHERE,
        "SOLARA_ASSETS_EXTRA_LOCATIONS": str(Path(__file__).parents[1] / "screen" / "assets"),
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_TELEMETRY_MIXPANEL_TOKEN": "none",
        "SOLARA_TELEMETRY_SERVER_USER_ID": "none",
        "SOLARA_TELEMETRY_SERVER_FINGERPRINT": "none",
        "SOLARA_KERNEL_CULL_TIMEOUT": f"{visitors.ALONE.cull:g}s",
        "SOLARA_SESSION_HTTP_ONLY": "true",
        "SOLARA_ROOT_PATH": "",  # or the first call decides it, by a header, for all others
        "SOLARA_THEME_TITLE": "Two Borders",
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_LOADER": "plain",
        "PYTHON_DOTENV_DISABLED": "1",
    }


def serve(options: ServeOptions) -> int:
    """Run the server until it is told to end; give the exit code."""
    with opened(options) as listening:
        _set_environment(settings(options.app))
        visitors.VISITOR_LIMITS.caps = visitors.CLASS if options.share else visitors.ALONE
        app, assets = _solara()
        _lend_in_small_pages()
        guard = Guard(app, hosts(options, listening), visitors.VISITOR_LIMITS, assets)
        return _run(guard, listening, options)


def hosts(options: ServeOptions, listening: socket.socket) -> Hosts:
    """The names by which visitors may call."""
    port = listening.getsockname()[1]
    if not options.share:
        return Hosts(port=port)
    name = socket.gethostname().lower()  # not getfqdn, which asks a network
    own = {name, f"{name.removesuffix('.local')}.local"}
    return Hosts(port=port, names=LOCAL | own, by_address=True)


# ---- the socket ----------------------------------------------------------------------------------


def opened(options: ServeOptions) -> socket.socket:
    """The socket, bound but not yet listening; raises ``SettingError`` if no port can be had."""
    host = "0.0.0.0" if options.share else "127.0.0.1"
    if options.port is not None:
        return _bound(host, options.port)
    for port in range(PORT, PORT + _TRIES):
        with contextlib.suppress(SettingError):
            found = _bound(host, port)
            if port > PORT:
                _say(f"port {PORT} is taken; {port} is free and is taken instead")
            return found
    reason = f"all ports from {PORT} to {PORT + _TRIES - 1} are taken"
    raise SettingError("--port", reason, "Give one that is free, or 0 for any.")


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would share the port with whoever has it
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        reason = f"port {port} cannot be had ({(error.strerror or str(error)).lower()})"
        raise SettingError("--port", reason, "Give another, or 0 for any that is free.") from None
    return listening


def addresses() -> list[str]:
    """The addresses of this machine in the networks that it is in; nothing is sent to find out."""
    found: list[str] = []
    for network in _NETWORKS:
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.connect((network, 9))
            found.append(probe.getsockname()[0])
    return [one for one in dict.fromkeys(found) if not one.startswith("127.")]


# ---- Solara --------------------------------------------------------------------------------------


def _set_environment(ours: dict[str, str]) -> None:
    """Put our settings in place of all that is said of Solara, except where assets lie."""
    for name in [name for name in os.environ if name.startswith("SOLARA_") and name != _ASSETS_AT]:
        del os.environ[name]
    os.environ.update(ours)


def _solara() -> tuple[Any, Path]:
    """Solara's server with the app in it, run once, and the folder with the files of its page."""
    from solara.server import settings as found

    assets = found.assets.proxy_cache_dir
    _check_assets(assets)
    visitors.attach()
    # it would say at every visit that cookies of other sites need an encrypted connection
    warnings.filterwarnings("ignore", module=r"solara\.server\.starlette")
    from solara.server import app, server, starlette

    app.ensure_apps_initialized()
    if lacking := missing(server.read_root("/") or "", assets):
        raise _assets_error(f"the package solara-assets lacks {lacking[0]}")
    return starlette.app, assets


def _check_assets(folder: Path) -> None:
    """Refuse to start a screen that would stay blank."""
    if not any(folder.glob("@widgetti/solara-vuetify-app@*")):
        raise _assets_error("the package solara-assets is not installed")


def missing(page: str, folder: Path) -> list[str]:
    """Files that a page asks for and the folder of assets does not have."""
    return [file for file in _CDN.findall(page) if not (folder / file).is_file()]


def _assets_error(reason: str) -> SettingError:
    hint = "Without it the screen stays blank. Add it: uv run --extra offline twoborders serve"
    return SettingError("serve", reason, hint)


# ---- while it runs -------------------------------------------------------------------------------


def _lend_in_small_pages() -> None:
    """Take memory in pages of 4 kB.

    numpy asks Linux for pages of 2 MB for every large array. The largest of a world is mostly never
    written, and thirty visitors have sixty worlds.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_THP_DISABLE, 1, 0, 0, 0)


def _run(app: Guard, listening: socket.socket, options: ServeOptions) -> int:
    import uvicorn

    from viz.screen.background import BACKGROUND

    config = uvicorn.Config(
        app,
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws_max_size=_MESSAGE,
        ws_per_message_deflate=False,
        limit_concurrency=_CALLS,
        timeout_graceful_shutdown=_FAREWELL,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _tell(listening, options)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            BACKGROUND.end()
            await super().shutdown(sockets)

    try:
        Server(config).run([listening])
    except KeyboardInterrupt:
        pass
    except SystemExit:  # of uvicorn, which has said why
        return 1
    _say("the screen is closed")
    return 0


def _tell(listening: socket.socket, options: ServeOptions) -> None:
    """Say where the screen is, and show it."""
    port = listening.getsockname()[1]
    here = f"http://127.0.0.1:{port}/"
    _say(f"Two Borders is at {here} (Ctrl-C ends it)")
    if options.share:
        there = [f"http://{address}:{port}/" for address in addresses()]
        _say(f"in this network at {' or '.join(there) or 'no address: it is in no network'}")
        _say(
            "warning: everyone in this network can open it, and nothing is encrypted; end it when "
            "the class is over"
        )
    if options.show:
        threading.Thread(target=_show, args=(here,), daemon=True).start()


def _show(address: str) -> None:
    """Open a browser, if there is one with windows: one in the terminal would take it over."""
    import webbrowser

    windows = sys.platform in ("win32", "darwin") or "DISPLAY" in os.environ
    if windows or "WAYLAND_DISPLAY" in os.environ:
        webbrowser.open(address)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
