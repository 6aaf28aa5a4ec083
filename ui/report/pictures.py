"""Charts as pictures. This module alone knows vl-convert, which the extra `report` installs."""

from __future__ import annotations

from importlib.util import find_spec

from ui.charts.style import Drawing

_LOOK = {
    "background": None,
    "font": "Helvetica, Arial, Liberation Sans, sans-serif",
    "view": {"stroke": None},
    "axis": {"labelColor": "#52606D", "titleColor": "#52606D", "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
    "legend": {"labelColor": "#1F2933", "labelFontSize": 12},
}


def installed() -> bool:
    """Return whether charts can be drawn as pictures here."""
    return find_spec("vl_convert") is not None


def svg(chart: Drawing, width: int, height: int | None = None) -> str:
    """Draw a chart as an SVG element for a light page, so many pixels wide."""
    import vl_convert

    spec = chart.to_dict(validate=False)  # it is the program's own, and the tests check it
    spec.update(width=width, autosize={"type": "fit", "contains": "padding"}, config=_LOOK)
    if height:
        spec["height"] = height
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
