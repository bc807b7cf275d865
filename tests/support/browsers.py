"""People at work on a real web server: each records actions through the product's own form, over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from html import unescape
from http.client import HTTPConnection
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
#: An action as the form wants it.
ACTION = {"kind": "corrective", "status": "planned", "waiting_days": "30"}


class Answer(NamedTuple):
    """What came back: status, page, and the seconds that it took."""

    status: int
    page: str
    seconds: float

    @property
    def kept(self) -> dict[str, str]:
        """What the page keeps of a form, to be sent again."""
        return {unescape(name): unescape(value) for name, value in _HIDDEN.findall(self.page)}

    @property
    def token(self) -> str:
        """The token that a form on the page carries."""
        found = _TOKEN.search(self.page)
        assert found, self.page
        return found[1]


class Colleague(Thread):
    """Somebody who records one action after the other until ``is_over``; what couldn't be saved is sent again.

    Args:
        address: of the web server.
        session: the key of a session that is logged in.
        name: begins the title of each action.
        pause: seconds between two actions.
    """

    def __init__(self, address: str, session: str, name: str, pause: float = 0.2) -> None:
        super().__init__(daemon=True, name=name)
        self._server, self._pause = urlsplit(address).netloc, pause
        self._cookies = {"sessionid": session}
        self.is_over = False
        #: The titles of what was saved, and every answer to something that was sent.
        self.recorded: list[str] = []
        self.answers: list[Answer] = []

    def run(self) -> None:
        while not self.is_over:
            self.record(f"{self.name} {len(self.recorded)}")
            time.sleep(self._pause)

    def record(self, title: str) -> None:
        """Record an action; again and again with what the page kept, until it is saved."""
        values = ACTION | {"title": title, "csrfmiddlewaretoken": self.ask("/o/acme/actions/new/").token}
        while True:
            answer = self.ask("/o/acme/actions/new/", values)
            self.answers.append(answer)
            if answer.status != 503:
                break
            values = answer.kept | {"csrfmiddlewaretoken": answer.token}
        assert answer.status == 302, answer.page
        self.recorded.append(title)

    def ask(self, path: str, values: Mapping[str, str] | None = None) -> Answer:
        """Open a page, or send values to it."""
        began = time.monotonic()
        connection = HTTPConnection(self._server, timeout=120)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if values is None:
            connection.request("GET", path, headers=headers)
        else:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{self._server}{path}"}
            connection.request("POST", path, urlencode(values), headers)
        response = connection.getresponse()
        page = response.read().decode()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _equals, rest = value.partition("=")
                self._cookies[cookie] = rest.partition(";")[0]
        connection.close()
        return Answer(response.status, page, time.monotonic() - began)
