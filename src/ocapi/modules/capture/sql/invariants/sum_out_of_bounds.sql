-- Purpose: the total of an hour lies between its least and its greatest reading times their number.
-- Columns: id
SELECT id FROM capture_hour
WHERE n < 1 OR minimum > maximum OR (minimum = maximum AND minimum_e6 > maximum_e6)
   OR total_e6 NOT BETWEEN 0 AND 999999 OR minimum_e6 NOT BETWEEN 0 AND 999999
   OR maximum_e6 NOT BETWEEN 0 AND 999999
   OR total < n * minimum OR total > n * (maximum + CASE WHEN maximum_e6 > 0 THEN 1 ELSE 0 END)
