-- Purpose: an instance that runs stands somewhere, and one that has ended nowhere.
-- Columns: uuid, state
SELECT instance.uuid, instance.state
FROM processes_instance AS instance
WHERE (instance.state IN ('running', 'suspended')) <> EXISTS (
    SELECT 1 FROM processes_token AS token WHERE token.instance_id = instance.id
)
