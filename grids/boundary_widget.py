"""django-leaflet's widget for a boundary kept as GeoJSON, in the words of the page's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _t
from leaflet.forms.widgets import LeafletWidget

from grids import boundary


class BoundaryWidget(LeafletWidget):  # type: ignore[misc]
    """Draws, edits and deletes the parts of a MultiPolygon; holes stay (static/js/boundary.js)."""

    template_name = "grids/boundary_widget.html"
    geom_type = "MULTIPOLYGON"
    include_media = True
    field_store_class = "L.BoundaryStore"

    def __init__(self, *, nonce: str | None = None) -> None:
        super().__init__()
        self.csp_nonce = nonce
        tiles = [("", settings.MAP_TILES, settings.MAP_ATTRIBUTION)] if settings.MAP_TILES else []
        self.settings_overrides = {"RESET_VIEW": False, "TILES": tiles, "DEFAULT_PRECISION": 7}

    @property
    def media(self) -> forms.Media:
        """One list: Django keeps the order within a list only, and ours extends the widget's."""
        given: Any = super().media
        styles: dict[str, Sequence[str]] = {
            "screen": [*given._css["screen"], "leaflet/leaflet_django.css"]
        }
        return forms.Media(css=styles, js=[*given._js, "js/boundary.js"])

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return {**context, "words": words(), "around": {"url": reverse("grids:boundaries")}}

    def deserialize(self, value: str) -> Any:
        """Nothing, where it is no boundary: the form says why, and the map stays empty."""
        try:
            boundary.parse(orjson.loads(value))
        except (orjson.JSONDecodeError, boundary.BadBoundary):
            return None
        return super().deserialize(value)


def words() -> dict[str, Any]:
    """Leaflet.draw's texts, in the shape of its `L.drawLocal`, and those of the zoom buttons."""
    return {
        "zoom": {"zoomInTitle": _t("放大"), "zoomOutTitle": _t("缩小")},
        "unsaved": _t("边界尚未保存"),
        "draw": {"toolbar": draw_toolbar(), "handlers": draw_handlers()},
        "edit": {"toolbar": edit_toolbar(), "handlers": edit_handlers()},
    }


def draw_toolbar() -> dict[str, Any]:
    return {
        "actions": {"title": _t("取消绘制"), "text": _t("取消")},
        "finish": {"title": _t("完成绘制"), "text": _t("完成")},
        "undo": {"title": _t("删除最后一个点"), "text": _t("撤销一点")},
        "buttons": {"polygon": _t("绘制多边形"), "rectangle": _t("绘制矩形")},
    }


def draw_handlers() -> dict[str, Any]:
    return {
        "polygon": {
            "tooltip": {
                "start": _t("单击开始绘制边界"),
                "cont": _t("单击继续绘制"),
                "end": _t("单击起点闭合边界"),
            }
        },
        "polyline": {"error": _t("边界线不能相交")},
        "rectangle": {"tooltip": {"start": _t("按住并拖动绘制矩形")}},
        "simpleshape": {"tooltip": {"end": _t("松开完成绘制")}},
    }


def edit_toolbar() -> dict[str, Any]:
    return {
        "actions": {
            "save": {"title": _t("应用修改"), "text": _t("应用")},
            "cancel": {"title": _t("取消编辑，放弃修改"), "text": _t("取消")},
            "clearAll": {"title": _t("清除全部"), "text": _t("清除全部")},
        },
        "buttons": {
            "edit": _t("编辑边界"),
            "editDisabled": _t("没有可编辑的边界"),
            "remove": _t("删除边界"),
            "removeDisabled": _t("没有可删除的边界"),
        },
    }


def edit_handlers() -> dict[str, Any]:
    return {
        "edit": {"tooltip": {"text": _t("拖动节点修改边界"), "subtext": _t("单击“取消”放弃修改")}},
        "remove": {"tooltip": {"text": _t("单击要删除的部分")}},
    }
