-- readable from: 1
-- The jobs of an order are found by the order: a whole number in the range of ids. A text such as '12abc' names none, though
-- it can be cast to one. The index holds only jobs whose arguments name one, and no statement of the busy path changes what
-- it is made of: it costs when such a job is stored, and when it is pruned.

CREATE INDEX jobs_of_order ON jobs (
    iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL),
    id
)
    WHERE iif(json_type(args, '$.order_id') = 'integer' AND args ->> 'order_id' BETWEEN 1 AND 9223372036854775807, args ->> 'order_id', NULL) IS NOT NULL;
