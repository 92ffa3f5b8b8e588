"""Texts printed for other programs. Not covered: that nginx and systemd take them (tried by hand)."""

import re
from pathlib import Path

import pytest

from ocapi.main import environment, nginx, units

SETTINGS = environment.read(
    {"OCAPI_DATA": "/srv/ocapi", "OCAPI_SECRET": "x" * 40, "OCAPI_METRICS_PORT": "9464"}
)


class TestNginx:
    @pytest.mark.parametrize("line", [
        "ssl_protocols TLSv1.2 TLSv1.3;", "ssl_ecdh_curve X25519:prime256v1:secp384r1;",
        'Strict-Transport-Security "max-age=31536000; includeSubDomains" always;',
        "proxy_request_buffering on;", "proxy_set_header X-Forwarded-For $remote_addr;", "server_tokens off;",
        'proxy_set_header Forwarded "";', "proxy_hide_header Ocapi-Tenant;", "client_header_timeout 5s;",
    ])
    def test_is_told_what_the_front_door_does_otherwise(self, line):
        assert line in nginx.configuration(SETTINGS)

    def test_names_the_socket_of_each_web_process(self):
        told = nginx.configuration(SETTINGS)
        assert re.findall(r"server unix:(\S+);", told) == [
            "/srv/ocapi/run/web.sock", "/srv/ocapi/run/web-2.sock"
        ]

    def test_lets_no_address_and_no_organization_take_all(self):
        text = nginx.configuration(SETTINGS)
        pages = text.rpartition("    location / {")[2]
        for limit in ("limit_conn ocapi_address 256;", "limit_conn ocapi_organization 64;",
                      "limit_req zone=ocapi_pages burst=200 nodelay;"):
            assert limit in pages
        assert "zone=ocapi_pages:10m rate=50r/s;" in text

    def test_takes_only_suites_with_forward_secrecy_that_authenticate(self):
        (named,) = re.findall(r"ssl_ciphers ([^;\s]+);", nginx.configuration(SETTINGS))
        suites = named.split(":")
        assert len(suites) == 6
        sound = re.compile(r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)")
        assert all(sound.fullmatch(each) for each in suites)

    def test_sends_people_on_from_plain_http_and_refuses_programs(self):
        plain, _secure = nginx.configuration(SETTINGS).split("listen 443")
        assert "location / { return 308 https://$host$request_uri; }" in plain
        (pattern,) = re.findall(r"location ~ (\S+) \{ return 403; \}", plain)
        refused = re.compile(pattern)
        assert all(refused.match(path) for path in ("/api/cases/v1/cases", "/ingest/v1/streams", "/sparql"))
        assert not any(refused.match(path) for path in ("/", "/apis", "/desk/", "/account/aanmelden/"))

    def test_repeats_headers_wherever_it_adds_others(self):
        added = re.findall(r"^( *)add_header (\S+)", nginx.configuration(SETTINGS), re.MULTILINE)
        levels = {indent for indent, _name in added}  # what a block adds replaces what the outer ones add
        assert len(levels) == 3
        assert [level for level in levels if (level, "Strict-Transport-Security") not in added] == []

    def test_publishes_no_figures_and_no_listing(self):
        text = nginx.configuration(SETTINGS)
        assert ("9464" in text, "metrics" in text, "autoindex" in text) == (False, False, False)


class TestUnit:
    @pytest.mark.parametrize("line", [
        "User=ocapi", "ReadWritePaths=/srv/ocapi", "ProtectSystem=strict", "NoNewPrivileges=yes",
        "LimitCORE=0", "EnvironmentFile=/etc/ocapi/environment", "LimitNOFILE=8192",
    ])
    def test_confines_the_processes(self, line):
        assert line in units.unit(SETTINGS).splitlines()

    def test_hides_where_the_program_came_from_and_its_tests(self):
        first, *others = re.findall(r"InaccessiblePaths=(.+)", units.unit(SETTINGS))
        hidden = [f"-{SETTINGS.project}/{name}" for name in (".git", ".hg", ".svn", "tests")]
        assert first.split() == hidden
        package = Path(units.__file__).parents[1]
        beside = {str(path) for name in ("tests", "testing.py") for path in package.rglob(name)}
        assert {path.removeprefix("-") for line in others for path in line.split()} == beside
        assert len(beside) > 30

    def test_hides_nothing_that_the_product_needs(self):
        package = Path(units.__file__).parents[1]
        code = [path for path in package.rglob("*.py") if not {"tests", "testing.py"} & set(path.parts)]
        using = re.compile(r"^ *(from|import) ocapi[\w.]*(\.| import .*\b)(tests|testing)\b", re.MULTILINE)
        assert [str(path) for path in code if using.search(path.read_text())] == []

    def test_holds_no_secret(self):
        assert "x" * 40 not in units.unit(SETTINGS)


class TestLogShipping:
    """What sends the lines of the processes to another machine."""

    def test_is_closed_by_certificates_of_both_sides_and_gives_up_never(self):
        told = dict(line.split("=", 1) for line in units.shipping("https://logs.example.be:19532").splitlines()
                    if "=" in line and not line.startswith("#"))
        assert told["URL"] == "https://logs.example.be:19532"
        assert {"ServerKeyFile", "ServerCertificateFile", "TrustedCertificateFile"} <= set(told)
        assert told["NetworkTimeoutSec"] == "infinity"

    @pytest.mark.parametrize("to", [
        "http://logs.example.be", "logs.example.be", "https://", "https://localhost:19532",
        "https://127.0.0.1", "https://me:word@logs.example.be", "https://logs.example.be/?token=1",
    ])
    def test_refuses_what_is_readable_on_the_way_or_stays_here(self, to):
        with pytest.raises(ValueError) as refusal:
            units.shipping(to)
        assert "word" not in str(refusal.value)


class TestCredentials:
    def test_of_systemd_are_imported_by_the_unit(self):
        assert "ImportCredential=OCAPI_*" in units.unit(SETTINGS).splitlines()
