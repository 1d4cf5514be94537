"""Run Solara's server for the screen, without any connection to other machines.

Solara reads its settings from the environment when it is imported, so the environment is set before
the import. Host settings in the environment have no effect, because this module opens the socket,
on 127.0.0.1 only unless the screen is shared.
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
_TRIES = 20  # number of ports to try if the user gives none
_NOWHERE = "http://127.0.0.1:9/"  # address from which Solara would download missing assets
_CACHE_VARIABLE = "SOLARA_ASSETS_PROXY_CACHE_DIR"
_MESSAGE = 2**21  # maximum bytes of a websocket message; uploads are sent in pieces of 2**20
_HEADERS = 2**15  # maximum bytes of a request's headers
_THP_DISABLE, _MMAP_THRESHOLD = 41, -3  # option numbers of Linux's prctl and glibc's mallopt
#: [A] Memory for stored warm-ups, of 4 MB per seed of a class. Little is needed, because only two
#: worlds are built at a time and files store the other warm-ups.
_WARM_UP_BYTES = 24_000_000
_CLOSE_TIME = 2  # grace period for open pages when the server stops, in seconds
_CDN = re.compile(r"""["'][^"']*/_solara/cdn/([^"'?#]+\.(?:js|css))["'?#]""")
_NETWORKS = ("192.0.2.1", "10.255.255.255", "172.31.255.255", "192.168.255.255")
_LOGGER = logging.getLogger("viz.server")
_NO_FAULTS = (  # messages that Uvicorn logs as errors although nothing is wrong
    "without completing handshake",  # a refused websocket
    "timeout graceful shutdown exceeded",  # a page was open when the server was stopped
)
_PROJECT = ("viz.", "experiments.", "abm.", "agents.")
PAGE_TEXT = "This page has stopped because of an internal error ({name}). Load it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Options of the server.

    Attributes:
        port: port, None for the first free port from `PORT`, or 0 for any free port.
        share: whether other machines may connect, through `address`.
        address: address of this machine in the shared network, or None for all addresses.
        show: whether to open a browser.
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
        "SOLARA_MODE": "production",  # Do not reload changed files or send requests to solara.dev.
        "SOLARA_ASSETS_PROXY": "true",  # Serve assets from here even within an editor.
        "SOLARA_ASSETS_CDN": _NOWHERE,
        "SOLARA_ASSETS_EXTRA_LOCATIONS": str(Path(__file__).parents[1] / "screen" / "assets"),
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_KERNEL_CULL_TIMEOUT": f"{visitors.ALONE.cull:g}s",
        "SOLARA_SESSION_HTTP_ONLY": "true",
        "SOLARA_ROOT_PATH": "",  # Otherwise, a header of the first request would set it for all.
        "SOLARA_THEME_TITLE": "Two Borders",
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_LOADER": "plain",
        "PYTHON_DOTENV_DISABLED": "1",
    }


def serve(options: ServeOptions) -> int:
    """Run the server until a signal ends it.

    Args:
        options: options of the server.

    Returns:
        128 plus the number of the signal, or 1 if the server cannot start.

    Raises:
        SettingError: a port is in use, or assets are missing.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(bound) for bound in open_sockets(options)]
        _set_environment(solara_environment(options.app))
        visitors.VISITOR_LIMITS.caps = visitors.CLASS if options.share else visitors.ALONE
        if not options.share:
            SWEEPS.allow()
        refuse_class_texts()  # A stranger may have written an address or an uploaded file.
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
        port: port of the server.
        share: whether other machines may connect.

    Returns:
        The local names and, with `share`, the names and addresses of this machine.
    """
    if not share:
        return Hosts(port=port)
    name = socket.gethostname().lower()  # getfqdn would send a request to the network.
    names = {name, f"{name.removesuffix('.local')}.local"}
    return Hosts(port=port, names=LOCAL | names, by_address=True)


# ---- the socket ----------------------------------------------------------------------------------


def open_sockets(options: ServeOptions) -> list[socket.socket]:
    """Bind one socket per address at the same port, the local address first.

    The sockets do not listen yet. Raises ``SettingError`` if no port is free, or if `address` is
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
    """Return the addresses to bind. The server is reachable at these addresses only."""
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
    """Error whose message says why a port is not available."""


def _bind_all(addresses: list[str], port: int) -> list[socket.socket]:
    """Bind the same port at all addresses. If one fails, all sockets are closed."""
    with contextlib.ExitStack() as stack:
        bound: list[socket.socket] = []
        for address in addresses:
            bound.append(stack.enter_context(_bind(address, port)))
            port = bound[0].getsockname()[1]
        stack.pop_all()
        return bound


def _bind(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # On Windows, the option would share a port that is in use.
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
    """Return the addresses of this machine in its networks, without sending any data."""
    addresses: list[str] = []
    for network in _NETWORKS:
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.connect((network, 9))
            addresses.append(probe.getsockname()[0])
    return [address for address in dict.fromkeys(addresses) if not address.startswith("127.")]


# ---- Solara --------------------------------------------------------------------------------------


def _set_environment(ours: dict[str, str]) -> None:
    """Replace all environment variables of Solara except the one for its asset folder."""
    for name in list(os.environ):
        if name.startswith("SOLARA_") and name != _CACHE_VARIABLE:
            del os.environ[name]
    os.environ.update(ours)


def _load_solara() -> tuple[Any, Path]:
    """Import Solara with the app, and return the ASGI application and the folder of assets."""
    try:
        from solara.server import settings
    except ImportError:
        raise _assets_error("the package solara is not installed") from None
    assets = settings.assets.proxy_cache_dir
    visitors.attach()
    # At every visit, Solara would warn that third-party cookies need an encrypted connection.
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
    """Send a message to a page from the event loop, so that the thread of a run does not wait.

    Solara would block the thread for every message. The messages cannot accumulate, because a run
    waits when the page has not acknowledged two frames.
    """
    send = websocket.ws.send_text if isinstance(data, str) else websocket.ws.send_bytes

    async def try_send() -> None:
        with contextlib.suppress(Exception):  # The page may have been closed.
            await send(data)

    asyncio.run_coroutine_threadsafe(try_send(), websocket.event_loop)


def _assets_error(reason: str) -> SettingError:
    hint = "Start with uv run --extra screen twoborders serve, or run pip install '.[screen]'."
    return SettingError("serve", reason, hint)


# ---- while it runs -------------------------------------------------------------------------------


def _limit_memory() -> None:
    """Store fewer warm-ups in memory, and allocate large arrays in new pages of 4 kB.

    Most of the largest array in a world is never written, so its pages need no memory, which
    matters for sixty worlds. Linux would use pages of 2 MB, because numpy requests them. After
    freeing a large block, such as the file of a warm-up, glibc would reuse old memory and fill it
    with zeros.
    """
    warmup.MAX_BYTES = _WARM_UP_BYTES
    if sys.platform == "linux":
        import ctypes

        system = ctypes.CDLL(None)
        system.prctl(_THP_DISABLE, 1, 0, 0, 0)
        if hasattr(system, "mallopt"):  # Other C libraries return freed memory.
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
        ws_per_message_deflate=False,  # A small message could expand to gigabytes.
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
            self._captured_signals.clear()  # Otherwise uvicorn would raise the signal again.

    server = Server(config)
    try:
        server.run(listening)
    except SystemExit:  # Uvicorn has printed the reason.
        return 1
    _log("the screen is closed")
    return exit_code()


def _prepare_pairs() -> None:
    """Store the warm-ups of the ready pairs and load compiled code while the page opens.

    Otherwise the first visitor would see empty maps for several seconds.
    """
    from viz.screen.session.choice import Choice
    from viz.screen.session.pairs import PAIRS

    for choice in (Choice(), *(pair.choice for pair in PAIRS)):
        warmup.start_model(choice.scenario(0), choice.seed).run_for(1)


def _announce(listening: list[socket.socket], options: ServeOptions) -> None:
    """Print the addresses of the screen, and open it in a browser if requested."""
    port = listening[0].getsockname()[1]
    local = f"http://{_LOCAL}:{port}/"
    _log(f"Two Borders is at {local} (press Ctrl-C to stop)")
    if options.share:
        _log(_reach([bound.getsockname()[0] for bound in listening], port))
    if options.show:
        threading.Thread(target=_show, args=(local,), daemon=True).start()


def _reach(addresses: list[str], port: int) -> str:
    """Say at which addresses other machines can open the screen, and warn about it."""
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
    """Open the screen in a graphical browser. A text browser would block the terminal."""
    import webbrowser

    displays = {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    if displays or sys.platform in ("win32", "darwin"):
        webbrowser.open(address)


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---- errors: one line on the terminal, and no local path in a page -------------------------------


def describe_error(error: BaseException) -> str:
    """Describe an error on one line, with the module and the line that raised it."""
    if isinstance(error, BaseExceptionGroup):
        return describe_error(error.exceptions[0])
    place = _place(error.__traceback__)
    return f"{type(error).__name__}: {_printable(error)}{f' ({place})' if place else ''}"


def _printable(text: object) -> str:
    """Return a text on one line, without characters that control a terminal."""
    return "".join(c if c.isprintable() else "?" for c in one_line(text)[:300])


def _place(frames: TracebackType | None) -> str:
    """Return the last frame of this project, or else the last frame, as module:line."""
    places = [
        (str(frame.f_globals.get("__name__", "?")), line)
        for frame, line in traceback.walk_tb(frames)
    ]
    project_places = [place for place in places if place[0].startswith(_PROJECT)]
    return "{}:{}".format(*(project_places or places)[-1]) if places else ""


class OneLineFormatter(logging.Formatter):
    """Formatter that prints a log record on one line, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a log record."""
        error = record.exc_info[1] if record.exc_info else None
        return f"error: {describe_error(error) if error else _printable(record.getMessage())}"


def report_error(error: BaseException) -> None:
    """Log an error on one line."""
    _LOGGER.error("error", exc_info=error)


def log_in_one_line() -> None:
    """Print each error of any library or thread on one line."""
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
    """Show `PAGE_TEXT` on a page that fails, instead of a traceback with local paths."""
    import reacton.core
    from solara.server import app

    for module in (reacton.core, app):
        module.traceback = SimpleNamespace(  # pyright: ignore[reportAttributeAccessIssue]
            format_exception=_format_for_page, format_stack=traceback.format_stack
        )


def _format_for_page(kind: Any, error: BaseException, frames: Any) -> list[str]:
    """Report an error and return `PAGE_TEXT`, as a substitute for `traceback.format_exception`."""
    report_error(error)
    return [PAGE_TEXT.format(name=type(error).__name__)]
