"""Columns on disk and questions about them: the one door to DuckDB, pyarrow and sqlglot.

`readings` writes and reads readings of sensors, `answering` is the process of the data plane and `sql/` holds
its named queries. `tables` writes rows of datasets; what people ask of those is read by `formulas` against
an allow-list and run by `child`, a process of its own behind a lock, which `running` starts and ends in time.
"""
