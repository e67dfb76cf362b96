-- readable from: 1
-- Since when each pause is, when it ends by itself, why, and by whom; and the pause of everything.
-- A pause made by an earlier version has none of these: they are null, and it stays until somebody resumes it.
-- An earlier version pauses and resumes what it knows, ends no pause by itself, and knows no pause of everything.
-- Times are microseconds since the epoch.

ALTER TABLE paused_queues ADD COLUMN paused_at INTEGER;
ALTER TABLE paused_queues ADD COLUMN paused_until INTEGER;
ALTER TABLE paused_queues ADD COLUMN paused_why TEXT;
ALTER TABLE paused_queues ADD COLUMN paused_by TEXT;

ALTER TABLE paused_tasks ADD COLUMN paused_at INTEGER;
ALTER TABLE paused_tasks ADD COLUMN paused_until INTEGER;
ALTER TABLE paused_tasks ADD COLUMN paused_why TEXT;
ALTER TABLE paused_tasks ADD COLUMN paused_by TEXT;

ALTER TABLE schedule_entries ADD COLUMN paused_at INTEGER;
ALTER TABLE schedule_entries ADD COLUMN paused_until INTEGER;
ALTER TABLE schedule_entries ADD COLUMN paused_why TEXT;
ALTER TABLE schedule_entries ADD COLUMN paused_by TEXT;

CREATE TABLE paused_all (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    paused_at INTEGER,
    paused_until INTEGER,
    paused_why TEXT,
    paused_by TEXT
) STRICT;

-- An earlier version that resumes an entry must not leave these behind for its next pause.
CREATE TRIGGER entry_resumed AFTER UPDATE OF paused ON schedule_entries WHEN new.paused = 0
BEGIN
    UPDATE schedule_entries
    SET paused_at = NULL, paused_until = NULL, paused_why = NULL, paused_by = NULL
    WHERE name = new.name;
END;
