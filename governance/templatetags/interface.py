"""What every template may use: icons, numbers in 万, times, and a form control in its place."""

from datetime import datetime
from functools import cache
from html import escape

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from governance import surfaces, uploads

register = template.Library()

WAN = 10_000


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """An icon of static/icons.svg; it says nothing to a screen reader, so text goes beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def again(context: Context, block: str) -> SafeString:
    """A block a second time: the title of the page is also its heading."""
    return context.render_context[BLOCK_CONTEXT_KEY].get_block(block).render(context)  # type: ignore[no-any-return]


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """The address of the page somebody is on."""
    return surfaces.page_of(context["request"])


@register.simple_tag(takes_context=True)
def room(context: Context) -> str:
    """Where the room begins in which somebody is."""
    return surfaces.home_of(context["request"])


@register.filter
def wan(number: int | None) -> str:
    """12345 → 1.2万; other languages, and smaller numbers, get separators."""
    if number is None:
        return ""
    if number < WAN or not (get_language() or "").startswith("zh"):
        return f"{number:,}"
    if number >= WAN * WAN:
        return f"{number / (WAN * WAN):.1f}".removesuffix(".0") + "亿"
    return f"{number / WAN:.1f}".removesuffix(".0") + "万"


@register.filter
def localtime_full(moment: datetime | None) -> str:
    """For `title`: the exact time with its zone."""
    return exact(timezone.localtime(moment)) if moment else ""


def exact(local: datetime) -> str:
    """2026-03-02 09:00:00 CST; `strftime` takes twice as long, and lists have many of them."""
    return f"{local.isoformat(' ', 'seconds')[:19]} {local.tzname()}"


@register.filter
def moment(value: datetime | None) -> SafeString:
    """A <time>: month, day and minute for this year, the whole date for other years."""
    if value is None:
        return SafeString("")
    zone = timezone.get_current_timezone()
    local = value.astimezone(zone)
    full = exact(local)
    short = full[5:16] if local.year == datetime.now(zone).year else full[:16]
    return SafeString(f'<time datetime="{local.isoformat()}" title="{full}">{short}</time>')


LIGHT_ICONS = {"red": "alert-circle", "yellow": "alarm"}


@register.simple_tag
def light(colour: str, due: datetime | None, text: str) -> SafeString:
    """How much time is left: never by colour alone; the page's script counts on."""
    if not text:
        return SafeString("")
    shown = escape(text)
    if due is not None:
        local = timezone.localtime(due)
        at = local.isoformat()
        title = exact(local)
        shown = f'<time datetime="{at}" data-due="{at}" title="{title}">{shown}</time>'
    mark = f' data-light="{escape(colour)}"' if colour else ""
    return SafeString(
        f'<span class="light"{mark}>{icon(LIGHT_ICONS.get(colour, "clock"))}{shown}</span>'
    )


@register.filter
def photos_lost(field: BoundField) -> int:
    """How many files came with a form that is shown again: the browser does not keep them."""
    files = field.form.files
    return len(files.getlist(field.html_name)) if isinstance(files, MultiValueDict) else 0


@register.simple_tag
def picture_limits() -> SafeString:
    """What an upload is held to, for the script that looks at it first."""
    types = " ".join(f"image/{name.lower()}" for name in uploads.FORMATS)
    return format_html('data-formats="{}" data-max-bytes="{}"', types, uploads.MAX_BYTES)


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget with the class that the stylesheets know."""
    widget = field.field.widget
    match widget:
        case RadioSelect() | CheckboxSelectMultiple():
            kind = ""
        case CheckboxInput():
            kind = "form-check-input"
        case Select():
            kind = "form-select"
        case _:
            kind = "form-control"
    own = str(widget.attrs.get("class", ""))
    return field.as_widget(attrs={"class": f"{kind} {own}".strip()} if kind or own else {})
