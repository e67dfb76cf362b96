-- readable from: 1
-- Occurrences that wait until the last job of their entry has ended: caught up one after another, or overlap = queue-one.
-- Their entry's mark is past them. An earlier version leaves them where they are.

CREATE TABLE schedule_waiting (
    entry TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    reason TEXT NOT NULL, -- what the run will say
    why TEXT,
    PRIMARY KEY (entry, occurrence)
) STRICT, WITHOUT ROWID;
