-- readable from: 1
-- Paused tasks. An available job of one is set apart: it leaves the indexes by which jobs are claimed, so that a claim
-- never walks over the jobs that may not start, however many they are.
-- An earlier version starts such jobs, and finds the next due job by looking at all jobs.

CREATE TABLE paused_tasks (
    task TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Of an available job: whether its task is paused. Of any other job it says nothing.
ALTER TABLE jobs ADD COLUMN set_apart INTEGER NOT NULL DEFAULT 0 CHECK (set_apart IN (0, 1));

DROP INDEX jobs_claimable;
DROP INDEX jobs_suspected;

CREATE INDEX jobs_claimable ON jobs (queue, due_at, id) WHERE state = 'available' AND strikes = 0 AND set_apart = 0;
CREATE INDEX jobs_suspected ON jobs (queue, due_at, id) WHERE state = 'available' AND strikes > 0 AND set_apart = 0;
CREATE INDEX jobs_set_apart ON jobs (task, queue) WHERE state = 'available' AND set_apart = 1;
