"""Answers questions with Spark, for whoever has more machines: `python -m ocapi.lib.columns.cluster`.

The same request and answers as `child`. Formulas pass the same first gate. The second one here: Spark parses
a query and nothing else, knows the functions that formulas need and no other, has no way to name a file in a
query (`runSQLOnFiles`), and before one runs, the files it would read must be among those of the request.
Neither Spark nor Java is held by a filter of system calls: they need sockets. So only an operator turns this
on. Whoever asks (`running.Cluster`) names the master and the own address in the environment of this process.
"""

import os
import sys
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from ocapi.lib.columns import dialect, formulas, running
from ocapi.lib.columns.running import Answer, Question, Request

MASTER = "OCAPI_SPARK_MASTER"


_MORE_NAMES = """
bround ceiling dayofmonth day_of_week date_format first last max_by min_by mean percentile percentile_cont
percentile_disc bool_and bool_or every any some std stddev_pop stddev_samp var_samp try_divide unix_date
unix_seconds weekday when named_struct struct row_number dense_rank first_value last_value cume_dist
minute second timestampadd between
"""
KEPT = formulas.FUNCTIONS | frozenset(_MORE_NAMES.split())
"""Functions of Spark that a query may name; the table of the proof `spark` shows that they are enough."""


class FileRefused(ValueError):
    """A query would read what the request does not name."""


def session(master: str, memory_mb: int) -> Any:
    """Open a session of Spark that keeps nothing, tells nobody and listens on this machine alone."""
    from pyspark.sql import SparkSession

    address = os.environ["SPARK_LOCAL_IP"]
    made = SparkSession.builder.master(master).appName("ocapi-indicators")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.driver.memory": f"{max(memory_mb, 512)}m",
        "spark.driver.maxResultSize": "64m",
        "spark.driver.bindAddress": address,
        "spark.driver.host": address,
        "spark.sql.session.timeZone": running.ZONE,
        "spark.sql.ansi.enabled": "true",
        "spark.sql.runSQLOnFiles": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.adaptive.enabled": "true",
    }.items():
        made = made.config(name, value)
    opened = made.getOrCreate()
    opened.sparkContext.setLogLevel("OFF")
    return opened


def declare(spark: Any, request: Request) -> tuple[dict[str, dict[str, str]], set[str]]:
    """Make every table a view over its files; gives the types of their columns, and the files."""
    types: dict[str, dict[str, str]] = {}
    files: set[str] = set()
    for name, table in request.tables.items():
        frame = spark.read.parquet(*table.paths)
        frame.createOrReplaceTempView(name)
        types[name] = {field.name: _type(field.dataType.simpleString()) for field in frame.schema.fields}
        files |= {os.path.realpath(each) for each in table.paths}
    return types, files


def _type(name: str) -> str:
    return {"string": "VARCHAR", "timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP"}.get(
        name, name.upper()
    )


def forget_functions(spark: Any) -> None:
    """Take away every function that no formula needs: those that call Java or tell of the machine too."""
    registry = spark._jsparkSession.sessionState().functionRegistry()
    listed, named = registry.listFunction().iterator(), []
    while listed.hasNext():
        named.append(listed.next())
    for each in named:
        if each.funcName().isidentifier() and each.funcName() not in KEPT:
            registry.dropFunction(each)


def planned(spark: Any, sql: str, files: set[str]) -> Any:
    """Give a query as it would run, or raise FileRefused; what is no query is refused by the parser."""
    from pyspark.sql import DataFrame

    inner = spark._jsparkSession
    plan = inner.sessionState().sqlParser().parseQuery(sql)
    opened = spark._jvm.org.apache.spark.sql.classic.Dataset.ofRows(inner, plan)
    frame = DataFrame(opened, spark)
    for each in frame.inputFiles():
        if os.path.realpath(unquote(urlsplit(each).path)) not in files:
            raise FileRefused(each)
    return frame


def answer(request: Request, master: str) -> list[Answer]:
    """Answer every question in order; one that fails does not stop the next."""
    columns = {name: tuple(table.columns) for name, table in request.tables.items()}
    spark = session(master, request.memory_mb)
    types, files = declare(spark, request)
    forget_functions(spark)
    found = []
    for question in request.questions:
        try:
            formula = formulas.read(question.sql, columns)
        except formulas.FormulaRefused as refusal:
            found.append(Answer(reason=refusal.reason, what=refusal.what))
            continue
        done = execute(spark, dialect.for_spark(question.sql, types), question, files)
        found.append(msgspec.structs.replace(done, lineage=formula.lineage, tables=formula.tables))
    return found


def execute(spark: Any, sql: str, question: Question, files: set[str]) -> Answer:
    """Run a query of Spark within its time and size; a failure is an answer too."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        spark.sparkContext.cancelAllJobs()

    watchdog = threading.Timer(question.seconds, end)
    watchdog.daemon = True
    watchdog.start()
    try:
        frame = planned(spark, sql, files)
        rows = frame.limit(question.most_rows + 1).collect()
    except FileRefused:
        return Answer(reason="failed", what="a file that is not named")
    except (PySparkException, Py4JError) as failure:
        return (
            Answer(reason="tooSlow")
            if is_late.is_set()
            else Answer(reason="failed", what=running.without_paths(str(failure).strip()))
        )
    finally:
        watchdog.cancel()
    kinds = tuple(field.dataType.simpleString() for field in frame.schema.fields)
    made = Answer(
        columns=tuple(frame.columns),
        types=tuple(kind.upper() for kind in kinds),
        rows=[
            [running.plain(_placed(value, kind)) for value, kind in zip(row, kinds, strict=True)]
            for row in rows[: question.most_rows]
        ],
        is_cut=len(rows) > question.most_rows,
    )
    return made if running.fits(made) else Answer(reason="tooLarge")


def _placed(value: Any, kind: str) -> Any:
    """An instant comes without its zone, which is that of this process."""
    return value.astimezone() if kind == "timestamp" and value is not None else value


def main() -> None:
    """Answer what stands on standard input."""
    request = msgspec.json.decode(sys.stdin.buffer.read(running.LARGEST_REQUEST), type=Request)
    said = msgspec.json.encode(answer(request, os.environ[MASTER]))
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    os._exit(0)  # Java ends when its standard input does


if __name__ == "__main__":
    main()
