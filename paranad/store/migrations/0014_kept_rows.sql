-- readable from: 1
-- Rows of the shop's jobs table that stay there, reserved, until their job here has ended.
-- An earlier version does not know them: their reservations run out, and it finds by their source that it has the jobs.
-- reserved_at and next_at are seconds since the epoch, as the shop's table has them.

CREATE TABLE kept_rows (
    row_id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL, -- the job that does the row's work; of several rows, if they ask for the same
    source TEXT NOT NULL,
    reserved_at INTEGER NOT NULL, -- what was written to the shop last, as far as its answer is known
    next_at INTEGER, -- what may be written there as well; null: nothing
    attempts INTEGER NOT NULL, -- the most that the row can have there as long as it is ours
    released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)), -- it may be free there, since we have freed it
    taken INTEGER NOT NULL DEFAULT 0 CHECK (taken IN (0, 1)) -- someone else has it, and our job has not ended yet
) STRICT;

CREATE INDEX kept_rows_of_job ON kept_rows (job_id);

-- Beside each row, whether its job has ended; one that failed has, once its original is not to be given back any more.
CREATE VIEW kept_rows_standing AS
SELECT
    kept_rows.*,
    CASE
        WHEN jobs.id IS NULL OR jobs.state IN ('completed', 'cancelled') THEN 'ended'
        WHEN jobs.state <> 'failed' THEN 'unfinished'
        WHEN
            EXISTS (SELECT 1 FROM originals WHERE originals.source = kept_rows.source AND originals.step = 'give back')
            THEN 'failed'
        ELSE 'ended'
    END AS standing
FROM kept_rows
LEFT JOIN jobs ON jobs.id = kept_rows.job_id;
