"""The gate before every request: this machine only, our name only, safe headers on the way out."""

import ipaddress
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from docqa.web.cookie import InstallationCookie
from docqa.web.policy import FIXED_HEADERS

LOG = logging.getLogger(__name__)
POLICY_VIOLATION = 1008
"""WebSocket close code (RFC 6455, section 7.4.1)."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host.lower() in {"localhost", "localhost."}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]").split("%")[0]).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is turned away, in words."""

    reason: str


def refusal(scope: Scope) -> Refusal | None:
    """Why this request must not pass, or None.

    A web page elsewhere can make a browser on this machine send requests here (DNS rebinding,
    cross-site WebSockets); these carry a foreign Host or Origin.
    """
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        return Refusal("docqa answers to this machine only")
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    try:
        host = urlsplit(f"//{hosts[0]}") if len(hosts) == 1 else urlsplit("//")
        origin_text = headers.get("origin")
        origin = urlsplit(origin_text) if origin_text is not None else None
        if not is_loopback(host.hostname or ""):
            return Refusal("the Host of the request is not this machine")
        if origin is not None and origin.netloc.lower() != host.netloc.lower():
            return Refusal("the request comes from another site")
    except ValueError:
        return Refusal("the Host or Origin of the request cannot be read")
    return None


class SecurityMiddleware:
    """Refuses what is not ours, adds the policy to every response and the cookie to every page."""

    def __init__(self, app: ASGIApp, *, policy: str, cookie: InstallationCookie) -> None:
        self._app = app
        self._policy = policy
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refused = refusal(scope)
        if refused is not None:
            LOG.warning("refused %s: %s", scope.get("path", ""), refused.reason)
            await self._refuse(refused, scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add_headers(self, headers: MutableHeaders) -> None:
        headers.setdefault("Content-Security-Policy", self._policy)
        for name, value in FIXED_HEADERS:
            headers.setdefault(name, value)
        if headers.get("content-type", "").startswith("text/html"):
            headers.append("Set-Cookie", self._cookie.header())

    async def _refuse(self, refused: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        await PlainTextResponse(f"{refused.reason}\n", status_code=403)(scope, receive, send)
