"""Operations on processes: deploying, stepping, tasks, timers, messages, calls, repairs and migration."""
