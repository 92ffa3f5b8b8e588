-- Purpose: no more cases carry a number than numbers were given out.
-- Columns: cases, given
SELECT cases, given
FROM (
    SELECT (SELECT COUNT(*) FROM cases_case) AS cases,
        (SELECT COALESCE(SUM(last), 0) FROM cases_counter) AS given
) AS found
WHERE cases > given
