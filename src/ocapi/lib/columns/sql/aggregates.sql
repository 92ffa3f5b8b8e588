-- Purpose: figures over readings of some entities by attribute and period.
-- Parameters: as history.sql without last_n; width (an interval, empty for one period), origin (an instant).
-- Columns: entity, attribute, kind, start, first_at, last_at, totalCount, distinctCount, sum, avg, min, max,
--   stddev (of the population), sumsq, min_text, max_text.
, wanted AS (
    SELECT *,
        CASE WHEN $width = '' THEN NULL
             ELSE time_bucket(CAST(CASE WHEN $width = '' THEN '1 day' ELSE $width END AS INTERVAL), moment,
                              $origin::TIMESTAMPTZ) END AS start
    FROM known
    WHERE moment IS NOT NULL
      AND ($from_at::TIMESTAMPTZ IS NULL OR moment >= $from_at::TIMESTAMPTZ)
      AND ($to_at::TIMESTAMPTZ IS NULL OR moment < $to_at::TIMESTAMPTZ)
)
SELECT entity, attribute, any_value(kind) AS kind, epoch_us(start) AS start, epoch_us(min(moment)) AS first_at,
    epoch_us(max(moment)) AS last_at, count(*) AS "totalCount", count(DISTINCT text) AS "distinctCount",
    sum(number) AS "sum", avg(number) AS "avg", min(number) AS "min", max(number) AS "max",
    stddev_pop(number) AS "stddev", sum(number * number) AS "sumsq", min(text) AS min_text,
    max(text) AS max_text,
    CASE WHEN $width = '' THEN NULL
         ELSE epoch_us(start + CAST(CASE WHEN $width = '' THEN '1 day' ELSE $width END AS INTERVAL)) END AS stop
FROM wanted GROUP BY entity, attribute, start ORDER BY entity, attribute, start LIMIT $most
