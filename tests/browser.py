"""Chromium for the tests: contexts with a log-in, and pages whose complaints are written down."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page

from tests.visitor import Visitor

# Debian's shell without a window first: the same engine for four fifths of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), "")
INSTALL = "没有 Chromium，请先安装：apt-get install chromium fonts-noto-cjk · Chromium is missing"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]
AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*/axe.min.js"))
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Scripts by which the test itself looks on; they run outside the page's own policy.
WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# Without `preload`, as axe would write the style sheets into the page, against the policy.
SERIOUS = """
axe.run(document.querySelector("%s"), {
  preload: false,
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
}).then((found) =>
  JSON.stringify(found.violations
    .filter(({impact}) => ["serious", "critical"].includes(impact))
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 160)).join(" | ")}`)))
"""
TOO_WIDE = """
JSON.stringify(document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((one) => "too wide: " + one.outerHTML.slice(0, 160)))
"""


@dataclass
class Watched:
    """A page, and what went wrong on it: errors of scripts, of the console, of the policy."""

    page: Page
    debugger: CDPSession
    complaints: list[str] = field(default_factory=list)

    def note(self, message: ConsoleMessage) -> None:
        # A page that is a 404 itself is reported as a failed resource.
        if message.type == "error" and message.location.get("url") != self.page.url:
            self.complaints.append(f"{message.text} {message.location.get('url')}")

    def ask(self, script: str) -> list[str]:
        """Run a script that answers with JSON; by the debugger, as the policy forbids `eval`."""
        answer = self.debugger.send(
            "Runtime.evaluate",
            {"expression": script, "awaitPromise": True, "returnByValue": True},
        )
        assert "exceptionDetails" not in answer, answer
        found: list[str] = json.loads(answer["result"]["value"])
        return found

    def audit(self, size: dict[str, int], part: str = "html") -> list[str]:
        """What is wrong with the page as it stands, at this size of the window: axe looks at the
        part that the selector names."""
        self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        self.debugger.send("Runtime.evaluate", {"expression": AXE.read_text()})
        serious = self.ask(SERIOUS % part)
        return [f"{size['width']} px: {found}" for found in serious + self.ask(TOO_WIDE)]


def context_for(browser: Browser, visitor: Visitor, **options: Any) -> BrowserContext:
    """A context with the visitor's cookies; an office computer that says en-US."""
    options = {"locale": "en-US", "viewport": DESK, **options}
    context = browser.new_context(
        base_url=visitor.url, extra_http_headers=visitor.headers, **options
    )
    context.set_default_timeout(10_000)
    context.add_cookies(
        [{"name": c.name, "value": c.value or "", "url": visitor.url} for c in visitor.cookies]
    )
    return context


def watch(context: BrowserContext) -> Watched:
    page = context.new_page()
    page.add_init_script(WATCH)
    watched = Watched(page, context.new_cdp_session(page))
    page.on("console", watched.note)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    return watched
