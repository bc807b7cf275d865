"""The queue of messages as files, under several processes' worth of hands at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import Connection

SENDERS, MESSAGES = 4, 60


def connection(folder: Path) -> Connection:
    """A connection of its own to the queue in a folder."""
    options = {name: str(folder) for name in ("data_folder_in", "data_folder_out")}
    more = {name: str(folder / name) for name in ("processed_folder", "control_folder")}
    return Connection(
        "filesystem://localhost", transport="customerfocus.queue:Transport", transport_options=options | more
    )


def test_messages_that_are_taken_while_others_are_put_arrive_whole_and_once(tmp_path: Path) -> None:
    def send(sender: int) -> None:
        with connection(tmp_path) as there:
            for number in range(MESSAGES):
                there.default_channel._put("celery", {"sender": sender, "number": number, "text": "x" * 20_000})

    def take(sending: Any) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        with connection(tmp_path) as here:
            while True:
                is_over = all(each.done() for each in sending)
                try:
                    message = here.default_channel._get("celery")
                except Empty:
                    if is_over:
                        return found
                    continue
                found.append((message["sender"], message["number"]))

    with ThreadPoolExecutor(SENDERS) as pool:
        received = take([pool.submit(send, sender) for sender in range(SENDERS)])
    assert sorted(received) == [(sender, number) for sender in range(SENDERS) for number in range(MESSAGES)]


def test_a_message_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    class Looked:
        def __json__(self) -> list[str]:
            """What a worker would find while the message is written."""
            return [path.name for path in tmp_path.glob("*.msg")]

    with connection(tmp_path) as there:
        there.default_channel._put("celery", {"found": Looked()})
        assert there.default_channel._get("celery") == {"found": []}
