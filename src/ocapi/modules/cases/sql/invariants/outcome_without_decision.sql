-- Purpose: a case has an outcome and a day of decision exactly when its decision is recorded.
-- Columns: reference
SELECT found.reference
FROM cases_case AS found LEFT JOIN cases_decision AS decision ON decision.case_id = found.id
WHERE (found.decided_on IS NOT NULL) <> (decision.id IS NOT NULL)
    OR (decision.id IS NOT NULL AND decision.outcome <> found.outcome)
