-- Purpose: work under way has a lease that can end, and work that waits has none.
-- Columns: uuid, state
SELECT uuid, state FROM jobs_job WHERE (state = 'running') <> (lease_until IS NOT NULL)
UNION ALL
SELECT uuid, state FROM jobs_delivery WHERE (state = 'sending') <> (lease_until IS NOT NULL)
