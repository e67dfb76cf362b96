-- readable from: 1
-- What a door was given, as it came, for as long as its job may fail: then it is given back there.
-- Times are microseconds since the epoch.

CREATE TABLE originals (
    source TEXT PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    original TEXT NOT NULL,
    failed_at INTEGER -- null: its job has not failed, or has been given back since
) STRICT;

CREATE INDEX originals_of_job ON originals (job_id);
CREATE INDEX originals_to_give_back ON originals (failed_at) WHERE failed_at IS NOT NULL;

CREATE TRIGGER originals_done AFTER UPDATE OF state ON jobs WHEN new.state IN ('completed', 'cancelled')
BEGIN
    DELETE FROM originals WHERE job_id = new.id;
END;

CREATE TRIGGER originals_failed AFTER UPDATE OF state ON jobs WHEN new.state = 'failed'
BEGIN
    UPDATE originals SET failed_at = new.finished_at WHERE job_id = new.id;
END;
