-- Purpose: the total of an hour lies between its least and its greatest reading times their number.
-- Columns: id
SELECT id FROM capture_hour
WHERE n < 1 OR minimum > maximum OR total < n * minimum OR total > n * maximum
