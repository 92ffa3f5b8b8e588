-- Purpose: a case is there whole: with its applicant and with one line of history per revision.
-- Columns: reference
SELECT found.reference
FROM cases_case AS found
WHERE NOT EXISTS (SELECT 1 FROM cases_party AS party WHERE party.case_id = found.id)
    OR found.revision <> (SELECT COUNT(*) FROM cases_status AS line WHERE line.case_id = found.id)
    OR found.revision <> (SELECT MAX(line.revision) FROM cases_status AS line WHERE line.case_id = found.id)
