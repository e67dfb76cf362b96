-- readable from: 1
-- A job that no door gave the original of, as most, ends without a look for it in two statements.

DROP TRIGGER originals_done;

CREATE TRIGGER originals_done AFTER UPDATE OF state ON jobs
WHEN new.state IN ('completed', 'cancelled') AND EXISTS (SELECT 1 FROM originals WHERE job_id = new.id)
BEGIN
    DELETE FROM originals WHERE job_id = new.id AND failed_at IS NULL;
    UPDATE originals SET job_id = NULL WHERE job_id = new.id;
END;
