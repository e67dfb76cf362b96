"""Facts in the columns of queue.db: the sentence in a column of its own, beside it a document with code and values."""

import orjson

from paranad.said import Said, from_document, plain


def kept(said: Said | None) -> str | None:
    """Return what the column `why` holds of *said*; None if its sentence says it all."""
    return orjson.dumps(said.document()).decode() if said and said.code else None


def read(why: str | None, sentence: str | None) -> Said | None:
    """Return the fact of a row.

    A version without codes leaves `why` as it was when it writes another sentence: then the sentence alone counts.
    """
    if sentence is None:
        return None
    said = from_document(orjson.loads(why)) if why else None
    return said if said and said.text == sentence else plain(sentence)
