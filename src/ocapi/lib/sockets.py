"""Where the web processes listen: names that who starts them, the front door and nginx agree on."""

from pathlib import Path


def of_web(run: Path, processes: int) -> tuple[Path, ...]:
    """Give a Unix socket for each web process, in the order in which calm organizations are given them.

    Example: two processes give `web.sock` and `web-2.sock`.
    """
    return tuple(run / ("web.sock" if number == 1 else f"web-{number}.sock")
                 for number in range(1, processes + 1))
