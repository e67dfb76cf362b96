-- readable from: 1
-- What the history counts as it happens, since the jobs themselves do not keep it: a failed job may be retried or
-- forgotten, and completed ones are deleted past their retention.
-- Times are microseconds since the epoch.

CREATE TABLE failures_by_quarter (
    quarter INTEGER PRIMARY KEY, -- of an hour, since the epoch: each day of each zone begins with one
    failures INTEGER NOT NULL CHECK (failures >= 1)
) STRICT;

CREATE TABLE history_marks (
    name TEXT PRIMARY KEY, -- dropped: the newest completed job that was deleted; uncounted: jobs failed before this
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE history_lost (
    start_at INTEGER PRIMARY KEY, -- when the copy was made that this file was restored from
    end_at INTEGER NOT NULL -- when a daemon opened it first
) STRICT;

INSERT INTO history_marks (name, at)
SELECT 'uncounted', max(created_at)
FROM jobs
HAVING count(*) > 0;

CREATE TRIGGER history_failed AFTER UPDATE OF state ON jobs WHEN new.state = 'failed' AND old.state <> 'failed'
BEGIN
    INSERT INTO failures_by_quarter (quarter, failures) VALUES (new.finished_at / 900000000, 1)
    ON CONFLICT (quarter) DO UPDATE SET failures = failures + 1;
END;

CREATE TRIGGER history_dropped AFTER DELETE ON jobs WHEN old.state = 'completed'
BEGIN
    INSERT INTO history_marks (name, at) VALUES ('dropped', old.finished_at)
    ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at);
END;

-- What pages look for among many finished jobs: those of one task, and the few that run.
CREATE INDEX jobs_of_task ON jobs (task);
CREATE INDEX jobs_running ON jobs (queue) WHERE state = 'running';
