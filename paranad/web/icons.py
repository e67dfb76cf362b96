"""The page's own line icons: decoration beside a word, so hidden from those who do not see them."""

from paranad.web.markup import Markup, tag

PATHS = {
    "brand": ("M4 7.5 12 3l8 4.5v9L12 21l-8-4.5z", "M4 7.5l8 4.5 8-4.5", "M12 12v9"),
    "now": ("M3 12h4l3-8 4 16 3-8h4",),
    "orders": ("M6 3h12v18l-3-2-3 2-3-2-3 2z", "M9 8h6", "M9 12h6"),
    "shipments": (
        "M2 6h12v10H2z",
        "M14 9h4l4 4v3h-8",
        "M6.5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
        "M17.5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
    ),
    "parcels": ("M4 8l8-4 8 4v8l-8 4-8-4z", "M8 6l8 4v4", "M4 8l8 4"),
    "failed": ("M12 3 2 20h20z", "M12 9v5", "M12 17v.5"),
    "alerts": ("M6 17v-6a6 6 0 1 1 12 0v6l2 1H4z", "M10 21h4"),
    "jobs": ("M4 6h16", "M4 12h16", "M4 18h10"),
    "schedule": ("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7v5l3 2"),
    "tasks": ("M4 4h7v7H4z", "M4 14h7v6H4z", "M14 6h6", "M14 17h6"),
    "settings": ("M4 7h10", "M18 7h2", "M16 5v4", "M4 17h2", "M10 17h10", "M8 15v4"),
    "doctor": ("M9 12h6", "M12 9v6", "M5 4h14v16H5z"),
    "log": ("M5 3h10l4 4v14H5z", "M8 11h8", "M8 15h8"),
    "more": ("M5 12h.01", "M12 12h.01", "M19 12h.01"),
}
"""The strokes of each, in a square of 24."""


def draw(name: str) -> Markup:
    """Return the icon *name* as SVG."""
    strokes = [tag("path", d=path) for path in PATHS[name]]
    return tag("svg", *strokes, viewBox="0 0 24 24", aria_hidden="true", focusable="false", class_="icon")
