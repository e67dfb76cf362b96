-- readable from: 1
-- Jobs, their attempts, what recognises a repeated delivery, paused queues, small named values.
-- Times are microseconds since the epoch.

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task TEXT NOT NULL,
    args TEXT NOT NULL,
    queue TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('schedule', 'operator', 'shop')),
    state TEXT NOT NULL
        CHECK (state IN ('scheduled', 'available', 'running', 'retryable', 'completed', 'failed', 'cancelled')),
    tries INTEGER NOT NULL CHECK (tries >= 1),
    tries_spent INTEGER NOT NULL DEFAULT 0 CHECK (tries_spent BETWEEN 0 AND tries),
    timeout_us INTEGER NOT NULL CHECK (timeout_us > 0),
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    unique_key TEXT,
    snoozes INTEGER NOT NULL DEFAULT 0 CHECK (snoozes >= 0),
    attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    strikes INTEGER NOT NULL DEFAULT 0 CHECK (strikes >= 0),
    result TEXT,
    error TEXT,
    CHECK ((state IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CHECK (state <> 'running' OR started_at IS NOT NULL),
    CHECK (state = 'completed' OR result IS NULL),
    CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;

CREATE INDEX jobs_claimable ON jobs (queue, due_at, id) WHERE state = 'available' AND strikes = 0;
CREATE INDEX jobs_suspected ON jobs (queue, due_at, id) WHERE state = 'available' AND strikes > 0;
CREATE INDEX jobs_waiting_for_due ON jobs (due_at) WHERE state IN ('scheduled', 'retryable');
CREATE UNIQUE INDEX jobs_one_unfinished ON jobs (unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'available', 'running', 'retryable');

CREATE INDEX jobs_set_aside ON jobs (state, id) WHERE state IN ('scheduled', 'retryable', 'failed', 'cancelled');
CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE job_counts (
    queue TEXT NOT NULL,
    state TEXT NOT NULL,
    jobs INTEGER NOT NULL CHECK (jobs >= 0),
    PRIMARY KEY (queue, state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER jobs_count_new AFTER INSERT ON jobs
BEGIN
    INSERT INTO job_counts (queue, state, jobs) VALUES (new.queue, new.state, 1)
    ON CONFLICT (queue, state) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER jobs_count_moved AFTER UPDATE OF state ON jobs WHEN old.state <> new.state
BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE queue = old.queue AND state = old.state;
    INSERT INTO job_counts (queue, state, jobs) VALUES (new.queue, new.state, 1)
    ON CONFLICT (queue, state) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER jobs_count_gone AFTER DELETE ON jobs
BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE queue = old.queue AND state = old.state;
END;

CREATE TABLE attempts (
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (
        outcome IN ('completed', 'snoozed', 'failed', 'timed_out', 'cancelled', 'handed_back', 'recovered')
    ),
    counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
    error TEXT,
    traceback TEXT,
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE intake (
    source TEXT NOT NULL,
    place INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    duplicate INTEGER NOT NULL CHECK (duplicate IN (0, 1)),
    digest TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (source, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX intake_oldest ON intake (at);

CREATE TABLE paused_queues (
    queue TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE named_values (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
