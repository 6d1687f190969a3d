"""The name in the browser's tab before the page's script has run."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_THEIRS = b"<title>Streamlit</title>"
# Of the same length, so that the response's length stays true; browsers drop the spaces.
_OURS = b"<title>docqa    </title>"


class TitleMiddleware:
    """Puts our name where the page that loads the user interface has Streamlit's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        html = False

        async def send_titled(message: Message) -> None:
            nonlocal html
            if message["type"] == "http.response.start":
                html = (
                    Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
                )
            elif html and message["type"] == "http.response.body":
                message = {**message, "body": message.get("body", b"").replace(_THEIRS, _OURS, 1)}
            await send(message)

        await self._app(scope, receive, send_titled)
