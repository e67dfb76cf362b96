-- readable from: 1
-- A sentence as a fact: `why` holds its code, its values and its text as a JSON object; null: a sentence without a code.
-- It counts while its text is the sentence beside it, which a version without codes may have replaced.

ALTER TABLE jobs ADD COLUMN why TEXT; -- of error
ALTER TABLE attempts ADD COLUMN why TEXT; -- of error
ALTER TABLE schedule_runs ADD COLUMN why TEXT; -- of reason

-- The one sentence of the versions before on which a decision rests.
UPDATE jobs
SET why = json_object('code', 'job.took_daemon_down', 'values', json_object('strikes', 3), 'text', error)
WHERE
    state = 'failed'
    AND state IN ('scheduled', 'retryable', 'failed', 'cancelled') -- names the index jobs_set_aside
    AND error = 'took the daemon down: found running at 3 start-ups in a row; see the log of the last stop, then retry or forget it';
