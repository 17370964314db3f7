"""Messages: told once, delivered under a lease, retried, given up visibly, in one's language."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance import outbox
from governance.models import Delivery, Message, User
from governance.outbox import Note
from tests.builders import create_user, moment, shift_clock

NOON = moment("2026-06-01 12:00")
LEASE = timedelta(minutes=2)


class Broken:
    """A channel whose other side is down."""

    def address(self, user: User) -> str:
        return user.email

    def send(self, address: str, subject: str, text: str, key: str) -> None:
        raise ConnectionError("对方无应答")


@pytest.fixture(autouse=True)
def noon(db: None, monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setitem(outbox.SENTENCES, "test.assigned", "%(number)s 号事件待您处置")
    monkeypatch.setitem(outbox.SENTENCES, "test.monday", _("Monday"))
    return shift_clock(to=NOON)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox.CHANNELS, "email", Broken())


def note(user: User, key: str = "case-7-assigned", kind: str = "test.assigned") -> Note:
    return Note(user.pk, kind, key, {"number": "7"})


def texts() -> list[tuple[list[str], str]]:
    return [(list(sent.to), str(sent.body)) for sent in mail.outbox]


def test_one_is_told_once_a_key() -> None:
    zhang, li = create_user(username="zhang"), create_user(username="li")

    outbox.tell([note(zhang), note(zhang), note(li)], NOON)
    outbox.tell([note(zhang), note(zhang, "case-7-overdue")], NOON)

    assert list(
        Message.objects.order_by("recipient__username", "pk").values_list(
            "recipient__username", "dedupe_key"
        )
    ) == [
        ("li", "case-7-assigned"),
        ("zhang", "case-7-assigned"),
        ("zhang", "case-7-overdue"),
    ]


def test_nothing_to_tell_is_nothing() -> None:
    outbox.tell([], NOON)

    assert not Message.objects.exists()


def test_only_those_with_an_address_get_deliveries() -> None:
    reachable = create_user(username="reachable", email="a@example.com")
    silent = create_user(username="silent")
    gone = create_user(username="gone", email="b@example.com")
    User.objects.filter(pk=gone.pk).update(is_active=False)

    outbox.tell([note(reachable), note(silent), note(gone)], NOON)

    assert Message.objects.count() == 3
    delivery = Delivery.objects.get()
    assert (delivery.message.recipient, delivery.channel) == (reachable, "email")


def test_telling_others_does_not_deliver_an_old_message() -> None:
    early = create_user(username="early")
    outbox.tell([note(early, "a")], NOON)
    User.objects.filter(pk=early.pk).update(email="early@example.com")
    late = create_user(username="late", email="late@example.com")

    outbox.tell([note(early, "b"), note(late, "a")], NOON)

    assert set(Delivery.objects.values_list("message__recipient", "message__dedupe_key")) == {
        (early.pk, "b"),
        (late.pk, "a"),
    }


def test_a_delivery_goes_out_once() -> None:
    user = create_user(email="a@example.com")
    outbox.tell([note(user)], NOON)

    assert [outbox.deliver(), outbox.deliver()] == [1, 0]

    assert texts() == [(["a@example.com"], "7 号事件待您处置")]
    delivery = Delivery.objects.get()
    assert (delivery.sent_at, delivery.attempts, delivery.leased_until) == (NOON, 1, None)
    key = f"<delivery-{delivery.pk}@localhost>"
    assert mail.outbox[0].extra_headers["Message-ID"] == key


def test_everybody_reads_their_own_language() -> None:
    outbox.tell(
        [
            note(create_user(email="zh@example.com"), kind="test.monday"),
            note(create_user(email="en@example.com", language="en"), kind="test.monday"),
        ],
        NOON,
    )

    with translation.override("en"):
        outbox.deliver()

    assert sorted(texts()) == [(["en@example.com"], "Monday"), (["zh@example.com"], "星期一")]


def test_a_leased_one_is_left_alone_until_the_lease_ends() -> None:
    outbox.tell([note(create_user(email="a@example.com"))], NOON)
    (held,) = outbox.lease(10)  # a worker that dies now

    assert outbox.deliver() == 0
    shift_clock(to=NOON + LEASE)
    assert outbox.deliver() == 1
    assert held.leased_until == NOON + LEASE


def test_a_lease_that_ran_out_is_not_sent_upon() -> None:
    outbox.tell([note(create_user(email="a@example.com"))], NOON)
    (slow,) = outbox.lease(10)
    shift_clock(to=NOON + LEASE)
    (other,) = outbox.lease(10)

    assert not outbox.renew(slow)
    assert outbox.renew(other)


def test_what_another_worker_took_meanwhile_is_not_sent_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached: list[str] = []

    class Slow(Broken):
        """A minute and a half a message; during the second one another worker comes by."""

        def send(self, address: str, subject: str, text: str, key: str) -> None:
            reached.append(address)
            shift_clock(by=timedelta(seconds=90))
            if len(reached) == 2:
                outbox.deliver()

    monkeypatch.setitem(outbox.CHANNELS, "email", Slow())
    readers = [create_user(email=f"{name}@example.com") for name in "abc"]
    outbox.tell([note(reader) for reader in readers], NOON)

    outbox.deliver()

    assert sorted(reached) == ["a@example.com", "b@example.com", "c@example.com"]
    assert not Delivery.objects.filter(sent_at=None).exists()


def test_a_failing_channel_is_tried_later_each_time_and_given_up_visibly(broken: None) -> None:
    outbox.tell([note(create_user(email="a@example.com"))], NOON)
    waits = []
    for _attempt in range(10):
        shift_clock(to=max(Delivery.objects.get().next_try_at, NOON))
        before = Delivery.objects.get().next_try_at
        assert outbox.deliver() == 0
        waits.append(int((Delivery.objects.get().next_try_at - before).total_seconds()))

    assert waits == [60, 120, 240, 480, 960, 1920, 3840, 7680, 0, 0]
    delivery = Delivery.objects.failed().get()
    assert (delivery.attempts, delivery.sent_at) == (8, None)
    assert delivery.last_error == "ConnectionError: 对方无应答"


def test_one_failure_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox.CHANNELS, "pager", Broken())
    outbox.tell([note(create_user(email="a@example.com"))], NOON)
    monkeypatch.delitem(outbox.CHANNELS, "pager")  # a channel that was taken away again

    assert outbox.deliver() == 1

    pager = Delivery.objects.get(channel="pager")
    assert (pager.attempts, pager.sent_at, pager.last_error) == (1, None, "KeyError: 'pager'")


def test_an_address_that_is_gone_does_not_count_as_sent() -> None:
    user = create_user(email="a@example.com")
    outbox.tell([note(user)], NOON)
    User.objects.filter(pk=user.pk).update(email="")

    assert outbox.deliver() == 0

    assert (Delivery.objects.get().sent_at, mail.outbox) == (None, [])


def test_a_given_up_one_can_be_retried(broken: None, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.tell([note(create_user(email="a@example.com"))], NOON)
    Delivery.objects.update(failed_at=NOON, attempts=8)
    monkeypatch.setitem(outbox.CHANNELS, "email", outbox.Email())
    assert outbox.deliver() == 0

    assert outbox.retry(Delivery.objects.all(), NOON) == 1

    assert outbox.deliver() == 1
    assert Delivery.objects.get().attempts == 1


def test_a_message_from_before_its_sentence_changed_still_reads() -> None:
    assert outbox.sentence("test.assigned", {"number": "7"}) == "7 号事件待您处置"
    assert outbox.sentence("test.assigned", {}) == "— 号事件待您处置"
    assert outbox.sentence("test.100%", {}) == "test.100%"
