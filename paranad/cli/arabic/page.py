"""Arabic: the frame and the pieces of the page, by their English sentences."""

PAGE = {
    "Show": "عرض",
}
