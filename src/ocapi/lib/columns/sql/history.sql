-- Purpose: readings of some entities in a span of time, newest version of each, oldest first.
-- Parameters: those of known.sql, from_at (inclusive or null), to_at (exclusive or null), last_n (0: all), most.
-- Columns: entity, attribute, dataset, sequence, place, instance, types, moment.
, wanted AS (
    SELECT * FROM known
    WHERE moment IS NOT NULL
      AND ($from_at::TIMESTAMPTZ IS NULL OR moment >= $from_at::TIMESTAMPTZ)
      AND ($to_at::TIMESTAMPTZ IS NULL OR moment < $to_at::TIMESTAMPTZ)
    QUALIFY $last_n = 0 OR row_number() OVER (
        PARTITION BY entity, attribute ORDER BY moment DESC, sequence DESC) <= $last_n
)
SELECT entity, attribute, dataset, sequence, place, instance, types, epoch_us(moment) AS moment
FROM wanted ORDER BY entity, attribute, moment, sequence, place LIMIT $most
