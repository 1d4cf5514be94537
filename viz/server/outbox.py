"""Send the messages of a websocket in order, without a thread that waits for each of them.

Solara passes every message to the thread of the server and waits until it is sent, which costs two
thread switches and a task per message. With thirty running visitors this was half of the server's
work. Here a thread adds its message to a queue and continues; one task sends the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from solara.server.websocket import WebSocketDisconnect

from viz.screen.session.threads import send_together

#: [A] bytes that may wait for a slow page; above it, the threads that send to the page wait.
MOST_WAITING = 4_000_000

type Data = str | bytes

_held = threading.local()  # `boxes`: outboxes with messages that this thread sends later


@contextlib.contextmanager
def batch() -> Iterator[None]:
    """Collect the messages that this thread adds in the context, and send them at its end.

    Every start of the sending task wakes the thread of the server, which then competes with this
    one for the interpreter.
    """
    outer, _held.boxes = getattr(_held, "boxes", None), {}
    boxes: dict[Outbox, None] = _held.boxes
    try:
        yield
    finally:
        _held.boxes = outer
        for box in boxes:
            with contextlib.suppress(WebSocketDisconnect):  # the next message gets the error
                box.flush()


class Outbox:
    """Queue of the messages that one websocket has to send; thread-safe.

    Args:
        loop: the event loop of the server, which sends them.
        send: sends a message; an exception means that the websocket is closed.
        most: bytes that may wait; a thread that adds more waits until there is room.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send: Callable[[Data], Awaitable[None]],
        most: int = MOST_WAITING,
    ) -> None:
        self._loop, self._send, self._most = loop, send, most
        self._loop_thread = threading.get_ident()
        self._messages: deque[Data] = deque()
        self._size, self._is_sending, self._is_closed = 0, False, False
        self._changed = threading.Condition()
        self._task: asyncio.Task[None] | None = None  # the loop keeps only a weak reference

    def put(self, message: Data) -> None:
        """Add a message; raise ``WebSocketDisconnect`` if the websocket is closed."""
        in_loop = threading.get_ident() == self._loop_thread
        held = None if in_loop else getattr(_held, "boxes", None)
        with self._changed:
            if not in_loop and not self._has_room():  # the loop makes room: it must not wait
                self.flush()
                self._changed.wait_for(self._has_room)
            if self._is_closed:
                raise WebSocketDisconnect()
            self._messages.append(message)
            self._size += len(message)
        if held is None:
            self.flush()
        else:
            held[self] = None

    def flush(self) -> None:
        """Make the loop send the queue; raise ``WebSocketDisconnect`` if the server has ended."""
        with self._changed:
            if not self._messages or self._is_sending:
                return
            self._is_sending = True
        try:
            self._loop.call_soon_threadsafe(self._create_task)
        except RuntimeError:  # the server has ended
            self._close()
            raise WebSocketDisconnect() from None

    def _has_room(self) -> bool:
        return self._is_closed or self._size < self._most

    def _create_task(self) -> None:
        self._task = self._loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        """Send messages until none is left or the websocket is closed."""
        try:
            while (message := self._next()) is not None:
                await self._send(message)
        except Exception:  # the next thread that sends gets an error
            self._close()

    def _next(self) -> Data | None:
        """Remove and return the next message; None if there is none."""
        with self._changed:
            if not self._messages:
                self._is_sending = False
                return None
            message = self._messages.popleft()
            self._size -= len(message)
            self._changed.notify_all()
            return message

    def _close(self) -> None:
        """Drop the remaining messages and release the threads that wait."""
        with self._changed:
            self._is_closed = True
            self._messages.clear()
            self._changed.notify_all()


def _is_acknowledgement(message: Any) -> bool:
    """Return whether a message of a page only acknowledges a drawn frame."""
    data = message.get("content", {}).get("data")
    state = data.get("state") if isinstance(data, dict) else None
    return isinstance(state, dict) and state.keys() == {"ack"}


def answer_in_batches() -> None:
    """Send both replies of Solara to an acknowledgement together, since every frame has one."""
    from solara.server import server

    process = server.process_kernel_messages

    def process_message(kernel: Any, message: Any) -> bool:
        if not _is_acknowledgement(message):
            return process(kernel, message)
        with batch():
            return process(kernel, message)

    server.process_kernel_messages = process_message


def use_outboxes() -> None:
    """Make the websockets of Solara send their messages through an `Outbox`, in batches."""
    send_together(batch)
    answer_in_batches()
    from solara.server.starlette import WebsocketWrapper

    create = WebsocketWrapper.__init__

    def create_with_outbox(self: Any, *args: Any, **more: Any) -> None:
        create(self, *args, **more)

        async def send(message: Data) -> None:
            try:
                if isinstance(message, str):
                    await self.ws.send_text(message)
                else:
                    await self.ws.send_bytes(message)
            except Exception:  # a page that missed a message must connect again
                with contextlib.suppress(Exception):
                    await self.ws.close()
                raise

        self.outbox = Outbox(self.event_loop, send)

    def put(self: Any, message: Data) -> None:
        self.outbox.put(message)

    patched: Any = WebsocketWrapper
    patched.__init__, patched.send_text, patched.send_bytes = create_with_outbox, put, put
