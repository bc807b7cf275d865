"""The queue of messages as files, where there is no Redis.

It is Kombu's, with messages that appear whole.

Kombu opens a message's file under its name and then writes it. A worker that looks in between takes an empty file, loses the
message and stops. Here a message gets its name only when it is written.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Kombu's channel over files, see there; only putting differs."""

    def _put(self, queue: str, payload: object, **_options: Any) -> None:  # type: ignore[override]  # its bases differ in names
        """Write a message beside the others, then give it the name by which workers find it.

        Names begin with a time, so that messages are taken in its order.
        """
        folder, name = Path(self.data_folder_out), f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        # Kombu takes what follows a name's first dot for the queue: behind a leading dot no worker finds its own.
        part = folder / f".{name}"
        try:
            part.write_bytes(dumps(payload).encode())
            part.replace(folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add message {name} to {folder}.") from error


class Transport(filesystem.Transport):
    """Kombu's transport over files with that channel."""

    Channel = Channel
