"""追责: a case that went wrong is opened for review, and who is asked is heard first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases import reviews
from cases.errors import NotAllowed
from cases.models import Case, Ground, Regulation, Review, State
from governance.models import Message
from tests.builders import World, create_user, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move
from tests.clients import browser


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


@pytest.fixture
def late(world: World) -> Case:
    """Closed a week after it was promised."""
    case = create_case(world, state=State.VERIFIED)
    return move(case, "close", by=world.clerk, now=moment("2026-03-12 10:00"))


def test_who_reported_a_case_elsewhere_reviews_nobody_there(world: World) -> None:
    """A leader of another community is a leader, and sees this case: but not who answers for it."""
    other = create_user(role="leader", unit=world.other_community)
    case = create_case(world, state=State.VERIFIED, by=other)
    case = move(case, "close", by=world.clerk, now=moment("2026-03-12 10:00"))
    review = reviews.open_review(
        case,
        ground=Ground.LATE,
        findings="六日未到场",
        answerable=world.handler,
        by=world.supervisor,
        now=MONDAY,
    )

    client = browser(other)
    assert client.get(f"/cases/{case.number}/").status_code == 200
    assert client.get(f"/reviews/{review.pk}/").status_code == 404
    assert "六日未到场" not in client.get("/reviews/").content.decode()


def test_from_the_case_to_the_result(world: World, late: Case) -> None:
    page = browser(world.supervisor).get(f"/cases/{late.number}/").content.decode()
    assert f'href="/reviews/new/{late.number}/"' in page
    assert (
        "/reviews/new/" not in browser(world.clerk).get(f"/cases/{late.number}/").content.decode()
    )
    path = f"/reviews/new/{late.number}/"
    form = {"ground": "late", "answerable": world.handler.pk, "findings": "签收后六日未到场"}

    answer = browser(world.supervisor).post(path, form)
    review = Review.objects.get()
    assert answer["Location"] == f"/reviews/{review.pk}/"
    told = Message.objects.filter(recipient=world.handler, kind="case.review_opened")
    assert told.exists()

    # the person concerned reads and answers it; others of the department see nothing
    handler = browser(world.handler)
    assert "签收后六日未到场" in handler.get(f"/reviews/{review.pk}/").content.decode()
    assert browser(world.department_lead).get(f"/reviews/{review.pk}/").status_code == 404
    handler.post(f"/reviews/{review.pk}/reply/", {"text": "配件缺货，已电话告知"})
    supervisor = browser(world.supervisor)
    end = {"verdict": "cleared", "result": "情况属实，不予追责"}
    assert supervisor.post(f"/reviews/{review.pk}/end/", end).status_code == 302

    review.refresh_from_db()
    assert (review.verdict, review.reply) == ("cleared", "配件缺货，已电话告知")
    assert "不予追责" in handler.get("/reviews/").content.decode()
    actions = late.transitions.order_by("pk").values_list("action", flat=True)
    assert list(actions)[-3:] == ["review_opened", "review_replied", "review_ended"]
    page = supervisor.get(f"/cases/{late.number}/").content.decode()
    assert "提起追责" in page


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_who_is_asked_comes_from_the_message_to_the_answer(
    world: World, late: Case, prefix: str
) -> None:
    """Also one who does not see the case any more: the department had it only for a while."""
    Case.objects.filter(pk=late.pk).update(department=world.police)
    given = {"ground": Ground.LATE, "findings": "签收后六日未到场", "by": world.supervisor}
    review = reviews.open_review(late, answerable=world.handler, now=MONDAY, **given)  # type: ignore[arg-type]
    client, path = browser(world.handler), f"{prefix}/reviews/{review.pk}/"
    assert client.get(f"{prefix}/cases/{late.number}/").status_code == 404

    inbox = client.get(f"{prefix}/inbox/").content.decode()
    assert f'href="{path}"' in inbox
    page = client.get(path).content.decode()
    assert "签收后六日未到场" in page
    assert f'action="{path}reply/"' in page
    answer = client.post(f"{path}reply/", {"text": "配件缺货，已电话告知"})
    assert answer["Location"] == path
    assert "配件缺货，已电话告知" in client.get(path).content.decode()
    assert f'href="{path}"' in client.get(f"{prefix}/reviews/").content.decode()


def test_the_case_and_the_phone_lead_to_ones_own_review(world: World, late: Case) -> None:
    given = {"ground": Ground.LATE, "findings": "签收后六日未到场", "by": world.supervisor}
    review = reviews.open_review(late, answerable=world.handler, now=MONDAY, **given)  # type: ignore[arg-type]

    for prefix in ("", "/m"):
        link = f'href="{prefix}/reviews/{review.pk}/"'
        page = browser(world.handler).get(f"{prefix}/cases/{late.number}/").content.decode()
        assert link in page
        assert "待本人说明" in page
        others = browser(world.department_lead).get(f"{prefix}/cases/{late.number}/")
        assert link not in others.content.decode()
    tasks = browser(world.handler).get("/m/").content.decode()
    assert "1 件待本人说明" in tasks
    assert "/m/reviews/" not in browser(world.department_lead).get("/m/").content.decode()
    reviews.reply(review, text="已说明", by=world.handler, now=MONDAY)
    tasks = browser(world.handler).get("/m/").content.decode()
    assert 'href="/m/reviews/"' in tasks
    assert "件待本人说明" not in tasks


def test_grounds(world: World, late: Case) -> None:
    assert reviews.grounds(late) == [Ground.LATE]
    forced = move(create_case(world, state=State.HANDLING), "force_close", by=world.leader)
    assert reviews.grounds(forced) == [Ground.FORCED]
    assert reviews.grounds(create_case(world, state=State.CLOSED)) == []
    assert reviews.grounds(create_case(world)) == []
    Case.objects.filter(pk=late.pk).update(rework_count=2)
    late.refresh_from_db()
    assert reviews.grounds(late) == [Ground.LATE, Ground.REWORKED]


def test_the_place_sets_how_often_is_often_and_how_long_one_is_heard(
    world: World, late: Case
) -> None:
    Regulation.objects.create(valid_from=MONDAY.date(), review_reworks=3, review_days=10)
    Case.objects.filter(pk=late.pk).update(rework_count=2)
    late.refresh_from_db()
    assert reviews.grounds(late) == [Ground.LATE]
    by: dict[str, Any] = {"by": world.supervisor}
    review = reviews.open_review(
        late, ground="late", findings="查明", answerable=world.handler, now=MONDAY, **by
    )

    end: dict[str, Any] = {"verdict": "reminded", "result": "提醒", **by}
    with pytest.raises(NotAllowed, match="10 日后"):
        reviews.end(review, now=MONDAY + timedelta(days=9), **end)
    assert reviews.end(review, now=MONDAY + timedelta(days=10), **end).verdict == "reminded"


def test_the_end_is_offered_once_it_can_be_made(world: World, late: Case) -> None:
    given = {"ground": Ground.LATE, "findings": "查明", "by": world.supervisor, "now": MONDAY}
    review = reviews.open_review(late, answerable=world.handler, **given)  # type: ignore[arg-type]
    path = f"/reviews/{review.pk}/"

    def page() -> str:
        return browser(world.supervisor).get(path).content.decode()

    assert f'action="{path}end/"' not in page()
    assert "责任人说明后即可办结" in page()
    assert '<time datetime="2026-03-05T09:00:00+08:00"' in page()
    shift_clock(to=MONDAY + timedelta(days=3))
    assert f'action="{path}end/"' in page()
    shift_clock(to=MONDAY + timedelta(hours=1))
    reviews.reply(review, text="配件缺货", by=world.handler, now=MONDAY + timedelta(hours=1))
    assert f'action="{path}end/"' in page()
    assert "起可以办结" not in page()


def test_what_is_not_allowed(world: World, late: Case) -> None:
    given = {"findings": "查明", "by": world.supervisor, "now": MONDAY}

    def refused(**fields: object) -> str:
        with pytest.raises(NotAllowed) as error:
            reviews.open_review(late, **{**given, "ground": "late", **fields})  # type: ignore[arg-type]
        return str(error.value)

    assert "岗位" in refused(by=world.clerk, answerable=world.handler)
    assert "事由" in refused(ground="forced", answerable=world.handler)
    assert "查明" in refused(findings=" ", answerable=world.handler)
    assert "经办或承办" in refused(answerable=world.outsider)
    review = reviews.open_review(
        late,
        ground="late",
        findings="查明",
        answerable=world.handler,
        by=world.supervisor,
        now=MONDAY,
    )
    assert "正在进行" in refused(answerable=world.handler)
    with pytest.raises(NotAllowed, match="本人"):
        reviews.reply(review, text="x", by=world.clerk, now=MONDAY)
    end = {"verdict": "reminded", "result": "提醒", "by": world.supervisor}
    with pytest.raises(NotAllowed, match="3 日后"):
        reviews.end(review, now=MONDAY, **end)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="处理结果"):
        reviews.end(review, now=MONDAY, verdict="", result="x", by=world.supervisor)
    reviews.end(review, now=MONDAY + timedelta(days=3), **end)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="已办结"):
        reviews.reply(review, text="x", by=world.handler, now=MONDAY)


def test_who_did_nothing_may_be_asked_why(world: World) -> None:
    case = create_case(world, state=State.DISPATCHED)
    case = move(case, "force_close", by=world.leader)
    page = browser(world.supervisor).get(f"/reviews/new/{case.number}/").content.decode()
    assert f'value="{world.handler.pk}"' in page
    assert f'value="{world.police_handler.pk}"' not in page

    review = reviews.open_review(
        case,
        ground="forced",
        findings="派单后无人签收",
        answerable=world.handler,
        by=world.supervisor,
        now=MONDAY,
    )

    assert f"/reviews/{review.pk}/" in browser(world.handler).get("/reviews/").content.decode()


def test_the_pages_say_what_is_missing(world: World, late: Case) -> None:
    supervisor = browser(world.supervisor)
    path = f"/reviews/new/{late.number}/"
    assert supervisor.post(path, {"ground": "late"}).status_code == 400
    well = create_case(world, state=State.CLOSED)
    away = supervisor.get(f"/reviews/new/{well.number}/", follow=True)
    assert "没有可追责的事由" in away.content.decode()
    supervisor.post(path, {"ground": "late", "answerable": world.handler.pk, "findings": "查明"})
    review = Review.objects.get()
    assert browser(world.handler).post(f"/reviews/{review.pk}/reply/", {}).status_code == 400
    early = supervisor.post(f"/reviews/{review.pk}/end/", {"verdict": "reminded", "result": "x"})
    assert "3 日后" in early.content.decode()
    assert "没有责任追究" in browser(world.clerk).get("/reviews/").content.decode()
