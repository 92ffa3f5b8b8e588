"""Columns on disk and questions about them: the one door to DuckDB, pyarrow and sqlglot.

`readings` writes what sensors told as Parquet; `answering` is the process that answers named queries over it,
and nobody sends SQL to it. `tables` writes datasets as Parquet, `formulas` reads SQL against an allow-list,
`child` runs that in a process of its own, `running` starts it and ends it in time. `locking` shuts every
connection of both. Only these processes load sqlglot and DuckDB.
"""
