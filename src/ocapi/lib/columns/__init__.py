"""Columns on disk and questions about them: the one door to DuckDB, pyarrow and sqlglot.

`formulas` reads SQL against an allow-list, `child` runs it behind a lock in a process of its own, `running`
starts that process and ends it in time, `tables` writes Parquet. Only the child loads sqlglot and DuckDB.
"""
