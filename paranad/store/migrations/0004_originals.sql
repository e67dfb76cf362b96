-- readable from: 1
-- What a door was given, as it came, for as long as its job may fail: then it is given back there, and taken back
-- there once the job has failed no longer.
-- Times are microseconds since the epoch.

CREATE TABLE originals (
    source TEXT PRIMARY KEY,
    job_id INTEGER REFERENCES jobs (id) ON DELETE CASCADE, -- null: its job needs it no more
    original TEXT NOT NULL,
    failed_at INTEGER, -- when its job last failed; null: it has not, or is taken back since
    step TEXT CHECK (step IN ('give back', 'take back')), -- what is to be done where it came from; null: nothing
    CHECK (step IS NULL OR failed_at IS NOT NULL),
    CHECK (job_id IS NOT NULL OR step = 'take back')
) STRICT;

CREATE INDEX originals_of_job ON originals (job_id);
CREATE INDEX originals_to_do ON originals (step, failed_at) WHERE step IS NOT NULL;

CREATE TRIGGER originals_done AFTER UPDATE OF state ON jobs WHEN new.state IN ('completed', 'cancelled')
BEGIN
    DELETE FROM originals WHERE job_id = new.id AND failed_at IS NULL;
    UPDATE originals SET job_id = NULL WHERE job_id = new.id;
END;

CREATE TRIGGER originals_failed AFTER UPDATE OF state ON jobs WHEN new.state = 'failed'
BEGIN
    UPDATE originals SET failed_at = new.finished_at, step = 'give back' WHERE job_id = new.id;
END;

CREATE TRIGGER originals_retried AFTER UPDATE OF state ON jobs WHEN old.state = 'failed' AND new.state <> 'failed'
BEGIN
    UPDATE originals SET step = 'take back' WHERE job_id = new.id;
END;
