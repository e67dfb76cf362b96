-- readable from: 1
-- A job that a person put off holds its unique key from its due instant on: until then the key is free for others.
-- An earlier version runs such a job as one without a key.

ALTER TABLE jobs ADD COLUMN put_off_key TEXT; -- null: none, or not put off

UPDATE jobs
SET put_off_key = unique_key, unique_key = NULL
WHERE state = 'scheduled' AND attempt = 0 AND unique_key IS NOT NULL;

CREATE UNIQUE INDEX jobs_one_put_off ON jobs (put_off_key)
    WHERE put_off_key IS NOT NULL AND state = 'scheduled';
