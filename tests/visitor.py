"""Somebody at a browser without scripts: cookies, forms as the page shows them, live hints."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from itertools import count
from typing import IO, Any
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPCookieProcessor,
    HTTPErrorProcessor,
    ProxyHandler,
    Request,
    build_opener,
)

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.builders import PASSWORD

_addresses = count(1)


@dataclass
class Form:
    action: str
    values: dict[str, Any] = field(default_factory=dict)
    method: str = "post"


class Forms(HTMLParser):
    """The forms of a page with the values that a browser would send unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.select = ""
        self.textarea = ""

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attrs = {name: value or "" for name, value in pairs}
        if tag == "form":
            self.found.append(Form(attrs.get("action", ""), method=attrs.get("method", "get")))
        elif self.found and "disabled" not in attrs:
            self.field(tag, attrs)

    def field(self, tag: str, attrs: dict[str, str]) -> None:
        name, kind = attrs.get("name", ""), attrs.get("type", "text")
        values = self.found[-1].values
        if tag == "input" and name and kind != "file":
            if kind not in {"radio", "checkbox"} or "checked" in attrs:
                values[name] = attrs.get("value", "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            if self.select not in values or "selected" in attrs:
                values[self.select] = attrs.get("value", "")
        elif tag == "textarea":
            self.textarea = name
            values[name] = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.found[-1].values[self.textarea] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.textarea = "" if tag == "textarea" else self.textarea


@dataclass(frozen=True)
class Page:
    status: int
    url: str
    text: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def form(self, action: str) -> Form:
        """The form that is sent to an address with this end; "" is the page's own address."""
        parser = Forms()
        parser.feed(self.text)
        # one of a dialog is sent nowhere
        sent = [form for form in parser.found if form.method != "dialog"]
        wanted = [f for f in sent if (f.action.endswith(action) if action else not f.action)]
        assert len(wanted) == 1, f"{[f.action for f in parser.found]} of {self.path}: {action!r}"
        return wanted[0]


class Tolerant(HTTPErrorProcessor):
    """Errors are pages too; redirects are followed."""

    def http_response(self, request: Request, response: Any) -> Any:
        return (
            super().http_response(request, response) if 300 <= response.status < 400 else response
        )


class Visitor:
    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        # No proxy of the environment between us and our own machine.
        self.opener = build_opener(ProxyHandler({}), Tolerant, HTTPCookieProcessor(self.cookies))
        # As nginx says it: how much one may report is counted by address.
        self.headers = {"X-Real-IP": f"10.0.0.{next(_addresses)}"}
        self.opener.addheaders = list(self.headers.items())

    def get(self, path: str) -> Page:
        return self.open(Request(urljoin(self.url, path)))

    def download(self, page: Page, action: str) -> bytes:
        """The file that a form of the page answers with."""
        form = page.form(action)
        request = Request(
            urljoin(page.url, form.action), encode_multipart(BOUNDARY, form.values), method="POST"
        )
        request.add_header("Content-Type", MULTIPART_CONTENT)
        with self.opener.open(request, timeout=20) as answer:
            assert "attachment" in answer.headers["Content-Disposition"], answer.url
            content: bytes = answer.read()
        return content

    def open(self, request: Request) -> Page:
        with self.opener.open(request, timeout=20) as answer:
            return Page(answer.status, answer.url, answer.read().decode(errors="replace"))

    def submit(self, page: Page, action: str = "", **values: Any) -> Page:
        """Fill in a form of the page and send it; files are given as file objects."""
        form = page.form(action)
        body = encode_multipart(BOUNDARY, {**form.values, **values})
        request = Request(urljoin(page.url, form.action or page.url), body, method="POST")
        request.add_header("Content-Type", MULTIPART_CONTENT)
        return self.open(request)

    def log_in(self, username: str, password: str = PASSWORD) -> Page:
        page = self.submit(self.get("/login/"), username=username, password=password)
        assert page.path != "/login/", page.text
        return page

    def act(
        self, number: str, code: str, *, at: str = "/cases/", **values: IO[bytes] | str
    ) -> Page:
        """One move by its form, which the page of the case leads to."""
        page = self.get(f"{at}{number}/")
        assert f'data-act="{code}"' in page.text, page.text
        page = self.submit(self.get(f"{at}{number}/{code}/"), f"/{number}/{code}/", **values)
        assert page.status == 200, page.text
        return page

    @contextmanager
    def listening(self, seconds: float = 20) -> Iterator[Iterator[list[str]]]:
        """The live hints as they come: what the page's EventSource would hear."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=seconds)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        connection.request("GET", "/events/", headers={"Cookie": cookies})
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "text/event-stream", answer.status
        assert answer.readline() == b": open\n"
        try:
            yield (json.loads(line[6:]) for line in answer if line.startswith(b"data: "))
        finally:
            answer.close()
            connection.close()
