"""Run Solara's server for the screen, with every connection to other machines switched off.

Solara reads its settings from the environment when it is imported, so the environment is set first
and Solara is imported afterwards. Host settings in the environment are ignored: the socket is
opened here, on 127.0.0.1 only unless the screen is shared.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import os
import re
import socket
import sys
import threading
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

from agents.own_code import refuse_class_texts
from agents.param import SettingError, plain
from experiments.runs import warmup
from viz.screen.session import visitors
from viz.screen.session.threads import start_thread
from viz.screen.sweeps.sweep_runs import SWEEPS
from viz.screen.words import one_line
from viz.server.guard import LOCAL, Guard, Hosts
from viz.server.signals import end_soon, exit_code

PORT = 8765
_LOCAL, _EVERY = "127.0.0.1", "0.0.0.0"
_TRIES = 20  # ports that are tried if none is given
_NOWHERE = "http://127.0.0.1:9/"  # address from which Solara would download missing assets
_CACHE_VARIABLE = "SOLARA_ASSETS_PROXY_CACHE_DIR"
_MESSAGE = 2**21  # largest websocket message, bytes; an upload is sent in pieces of 2**20
_HEADERS = 2**15  # largest headers of a request, bytes
_THP_DISABLE, _MMAP_THRESHOLD = 41, -3  # option numbers of Linux's prctl and glibc's mallopt
#: [A] memory for stored warm-ups, 4 MB for each seed of a class: two worlds are built at a time,
#: and the files hold all others.
_WARM_UP_BYTES = 24_000_000
_CLOSE_TIME = 2  # seconds that open pages get when the server stops
_CDN = re.compile(r"""["'][^"']*/_solara/cdn/([^"'?#]+\.(?:js|css))["'?#]""")
_NETWORKS = ("192.0.2.1", "10.255.255.255", "172.31.255.255", "192.168.255.255")
_LOGGER = logging.getLogger("viz.server")
_NO_FAULTS = (  # messages that Uvicorn logs as errors in regular operation
    "without completing handshake",  # a refused websocket
    "timeout graceful shutdown exceeded",  # a page was open when the server was stopped
)
_PROJECT = ("viz.", "experiments.", "abm.", "agents.")
PAGE_TEXT = "This page has stopped because of an internal error ({name}). Load it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Server options.

    Attributes:
        port: None selects the first free port from `PORT` on, 0 any free port.
        share: accept other machines: listen on `address` as well as on 127.0.0.1.
        address: this machine's address in the network to share with, None for all addresses.
        show: open a browser.
        app: module or file of the Solara app.
    """

    port: int | None = None
    share: bool = False
    address: str | None = None
    show: bool = False
    app: str = "viz.screen.app"


def solara_environment(app: str) -> dict[str, str]:
    """Return the environment variables that configure Solara for an app."""
    return {
        "SOLARA_APP": app,
        "SOLARA_MODE": "production",  # no reload of changed files, no request to solara.dev
        "SOLARA_ASSETS_PROXY": "true",  # assets come from this server, also inside an editor
        "SOLARA_ASSETS_CDN": _NOWHERE,
        "SOLARA_ASSETS_EXTRA_LOCATIONS": str(Path(__file__).parents[1] / "screen" / "assets"),
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_KERNEL_CULL_TIMEOUT": f"{visitors.ALONE.cull:g}s",
        "SOLARA_SESSION_HTTP_ONLY": "true",
        "SOLARA_ROOT_PATH": "",  # otherwise a header of the first request sets it for all visitors
        "SOLARA_THEME_TITLE": "Two Borders",
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_LOADER": "plain",
        "PYTHON_DOTENV_DISABLED": "1",
    }


def serve(options: ServeOptions) -> int:
    """Run the server until a signal ends it.

    Args:
        options: server options.

    Returns:
        128 plus the signal number, 1 if the server cannot start.

    Raises:
        SettingError: for a port in use, or missing assets.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(bound) for bound in open_sockets(options)]
        _set_environment(solara_environment(options.app))
        visitors.VISITOR_LIMITS.caps = visitors.CLASS if options.share else visitors.ALONE
        if not options.share:
            SWEEPS.allow()
        refuse_class_texts()  # an address or an uploaded file may come from a stranger
        app, assets = _load_solara()
        hide_tracebacks()
        log_in_one_line()
        _limit_memory()
        port = sockets[0].getsockname()[1]
        names = host_names(port, options.share)
        return _run(Guard(app, names, visitors.VISITOR_LIMITS, assets), sockets, options)


def host_names(port: int, share: bool) -> Hosts:
    """Return the names under which the server accepts requests.

    Args:
        port: server port.
        share: whether other machines may connect.

    Returns:
        The local names, and with `share` also this machine's names and addresses.
    """
    if not share:
        return Hosts(port=port)
    name = socket.gethostname().lower()  # getfqdn would send a request to the network
    names = {name, f"{name.removesuffix('.local')}.local"}
    return Hosts(port=port, names=LOCAL | names, by_address=True)


# ---- the socket ----------------------------------------------------------------------------------


def open_sockets(options: ServeOptions) -> list[socket.socket]:
    """Return sockets of one port that are bound but do not listen yet, the local one first.

    Raise ``SettingError`` if the port, or every port that is tried, is in use, or if `address` is
    not an address of this machine.
    """
    addresses = listening_addresses(options)
    if options.port is not None:
        try:
            return _bind_all(addresses, options.port)
        except PortInUse as error:
            hint = "Give another, or 0 for any free port."
            raise SettingError("--port", str(error), hint) from None
    for port in range(PORT, PORT + _TRIES):
        with contextlib.suppress(PortInUse):
            bound = _bind_all(addresses, port)
            if port > PORT:
                _log(f"port {PORT} is in use; port {port} is used instead")
            return bound
    reason = f"all ports from {PORT} to {PORT + _TRIES - 1} are in use"
    raise SettingError("--port", reason, "Give a free port, or 0 for any free port.")


def listening_addresses(options: ServeOptions) -> list[str]:
    """Return the addresses to bind. The server is not reachable at any other address."""
    if not options.share:
        return [_LOCAL]
    if options.address is None:
        return [_LOCAL, *network_addresses()]
    try:
        parsed = ipaddress.IPv4Address(options.address)
        if parsed.is_multicast or parsed == ipaddress.IPv4Address("255.255.255.255"):
            raise ValueError("not an address of a machine")
        address = str(parsed)
    except ValueError:
        hint = "Give an IPv4 address of this machine, such as 192.168.1.5."
        raise SettingError("--address", f"invalid address {plain(options.address)}", hint) from None
    return [address] if address in (_LOCAL, _EVERY) else [_LOCAL, address]


class PortInUse(Exception):
    """A port is not available. The message says why."""


def _bind_all(addresses: list[str], port: int) -> list[socket.socket]:
    """Bind the same port on all addresses, or on none."""
    with contextlib.ExitStack() as stack:
        bound: list[socket.socket] = []
        for address in addresses:
            bound.append(stack.enter_context(_bind(address, port)))
            port = bound[0].getsockname()[1]
        stack.pop_all()
        return bound


def _bind(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # on Windows the option would share a port that is in use
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRNOTAVAIL:
            addresses = ", ".join(network_addresses())
            reason = f"{host} is not an address of this machine"
            other = f"Give {addresses}, or leave it out."
            hint = other if addresses else "Leave out --address and --share."
            raise SettingError("--address", reason, hint) from None
        reason = (error.strerror or str(error)).lower()
        raise PortInUse(f"port {port} is not available ({reason})") from None
    return listening


def network_addresses() -> list[str]:
    """Return this machine's addresses in its networks, without sending any data."""
    addresses: list[str] = []
    for network in _NETWORKS:
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.connect((network, 9))
            addresses.append(probe.getsockname()[0])
    return [address for address in dict.fromkeys(addresses) if not address.startswith("127.")]


# ---- Solara --------------------------------------------------------------------------------------


def _set_environment(ours: dict[str, str]) -> None:
    """Replace all Solara variables except its asset folder."""
    for name in list(os.environ):
        if name.startswith("SOLARA_") and name != _CACHE_VARIABLE:
            del os.environ[name]
    os.environ.update(ours)


def _load_solara() -> tuple[Any, Path]:
    """Load Solara with the app, and return the ASGI application and its asset folder."""
    try:
        from solara.server import settings
    except ImportError:
        raise _assets_error("the package solara is not installed") from None
    assets = settings.assets.proxy_cache_dir
    visitors.attach()
    # at every visit it would warn that third-party cookies need an encrypted connection
    warnings.filterwarnings("ignore", module=r"solara\.server\.starlette")
    from solara.server import app, server, starlette

    for name in ("send_text", "send_bytes"):
        setattr(starlette.WebsocketWrapper, name, _send_later)
    app.ensure_apps_initialized()
    files = _CDN.findall(server.read_root("/") or "")
    if missing := [file for file in files if not (assets / file).is_file()]:
        raise _assets_error(f"the package solara-assets lacks {missing[0]}")
    return starlette.app, assets


def _send_later(websocket: Any, data: str | bytes) -> None:
    """Send a message of a page from the event loop, so that the thread of a run does not wait.

    Solara would make it wait for every message. No queue is needed: a run waits for the page after
    two frames that it has not acknowledged.
    """
    send = websocket.ws.send_text if isinstance(data, str) else websocket.ws.send_bytes

    async def try_send() -> None:
        with contextlib.suppress(Exception):  # the page may have closed
            await send(data)

    asyncio.run_coroutine_threadsafe(try_send(), websocket.event_loop)


def _assets_error(reason: str) -> SettingError:
    hint = "Start with uv run --extra screen twoborders serve, or run pip install '.[screen]'."
    return SettingError("serve", reason, hint)


# ---- while it runs -------------------------------------------------------------------------------


def _limit_memory() -> None:
    """Store fewer warm-ups, and allocate every large array in new 4 kB pages.

    Most of the largest array of a world is never written, and thirty visitors have sixty worlds.
    numpy requests 2 MB pages from Linux for such an array, and glibc takes memory that was used
    before and writes its zeros, once a block as large as the file of a warm-up was freed.
    """
    warmup.MAX_BYTES = _WARM_UP_BYTES
    if sys.platform == "linux":
        import ctypes

        system = ctypes.CDLL(None)
        system.prctl(_THP_DISABLE, 1, 0, 0, 0)
        if hasattr(system, "mallopt"):  # other C libraries return freed memory
            system.mallopt(_MMAP_THRESHOLD, 2**17)  # 128 kB


def _run(app: Guard, listening: list[socket.socket], options: ServeOptions) -> int:
    import uvicorn

    from viz.screen.session.background import BACKGROUND

    config = uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=_MESSAGE,
        ws_per_message_deflate=False,  # a small message could expand to gigabytes
        h11_max_incomplete_event_size=_HEADERS,
        timeout_graceful_shutdown=_CLOSE_TIME,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _announce(listening, options)
            start_thread(_prepare_pairs, name="ready-pairs")

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            BACKGROUND.end()
            SWEEPS.end()
            await super().shutdown(sockets)

        def handle_exit(self, sig: int, frame: Any) -> None:
            end_soon(sig)
            super().handle_exit(sig, frame)
            self._captured_signals.clear()  # uvicorn would raise the signal again

    server = Server(config)
    try:
        server.run(listening)
    except SystemExit:  # raised by uvicorn, which has printed the reason
        return 1
    _log("the screen is closed")
    return exit_code()


def _prepare_pairs() -> None:
    """Store the warm-ups of the ready pairs and load compiled code, so that no map is empty long.

    The first visitor needs seconds to open the page, and would otherwise wait for both.
    """
    from viz.screen.session.choice import Choice
    from viz.screen.session.pairs import PAIRS

    for choice in (Choice(), *(pair.choice for pair in PAIRS)):
        warmup.start_model(choice.scenario(0), choice.seed).run_for(1)


def _announce(listening: list[socket.socket], options: ServeOptions) -> None:
    """Print the screen's addresses, and open it in a browser if requested."""
    port = listening[0].getsockname()[1]
    local = f"http://{_LOCAL}:{port}/"
    _log(f"Two Borders is at {local} (press Ctrl-C to stop)")
    if options.share:
        _log(_reach([bound.getsockname()[0] for bound in listening], port))
    if options.show:
        threading.Thread(target=_show, args=(local,), daemon=True).start()


def _reach(addresses: list[str], port: int) -> str:
    """State which machines can open the screen."""
    if _EVERY in addresses:
        addresses = network_addresses()
    shared = [f"http://{address}:{port}/" for address in addresses if address != _LOCAL]
    if not shared:
        return "no other machine can open it: no network is connected"
    return (
        f"in this network at {' or '.join(shared)}\n"
        "warning: every machine that reaches this address can open it, and nothing is encrypted; "
        "use it in the network of a class, never on the internet, and stop it after the class"
    )


def _show(address: str) -> None:
    """Open a graphical browser. A text browser would block the terminal."""
    import webbrowser

    displays = {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    if displays or sys.platform in ("win32", "darwin"):
        webbrowser.open(address)


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---- errors: one line on the terminal, and no local path in a page -------------------------------


def describe_error(error: BaseException) -> str:
    """Return an error in one line, with the module and the line that raised it."""
    if isinstance(error, BaseExceptionGroup):
        return describe_error(error.exceptions[0])
    place = _place(error.__traceback__)
    return f"{type(error).__name__}: {_printable(error)}{f' ({place})' if place else ''}"


def _printable(text: object) -> str:
    """Return a text in one line without characters that control a terminal."""
    return "".join(c if c.isprintable() else "?" for c in one_line(text)[:300])


def _place(frames: TracebackType | None) -> str:
    """Return the last frame in this project, otherwise the last frame, as module:line."""
    places = [
        (str(frame.f_globals.get("__name__", "?")), line)
        for frame, line in traceback.walk_tb(frames)
    ]
    project_places = [place for place in places if place[0].startswith(_PROJECT)]
    return "{}:{}".format(*(project_places or places)[-1]) if places else ""


class OneLineFormatter(logging.Formatter):
    """Format a log record as one line, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line.

        Args:
            record: the record.
        """
        error = record.exc_info[1] if record.exc_info else None
        return f"error: {describe_error(error) if error else _printable(record.getMessage())}"


def report_error(error: BaseException) -> None:
    """Print an error in one line."""
    _LOGGER.error("error", exc_info=error)


def log_in_one_line() -> None:
    """Print errors of all libraries and threads in one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.ERROR)
    handler.setFormatter(OneLineFormatter())
    logging.getLogger().addHandler(handler)
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: not any(text in record.getMessage() for text in _NO_FAULTS)
    )

    def excepthook(args: threading.ExceptHookArgs | sys.UnraisableHookArgs, /) -> None:
        if args.exc_value is not None:
            report_error(args.exc_value)

    threading.excepthook = sys.unraisablehook = excepthook


def hide_tracebacks() -> None:
    """Make a page that fails show `PAGE_TEXT` instead of a traceback with local paths."""
    import reacton.core
    from solara.server import app

    for module in (reacton.core, app):
        module.traceback = SimpleNamespace(  # pyright: ignore[reportAttributeAccessIssue]
            format_exception=_format_for_page, format_stack=traceback.format_stack
        )


def _format_for_page(kind: Any, error: BaseException, frames: Any) -> list[str]:
    """Replace `traceback.format_exception` where its result is shown in a page."""
    report_error(error)
    return [PAGE_TEXT.format(name=type(error).__name__)]
