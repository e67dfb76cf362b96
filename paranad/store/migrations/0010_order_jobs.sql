-- readable from: 1
-- The jobs of an order are found by the order. The index holds only jobs whose arguments name one, and no statement of
-- the busy path changes what it is made of: it costs when such a job is stored, and when it is pruned.

CREATE INDEX jobs_of_order ON jobs (CAST(args ->> 'order_id' AS INTEGER), id)
    WHERE CAST(args ->> 'order_id' AS INTEGER) IS NOT NULL;
