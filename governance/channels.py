"""Ways out of the house: over HTTP an SMS gateway and the group robots of WeCom (企业微信), and
over SMTP e-mail to residents.

A channel is on when its address is set. What is sent carries the same key on every try, ends within
settings.CHANNEL_SECONDS (e-mail: EMAIL_TIMEOUT) whatever the other side does, and counts against
the channel's number a minute; posts are signed. What is raised tells neither the address, nor the
number, nor the text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from queue import Empty, SimpleQueue
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from threading import Thread
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError

from django.conf import settings
from django.core.mail import EmailMessage

from governance import clock, rates
from governance.sending import Later, NotTaken

LONGEST_WAIT = timedelta(days=1)
LARGEST_ANSWER = 64 * 1024
TOO_FAST = 45009  # what a robot answers beyond its twenty a minute
TIMED_OUT = "timed out"


def opener() -> request.OpenerDirector:
    """HTTP alone; a redirect is not followed: it would carry a phone number we know not where."""
    made = request.OpenerDirector()
    for handler in (
        *(request.ProxyHandler, request.HTTPHandler, request.HTTPSHandler),
        *(request.HTTPErrorProcessor, request.HTTPDefaultErrorHandler, request.UnknownHandler),
    ):
        made.add_handler(handler())
    return made


OPENER = opener()


def sms_is_on() -> bool:
    return bool(settings.SMS_URL)


def send_sms(phone: str, text: str, key: str) -> None:
    """Hand one message to the gateway; any 2xx says that it was taken."""
    wait_turn("sms", settings.SMS_PER_MINUTE)
    post(settings.SMS_URL, {"phone": phone, "text": text}, key, settings.SMS_SECRET)


def email_is_on() -> bool:
    return bool(settings.EMAIL_TO_RESIDENTS)


def send_email(address: str, subject: str, text: str, key: str) -> None:
    """Hand one message to the mail server; its Message-ID is the same on every try."""
    wait_turn("email", settings.EMAIL_PER_MINUTE)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    headers = {
        "Message-ID": f"<{key.replace(':', '.')}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMessage(subject, text, to=[address], headers=headers)
    in_time(lambda: mailed(message), settings.EMAIL_TIMEOUT)


def mailed(message: EmailMessage) -> bytes:
    """Raises NotTaken: what smtplib raises would repeat the address."""
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        raise NotTaken(f"SMTP {max(codes, default=0)}") from None
    except SMTPResponseException as error:
        raise NotTaken(f"SMTP {error.smtp_code}") from None
    except (SMTPException, OSError, ValueError) as error:
        raise NotTaken(named(error)) from None
    return b""


def has_robot(unit_name: str) -> bool:
    return unit_name in settings.WECOM_ROBOTS


def send_robot(unit_name: str, text: str, key: str) -> None:
    """A post to the group of a unit; the robot says 200 also to what it refuses."""
    wait_turn(f"wecom:{unit_name}", settings.WECOM_PER_MINUTE)
    body = {"msgtype": "text", "text": {"content": text}}
    answer = post(settings.WECOM_ROBOTS[unit_name], body, key, settings.WECOM_SECRET)
    try:
        code = int(json.loads(answer).get("errcode", 0))
    except (ValueError, TypeError, AttributeError):
        raise NotTaken("unreadable answer") from None
    if code:
        wait = timedelta(minutes=1) if code == TOO_FAST else timedelta()
        raise NotTaken(f"errcode {code}", retry_after=wait)


def wait_turn(channel: str, per_minute: int) -> None:
    """Count one more of this minute, or raise Later with the next one's beginning."""
    window = rates.window_of(60, clock.now())
    if rates.hit(f"channel:{channel}", window) > per_minute:
        raise Later(window + timedelta(minutes=1))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a line feed and the body: a post cannot be replayed later."""
    said = timestamp.encode() + b"\n" + body
    return "sha256=" + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def post(url: str, content: Mapping[str, Any], key: str, secret: str) -> bytes:
    """Post as JSON; returns the answer's body. Raises NotTaken."""
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    if secret:
        timestamp = str(int(clock.now().timestamp()))
        headers |= {"X-Timestamp": timestamp, "X-Signature": sign(secret, timestamp, body)}
    return in_time(lambda: posted(url, body, headers), settings.CHANNEL_SECONDS)


def in_time(hand_over: Callable[[], bytes], seconds: float) -> bytes:
    """What the other side answers. Raises the NotTaken that came instead, or one of its own.

    In a thread, as the time-out of a socket holds for one read only, and not for finding the host.
    """
    answers: SimpleQueue[bytes | NotTaken] = SimpleQueue()

    def put() -> None:
        try:
            answers.put(hand_over())
        except NotTaken as error:
            answers.put(error)

    Thread(target=put, daemon=True, name="channel").start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise NotTaken(TIMED_OUT) from None
    if isinstance(answer, NotTaken):
        raise answer
    return answer


def posted(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    try:
        asked = request.Request(url, body, dict(headers), method="POST")  # noqa: S310 -- OPENER
        with OPENER.open(asked, timeout=settings.CHANNEL_SECONDS) as response:
            answer: bytes = response.read(LARGEST_ANSWER)
    except HTTPError as error:
        with error:
            wait = asked_wait(error)
        raise NotTaken(f"HTTP {error.code}", retry_after=wait) from None
    except URLError as error:
        raise NotTaken(named(error.reason)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise NotTaken(named(error)) from None
    return answer


def named(error: BaseException | str) -> str:
    """What kind of error it was, without what it says: that may repeat an address.

    A socket's own time-out is called what `in_time` calls it: either may be the first to notice.
    """
    return TIMED_OUT if isinstance(error, TimeoutError) else type(error).__name__


def asked_wait(error: HTTPError) -> timedelta:
    """What Retry-After says, in seconds or as a date; a day at the longest."""
    said = (error.headers.get("Retry-After") or "").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=min(int(said), 10**6)), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(said) - datetime.now(UTC)
    except (TypeError, ValueError):
        return timedelta()
    return min(max(wait, timedelta()), LONGEST_WAIT)
