"""What the data plane is told at start: paths, limits and the demo switch; nothing is read from elsewhere."""

from dataclasses import dataclass, field
from pathlib import Path

from ocapi.lib import handed, sockets
from ocapi.lib.members.membership import Membership
from ocapi.lib.members.signing import Signer
from ocapi.lib.sealed import Sealer


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The paths and limits of one data plane process.

    data: folder of the installation. static: collected static files. upload_bytes: largest file a form takes;
    readings_bytes: largest file of readings.
    is_prefix_allowed: an organization also answers below `/o/KEY` of the machine itself, as in a demo.
    web_processes: of web, each with a socket and one request at a time. web_line: how many wait for a
    turn at one organization; web_patience_s: how long. refusal_hold_s: how long who is turned away waits to
    hear it, refusal_longest_s in a crowd; refusals_per_s: how many hear it in a second while that allows it;
    refusals_held: how many wait so. mqtt_port: where devices connect, -1 for nowhere;
    mqtt_certificate, mqtt_key: PEM files of its TLS, none for plain. secrets: of the installation, the
    present one first. membership: of several processes that share the series, None for one process; disk: the
    folder of its own such a member writes on; shelf: address of the store of files of readings. Sizes are
    bytes, times seconds, min_rate bytes per second.
    """

    data: Path
    static: Path
    upload_bytes: int
    readings_bytes: int = handed.LARGEST
    is_prefix_allowed: bool = False
    cache_bytes: int = 32 << 20
    cached_page_bytes: int = 1 << 20
    body_memory_bytes: int = 64 << 10
    bodies_memory_bytes: int = 32 << 20  # of machines, together
    body_margin_bytes: int = 1 << 20
    answer_memory_bytes: int = 1 << 20
    body_deadline_s: float = 10.0
    min_rate: int = 16 << 10
    connect_s: float = 2.0
    answer_s: float = 30.0
    upstream_connections: int = 32
    upstream_waiting: int = 512
    web_processes: int = 1
    web_line: int = 64
    web_patience_s: float = 0.75
    refusal_hold_s: float = 1.0
    refusal_longest_s: float = 5.0  # as long as they are asked to wait before they come again
    refusals_per_s: int = 256
    refusals_held: int = 2048
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = -1
    mqtt_certificate: str = ""
    mqtt_key: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    membership: Membership | None = None
    disk: Path | None = None
    shelf: str = field(default="", repr=False)

    @property
    def sealer(self) -> Sealer | None:
        """Give what opens the values web and worker seal; None for a demo that has no secret yet."""
        return Sealer(self.secrets) if any(self.secrets) else None

    @property
    def signer(self) -> Signer:
        """Give what signs the calls to other members; raises ValueError without a secret."""
        return Signer(self.membership.own if self.membership else "", self.secrets)

    @property
    def logs(self) -> Path:
        """Give the folder below which this process writes its logs: of its own for one of several."""
        return self.disk or self.data

    @property
    def run(self) -> Path:
        """Give the folder of the sockets and passing files of this process."""
        return self.logs / "run"

    @property
    def web_run(self) -> Path:
        """Give the folder of the sockets of web, which is not on every machine."""
        return self.data / "run"

    @property
    def web_places(self) -> tuple[Path, ...]:
        """Give the socket of each request that web is given together; one process has the next at hand."""
        listed = sockets.of_web(self.web_run, self.web_processes)
        return listed if len(listed) > 1 else listed * 2

    @property
    def body_bytes(self) -> int:
        """Give the largest request body: ten files' worth of form would not fit, one file and its form do."""
        return self.upload_bytes + self.body_margin_bytes
