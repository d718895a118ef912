"""Somebody at a real server without a browser: keeps cookies, sends forms with their token."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

PASSWORD = "dance-all-night"  # of everybody in the demo


class Visitor:
    """One browser profile. `port` may change: cookies do not know ports, and the servers of one test share keys."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self._token = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a socket of this browser sends along."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)
        return {"Cookie": cookies, "Origin": f"http://localhost:{self.port}"}

    def get(self, path: str) -> str:
        """The page. Raises HTTPError."""
        with self._opener.open(f"http://localhost:{self.port}{path}", timeout=30) as answer:
            html: str = answer.read().decode()
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html):
            self._token = found.group(1)
        return html

    def post(self, path: str, accept: str = "text/html", **form: object) -> str:
        """The answer, after redirects. Raises HTTPError, or OSError when the server dies meanwhile."""
        data = urlencode({"csrf_token": self._token} | form).encode()
        request = urllib.request.Request(
            f"http://localhost:{self.port}{path}", data, {"Referer": f"http://localhost:{self.port}/", "Accept": accept}
        )
        try:
            with self._opener.open(request, timeout=30) as answer:
                return str(answer.read().decode())
        except http.client.RemoteDisconnected as error:
            raise ConnectionResetError(str(error)) from error

    def sign_in(self, who: str) -> Visitor:
        """As one of the demo's people, by the form and the password."""
        self.get("/sign-in")
        self.post("/sign-in", email=f"{who}@pika.example", password=PASSWORD, stay="1")
        self.get("/account")
        return self
