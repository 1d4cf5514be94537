"""Messages of a websocket are sent in order, and a slow or closed page blocks no other thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from solara.server.websocket import WebSocketDisconnect

from viz.server.outbox import Data, Outbox, batch

THREADS, EACH = 8, 200


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def _in_threads(put: Callable[[Data], None]) -> list[threading.Thread]:
    def put_all(number: int) -> None:
        for k in range(EACH):
            put(f"{number} {k}")

    threads = [threading.Thread(target=put_all, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.parametrize("most", [1, 20, 1_000_000])
def test_every_message_is_sent_once_and_in_the_order_of_its_thread(most: int):
    sent: list[Data] = []

    async def send(message: Data) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    async def session() -> None:
        box = Outbox(asyncio.get_running_loop(), send, most)
        threads = _in_threads(box.put)
        box.put("from the loop")
        await asyncio.wait_for(_until(lambda: len(sent) == THREADS * EACH + 1), 30)
        for thread in threads:
            thread.join(10)

    asyncio.run(session())
    for number in range(THREADS):
        own = [m for m in sent if isinstance(m, str) and m.startswith(f"{number} ")]
        assert own == [f"{number} {k}" for k in range(EACH)]


def test_a_thread_waits_while_too_much_is_waiting_and_goes_on_after_that():
    gate, sent = asyncio.Event(), []

    async def send(message: Data) -> None:
        await gate.wait()
        sent.append(message)

    async def session() -> None:
        box = Outbox(asyncio.get_running_loop(), send, most=10)
        thread = threading.Thread(target=lambda: [box.put("12345678") for _ in range(5)])
        thread.start()
        await asyncio.sleep(0.05)
        assert thread.is_alive() and not sent
        gate.set()
        await asyncio.wait_for(_until(lambda: len(sent) == 5), 10)
        thread.join(10)
        assert not thread.is_alive()

    asyncio.run(session())


def test_a_closed_websocket_releases_and_refuses_its_senders():
    async def send(message: Data) -> None:
        await asyncio.sleep(0.01)
        raise RuntimeError("the websocket is closed")

    refused: list[int] = []

    async def session() -> None:
        box = Outbox(asyncio.get_running_loop(), send, most=4)

        def put_many() -> None:
            try:
                for k in range(1000):
                    box.put(f"{k:4}")
            except WebSocketDisconnect:
                refused.append(1)

        threads = [threading.Thread(target=put_many) for _ in range(3)]
        for thread in threads:
            thread.start()
        await asyncio.wait_for(_until(lambda: len(refused) == 3), 10)
        with pytest.raises(WebSocketDisconnect):
            box.put("later")

    asyncio.run(session())


def test_an_ended_server_refuses_messages():
    loop = asyncio.new_event_loop()
    box = Outbox(loop, lambda message: asyncio.sleep(0))
    loop.close()
    for _ in range(2):
        with pytest.raises(WebSocketDisconnect):
            box.put("late")


@pytest.mark.parametrize("most", [1, 1_000_000])
def test_the_messages_of_a_batch_are_sent_in_order_and_others_do_not_wait_for_them(most: int):
    sent: list[Data] = []

    async def send(message: Data) -> None:
        sent.append(message)

    async def session() -> None:
        loop = asyncio.get_running_loop()
        first, second = Outbox(loop, send, most), Outbox(loop, send, most)

        def put_batch() -> None:
            with batch():
                for message in "abc":
                    first.put(message)
                other = threading.Thread(target=second.put, args=("x",))
                other.start()
                other.join(10)

        await asyncio.wait_for(asyncio.to_thread(put_batch), 10)
        await asyncio.wait_for(_until(lambda: len(sent) == 4), 10)

    asyncio.run(session())
    assert [message for message in sent if message != "x"] == ["a", "b", "c"]
    assert sent[0] == "x" or most == 1, "only a full outbox sends before the end of the batch"


def test_a_batch_wakes_the_loop_once_for_all_messages_of_a_page():
    sent: list[Data] = []

    async def send(message: Data) -> None:
        sent.append(message)

    async def session() -> list[object]:
        loop, wakes = asyncio.get_running_loop(), []
        box = Outbox(loop, send)
        box._create_task = lambda: wakes.append(loop.create_task(box._send_all()))

        def put_batch() -> None:
            with batch(), batch():
                for message in "abc":
                    box.put(message)

        await asyncio.to_thread(put_batch)
        await asyncio.wait_for(_until(lambda: len(sent) == 3), 10)
        return wakes

    assert len(asyncio.run(session())) == 1


def test_a_page_that_closes_within_a_batch_does_not_disturb_it():
    async def send(message: Data) -> None:
        raise RuntimeError("closed")

    async def session() -> None:
        box = Outbox(asyncio.get_running_loop(), send)

        def put_batch() -> None:
            with batch():
                box.put("a")

        await asyncio.to_thread(put_batch)
        await asyncio.wait_for(_until(lambda: box._is_closed), 10)
        with pytest.raises(WebSocketDisconnect):
            await asyncio.to_thread(box.put, "b")

    asyncio.run(session())
