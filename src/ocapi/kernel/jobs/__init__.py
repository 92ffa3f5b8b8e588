"""Work that happens later: handlers of facts, schedules, retries, dead letters and webhooks."""
