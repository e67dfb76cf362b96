"""Everything that paranad says to a person in Arabic, by the key of the sentence; below all who speak it."""
