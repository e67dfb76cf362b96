"""How answers look: blocks of texts, and how a terminal or a pipe shows them."""
