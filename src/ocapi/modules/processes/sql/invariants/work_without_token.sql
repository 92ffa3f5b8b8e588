-- Purpose: whatever an instance waits for (open task, timer, message, call) belongs to a token of it, or, for an
-- event sub-process (token 0), to a scope of it.
-- Columns: kind, id
SELECT waiting.kind, waiting.id
FROM (
    SELECT 'task' AS kind, id, instance_id, scope, token FROM processes_task WHERE state = 'open'
    UNION ALL SELECT 'timer', id, instance_id, scope, token FROM processes_timer WHERE instance_id IS NOT NULL
    UNION ALL SELECT 'subscription', id, instance_id, scope, token FROM processes_subscription
        WHERE instance_id IS NOT NULL
    UNION ALL SELECT 'call', id, instance_id, scope, token FROM processes_call
) AS waiting
WHERE NOT EXISTS (
    SELECT 1 FROM processes_token AS token
    WHERE token.instance_id = waiting.instance_id AND token.number = waiting.token
) AND NOT (waiting.token = 0 AND EXISTS (
    SELECT 1 FROM processes_scope AS scope
    WHERE scope.instance_id = waiting.instance_id AND scope.number = waiting.scope
))
