"""Takes README's pictures anew from a running demo: `python docs/pictures/take.py [ADDRESS]`.

Needs the requirements of the tests (`make test`) and Chromium.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

FOLDER = Path(__file__).parent
PASSWORD = "Yanshi-2026"  # noqa: S105 -- the demo prints it
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


def visit(browser: Browser, address: str, size: ViewportSize, username: str = "") -> Page:
    """A page of its own, logged in where a name is given."""
    page = browser.new_context(viewport=size, locale="zh-CN").new_page()
    if username:
        page.goto(f"{address}/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
    return page


def take(page: Page, name: str) -> None:
    page.wait_for_timeout(1_500)  # letters and maps come after the page
    page.screenshot(path=FOLDER / f"{name}.png")


def main(address: str) -> None:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        arguments = ["--no-sandbox", "--no-proxy-server"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        desk = visit(browser, address, DESK, "dispatcher")
        desk.goto(f"{address}/")
        take(desk, "queue")
        desk.goto(f"{address}/?tab=all&state=handling")
        links = desk.locator("tbody a[href^='/cases/']").all()
        for path in [link.get_attribute("href") for link in links]:
            desk.goto(f"{address}{path}")
            if desk.locator("img[src*='/photos/']").count():
                break
        take(desk, "case")
        phone = visit(browser, address, PHONE, "grid_worker")
        phone.goto(f"{address}/m/?tab=all")
        take(phone, "phone")
        resident = visit(browser, address, PHONE)
        resident.goto(f"{address}/report/")
        take(resident, "public")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
