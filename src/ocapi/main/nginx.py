"""Nginx in front of a production installation: request buffering, page cache, static files."""

from pathlib import Path

from ocapi.lib import handed, sockets
from ocapi.main.environment import Environment

CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
)
"""Of TLS 1.2 (those of 1.3 are all good); Mozilla's intermediate profile without DHE."""
_TEMPLATE = """\
# nginx in front of OCAPI; made by `ocapi nginx`. Add the certificate and your organizations' server names.
# It goes inside the http block, beside mime.types, and takes the place of the front door: `ocapi up` then
# listens on {host}:{port} for the data plane's own parts, and web on its Unix socket.
proxy_cache_path /var/cache/nginx/ocapi keys_zone=ocapi:10m max_size=256m inactive=10m use_temp_path=off;
map $http_cookie $ocapi_signed_in {{ default 0; ~*session 1; }}
limit_conn_zone $binary_remote_addr zone=ocapi_address:10m;

# A process of web each; of one organization no more may wait than the front door lets wait.
upstream ocapi_web {{ least_conn; {web} keepalive 32; }}
limit_conn_zone $host zone=ocapi_organization:10m;
# Of one address, which may be a town hall: what hundreds of people ask, and not what a program can.
limit_req_zone $binary_remote_addr zone=ocapi_pages:10m rate=50r/s;
limit_req_status 429;
upstream ocapi_dataplane {{ server {host}:{port}; keepalive 32; }}

# People who type an address are sent on; a program that sends a token in the clear must notice.
server {{
    listen 80;
    server_name example.be;
    server_tokens off;
    location ~ ^/(api|account/oauth|fsc|r1|ingest|ngsi-ld|ogc|sparql)(/|$) {{ return 403; }}
    location / {{ return 308 https://$host$request_uri; }}
}}

server {{
    listen 443 ssl http2;  # since nginx 1.25 also `http2 on;`, which older ones refuse
    server_name example.be;
    ssl_certificate     /etc/ssl/certs/ocapi.pem;
    ssl_certificate_key /etc/ssl/private/ocapi.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers {ciphers};
    ssl_prefer_server_ciphers off;  # each has forward secrecy and is authenticated; phones choose theirs
    ssl_ecdh_curve X25519:prime256v1:secp384r1;

    client_header_timeout 5s;
    client_body_timeout 10s;
    client_body_buffer_size 64k;
    client_max_body_size {body_bytes};
    send_timeout 30s;
    keepalive_timeout 30s;
    large_client_header_buffers 4 16k;
    limit_conn ocapi_address 256;
    server_tokens off;
    ignore_invalid_headers on;
    underscores_in_headers off;

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $host;
    proxy_set_header Forwarded "";
    proxy_set_header BelGov-Trace-Id $request_id;
    proxy_set_header traceparent "";
    proxy_set_header tracestate "";
    proxy_set_header baggage "";
    proxy_hide_header Ocapi-Cache-Tags;
    proxy_hide_header Ocapi-Tenant;
    proxy_hide_header BelGov-Trace-Id;
    add_header BelGov-Trace-Id $request_id always;
    add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
    proxy_connect_timeout 2s;
    proxy_read_timeout 30s;
    proxy_request_buffering on;
    proxy_buffering on;

    location /static/ {{
        alias {static}/;
        gzip_static on;
        add_header X-Content-Type-Options nosniff;
        add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
        location ~ "\\.[0-9a-f]{{8,32}}\\." {{
            add_header Cache-Control "public, max-age=31536000, immutable";
            add_header X-Content-Type-Options nosniff;
            add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
        }}
    }}
    location ~ ^/(fsc|r1|ingest|ngsi-ld|ogc|ldes|sparql|sta)(/|$) {{ proxy_pass http://ocapi_dataplane; }}
    location ^~ /ingest/v1/uploads/ {{  # files of readings, written to the disk as they come
        client_max_body_size {readings_bytes};
        client_body_timeout 30s;
        proxy_request_buffering off;
        proxy_read_timeout 120s;
        proxy_pass http://ocapi_dataplane;
    }}
    location / {{
        limit_conn ocapi_address 256;  # what a block says itself takes the place of what is said above it
        limit_conn ocapi_organization 64;
        limit_req zone=ocapi_pages burst=200 nodelay;
        proxy_pass http://ocapi_web;
        proxy_cache ocapi;
        proxy_cache_key $scheme$host$request_uri$http_cookie$http_accept_language;
        proxy_cache_bypass $ocapi_signed_in $http_authorization;
        proxy_no_cache $ocapi_signed_in $http_authorization $upstream_http_set_cookie;
        proxy_cache_lock on;
    }}
}}
"""


def configuration(settings: Environment) -> str:
    """Give the text of the configuration for these settings."""
    data = Path(settings.data)
    web = sockets.of_web(data / "run", settings.workers)
    return _TEMPLATE.format(
        web=" ".join(f"server unix:{path};" for path in web),
        ciphers=":".join(CIPHERS),
        host=settings.host, port=settings.port,
        body_bytes=settings.upload_bytes + (1 << 20), readings_bytes=handed.LARGEST + (1 << 20),
        static=Path(settings.project) / "build" / "static",
    )
