"""The one home of columns: readings in Parquet, and named queries over them in a process of its own.

`readings` writes and reads files, `answering` is the process, `sql/` holds the queries; nobody sends SQL.
"""
