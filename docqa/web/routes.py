"""Our own routes: pages as pictures, their words, originals, answers and reviews as files.

All but the health route ask for the cookie of the installation. The functions are ordinary ones:
Starlette runs them in threads, so that rendering a page blocks nobody.
"""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from docqa.bootstrap import App
from docqa.core.documents import PLACED_KINDS, Passage
from docqa.errors import DocqaError, StoreError, UnknownItemError
from docqa.services.coverage import coverage_format
from docqa.services.exporting.service import format_of
from docqa.web import code, highlight, places
from docqa.web.cookie import InstallationCookie
from docqa.web.policy import SANDBOX_POLICY
from docqa.web.versions import document_at
from docqa.web.words import find, page_lines

MAX_WIDTH_PX = 2_400
MIN_WIDTH_PX = 80
DEFAULT_WIDTH_PX = 1_200
MAX_QUERY = 400
# A version never changes, so what is drawn from it can be kept; `private` because it is someone's.
KEEP = {"Cache-Control": "private, max-age=86400"}
FORGET = {"Cache-Control": "no-store"}
EXPORT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}

Handler = Callable[[Request], Response]


class Routes:
    """The routes over one `App`; it is asked for on every request, so that it may be built late."""

    def __init__(self, app: Callable[[], App], cookie: InstallationCookie, icon: Path) -> None:
        self._app = app
        self._cookie = cookie
        self._icon = icon

    def all(self) -> list[BaseRoute]:
        """What the ASGI application serves beside Streamlit's own."""
        return [
            Route("/healthz", self.health),
            Route("/favicon.png", self.icon),
            Route("/doc/{version:int}/page/{page:int}.webp", self._guarded(self.page)),
            Route("/doc/{version:int}/text/{page:int}.json", self._guarded(self.text)),
            Route("/doc/{version:int}/find.json", self._guarded(self.find)),
            Route("/doc/{version:int}/lines.json", self._guarded(self.lines)),
            Route("/doc/{version:int}/places.json", self._guarded(self.places)),
            Route("/doc/{version:int}/outline.json", self._guarded(self.outline)),
            Route("/doc/{version:int}/blame.json", self._guarded(self.blame)),
            Route("/code/{workspace:int}/tree.json", self._guarded(self.tree)),
            Route("/doc/{version:int}/original", self._guarded(self.original)),
            Route("/conversation/{conversation:int}.md", self._guarded(self.conversation)),
            Route("/review/{review:int}/export.{format}", self._guarded(self.review)),
            Route("/coverage/{workspace:int}/export.{format}", self._guarded(self.coverage)),
        ]

    def health(self, _request: Request) -> Response:
        """Whether the process answers and its database opens. Says nothing about documents."""
        try:
            self._app().workspaces.all()
        except StoreError as error:
            return JSONResponse({"ok": False, "detail": str(error)}, 503, headers=FORGET)
        return JSONResponse({"ok": True}, headers=FORGET)

    def icon(self, _request: Request) -> Response:
        """Our icon in the place where Streamlit's page looks for its own."""
        return Response(self._icon.read_bytes(), media_type="image/svg+xml", headers=KEEP)

    def page(self, request: Request) -> Response:
        """A page as a WebP picture; `w` is its width in pixels."""
        version, page = request.path_params["version"], request.path_params["page"]
        width = _number(request.query_params.get("w"), DEFAULT_WIDTH_PX)
        width = min(MAX_WIDTH_PX, max(MIN_WIDTH_PX, width))
        picture = self._app().pages.picture(version, page, width)
        return FileResponse(picture, media_type="image/webp", headers=KEEP)

    def text(self, request: Request) -> Response:
        """The lines of a page and where they stand."""
        lines = page_lines(
            self._passages(request.path_params["version"]), request.path_params["page"]
        )
        said = [
            {"text": line.text, "rect": [line.rect.x0, line.rect.y0, line.rect.x1, line.rect.y1]}
            for line in lines
        ]
        return JSONResponse({"lines": said}, headers=KEEP)

    def find(self, request: Request) -> Response:
        """Where the words `q` stand: per hit a list of [page, x0, y0, x1, y1].

        In a file of places, [position of the passage, first character, character after the last].
        """
        query = request.query_params.get("q", "")[:MAX_QUERY]
        version = request.path_params["version"]
        hits = find(self._passages(version), query)
        if self._app().library.version(version).kind in PLACED_KINDS:
            places = [[hit.ordinal, hit.start, hit.end] for hit in hits]
            return JSONResponse({"hits": places}, headers=FORGET)
        said = [[[r.page, r.x0, r.y0, r.x1, r.y1] for r in hit.rects] for hit in hits]
        return JSONResponse({"hits": said}, headers=FORGET)

    def places(self, request: Request) -> Response:
        """Passages of a file without pages or lines, `n` of them from position `from`."""
        start = _number(request.query_params.get("from"), 0)
        count = _number(request.query_params.get("n"), places.MOST)
        said = places.places(self._app(), request.path_params["version"], start, count)
        return JSONResponse(said, headers=KEEP)

    def outline(self, request: Request) -> Response:
        """The sheets, slides, chapters and headings of such a file."""
        said = places.outline(self._app(), request.path_params["version"])
        return JSONResponse(said, headers=KEEP)

    def lines(self, request: Request) -> Response:
        """A text or code file as coloured lines."""
        version = request.path_params["version"]
        info = document_at(self._app(), version)
        language = info.language if info.kind == "code" else ""
        if info.kind == "markdown":
            language = "markdown"
        said = highlight.lines(self._app().library.text(version), language)
        return JSONResponse({"lines": said}, headers=KEEP)

    def blame(self, request: Request) -> Response:
        """Who wrote the lines of a code file."""
        return JSONResponse(code.blame(self._app(), request.path_params["version"]), headers=FORGET)

    def tree(self, request: Request) -> Response:
        """The files of a workspace's sources, also those that were left out."""
        said = code.tree(self._app(), request.path_params["workspace"])
        return JSONResponse(said, headers=FORGET)

    def original(self, request: Request) -> Response:
        """The file as it was brought, to be saved and never to be run here."""
        version = request.path_params["version"]
        info = document_at(self._app(), version)
        headers = {
            "Content-Disposition": attachment(info.name),
            "Content-Security-Policy": SANDBOX_POLICY,
            "ETag": f'"{info.content_hash}"',
            **KEEP,
        }
        return FileResponse(
            self._app().library.original(version),
            media_type="application/octet-stream",
            headers=headers,
        )

    def conversation(self, request: Request) -> Response:
        """A conversation with its citations as a Markdown file."""
        number = request.path_params["conversation"]
        text = self._app().conversations.export_markdown(number)
        return Response(
            text,
            media_type="text/markdown; charset=utf-8",
            headers=_to_save(f"conversation-{number}.md"),
        )

    def review(self, request: Request) -> Response:
        """A review as a file, written for this download and then removed; the audit log has it."""
        if request.method != "GET":  # nothing is exported for who only looks
            return Response(status_code=405, headers=FORGET)
        number, app = request.path_params["review"], self._app()
        format = format_of(Path(f"review.{request.path_params['format']}"))
        title = app.reviewing.review(number).title
        return _made_for(app.exporting.export_for_download(number, format), f"{title}.{format}")

    def coverage(self, request: Request) -> Response:
        """Every page of a workspace with its class, as a file that is then removed."""
        if request.method != "GET":
            return Response(status_code=405, headers=FORGET)
        number, app = request.path_params["workspace"], self._app()
        format = coverage_format(Path(f"coverage.{request.path_params['format']}"))
        name = app.workspaces.by_id(number).name
        file = app.coverage.export_for_download(number, format)
        return _made_for(file, f"coverage of {name}.{format}")

    def _passages(self, version: int) -> Iterator[Passage]:
        return iter(self._app().store.documents.passages(version))

    def _guarded(self, handler: Handler) -> Callable[[Request], Response]:
        @wraps(handler)
        def guarded(request: Request) -> Response:
            if not self._cookie.matches(request.headers.get("cookie", "")):
                return PlainTextResponse("Open docqa in this browser first.\n", 403, FORGET)
            try:
                return handler(request)
            except UnknownItemError as error:
                return _refused(error, 404)
            except DocqaError as error:
                return _refused(error, 422)

        return guarded


def attachment(name: str) -> str:
    """A `Content-Disposition` that saves under this name (RFC 6266), whatever is in it."""
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", Path(name).name or "document")
    plain = re.sub(r'[^\x20-\x7e]|["%;]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _to_save(name: str) -> dict[str, str]:
    """Headers of what is saved under this name, never run here and not kept."""
    return {
        "Content-Disposition": attachment(name),
        "Content-Security-Policy": SANDBOX_POLICY,
        **FORGET,
    }


def _made_for(file: Path, name: str) -> Response:
    """A file that was written for this download, to be saved under this name; then it goes."""
    remove = BackgroundTask(file.unlink, missing_ok=True)
    media_type = EXPORT_TYPES[file.suffix.removeprefix(".")]
    return FileResponse(file, media_type=media_type, headers=_to_save(name), background=remove)


def _number(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default


def _refused(error: DocqaError, status: int) -> Response:
    said: dict[str, Any] = {"error": str(error), "hint": error.hint}
    return JSONResponse(said, status, headers=FORGET)
