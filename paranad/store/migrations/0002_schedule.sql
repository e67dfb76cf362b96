-- readable from: 1
-- Where each schedule entry stands, and what became of its occurrences.
-- Times are microseconds since the epoch.

CREATE TABLE schedule_entries (
    name TEXT PRIMARY KEY,
    cron TEXT NOT NULL, -- expression and zone: another one starts from now
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    last_at INTEGER NOT NULL -- everything due up to here is handled
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    keyed INTEGER NOT NULL CHECK (keyed IN (0, 1)), -- 0: by hand, or under a clock that was wrong
    outcome TEXT NOT NULL CHECK (outcome IN ('enqueued', 'skipped')),
    reason TEXT, -- null: enqueued as planned
    job_id INTEGER, -- no reference: a job may be pruned before its run
    CHECK (outcome = 'skipped' OR job_id IS NOT NULL),
    CHECK (outcome = 'enqueued' OR reason IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX schedule_runs_once ON schedule_runs (entry, occurrence) WHERE keyed = 1;
CREATE INDEX schedule_runs_newest ON schedule_runs (entry, id);
