"""The scenario page: one small server on this machine that shows the explorer in a browser.

The server reads and forecasts the round once, so a page that is opened shows it at once, and every page
has a session of its own. Pages carry messages only: nothing they send is ever run as code. It listens
on 127.0.0.1, wants a token, refuses other host names and origins, and saves only when started to edit.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tornado.httpserver
import tornado.web
import tornado.websocket

from alignment_lib.answers.charts.ink.lettering import embedded_font
from alignment_lib.app.explorer.desk import Desk
from alignment_lib.app.explorer.session import Session
from alignment_lib.app.faults import say_error
from alignment_lib.app.page_address import ADDRESS, listen
from alignment_lib.rounds.files.manifest import plain_json
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, Stages, prepare_round
from alignment_lib.rounds.round_work import RoundWork

__all__ = ["PageServer", "serve_page"]

_COOKIE = "alignment_page"
_FRONT = Path(__file__).parent / "explorer"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Scenario page</title>
<link rel="stylesheet" href="front.css">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head>
<body>
<header><h1>Scenarios</h1><p id="subject"></p></header>
<main id="explorer"><p class="ax-notice ax-wait" role="status">Opening …</p></main>
<noscript>This page needs JavaScript.</noscript>
</body>
</html>
"""
_STYLE = """body { margin: 0; background: #fffefb; color: #1b1f24; }
header { padding: 12px 14px 2px; display: flex; gap: 14px; align-items: baseline; flex-wrap: wrap;
  font: 14px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
header h1 { font-size: 20px; margin: 0; } header p { margin: 0; color: #585e66; }
[data-jp-theme-light="false"] body { background: #14171a; color: #ece9e2; }
[data-jp-theme-light="false"] header p { color: #a6abb1; }
"""
_SCRIPT = """import { mount } from "./front.js";
// Light or dark as the reader's system is, by the mark that JupyterLab sets as well.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => { document.documentElement.dataset.jpThemeLight = String(!dark.matches); };
dark.addEventListener("change", follow);
follow();
const address = new URL("socket", location.href);
address.protocol = "ws:";
const socket = new WebSocket(address);
const root = document.getElementById("explorer");
const page = mount(root, {
  send: (message) => socket.readyState === 1
    ? socket.send(JSON.stringify(message))
    : page.show({ type: "notice", kind: "error", text: "The connection is closed; load the page again." }),
  receive: (handle) => socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "state") {
      document.title = `${message.round} scenarios: ${message.business}`;
      document.getElementById("subject").textContent =
        `${message.business}, round ${message.round}, as of ${message.as_of}`;
    }
    handle(message);
  }),
});
socket.addEventListener("close", () => {
  const text = "The connection to the server was lost. Start the page again; saved scenarios are kept.";
  page.show({ type: root.dataset.ready ? "notice" : "fault", kind: "error", text });
});
"""


@dataclass
class _Shared:
    """What every connection looks at: the round once it is ready, or what is going on until then."""

    token: str
    can_edit: bool
    port: int = 0
    stage: str = "Starting …"
    fault: str = ""
    work: RoundWork | None = None
    pages: set[_Socket] = field(default_factory=set)


class PageServer:
    """A server for one workspace's round.

    Parameters
    ----------
    request : PlanRequest
        Which round, as in a plan.
    can_edit : bool
        Whether pages may save and delete scenarios.
    port : int
        0 for any that is free.
    token : str, optional
        Drawn at random by default.
    prepare : callable
        Reads and forecasts the round.
    """

    def __init__(
        self,
        request: PlanRequest,
        *,
        can_edit: bool = False,
        port: int = 0,
        token: str | None = None,
        prepare: Callable[[PlanRequest, Stages], PreparedRound] = prepare_round,
    ) -> None:
        self._request = request
        self._prepare_round = prepare
        self._shared = _Shared(token or secrets.token_urlsafe(24), can_edit)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None
        self._port = port

    @property
    def address(self) -> str:
        """What to open in a browser, token included; valid once the server runs."""
        return f"http://{ADDRESS}:{self._shared.port}/?token={self._shared.token}"

    def run(self, started: Callable[[str], None] = lambda address: None) -> None:
        """Serve until `stop` is called or the process is interrupted.

        Parameters
        ----------
        started : callable
            Given the address as soon as pages can be opened; the round may still be on its way.
        """
        asyncio.run(self._serve(started))

    def stop(self) -> None:
        """End `run` from another thread."""
        if self._loop is not None and self._stopped is not None:
            _call_on(self._loop, self._stopped.set)

    async def _serve(self, started: Callable[[str], None]) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        sockets = listen(self._port)
        self._shared.port = sockets[0].getsockname()[1]
        server = tornado.httpserver.HTTPServer(_make_application(self._shared))
        server.add_sockets(sockets)
        threading.Thread(target=self._prepare, name="prepare", daemon=True).start()
        started(self.address)
        await self._stopped.wait()
        server.stop()
        for page in list(self._shared.pages):
            page.close()

    def _prepare(self) -> None:
        """Read and forecast the round while pages already open and show what is going on."""
        try:
            work = RoundWork(self._prepare_round(self._request, Stages(self._tell_stage)), self._request)
            live = work.live
            # A first plan and its odds, so that the first page does not wait for what is worked out once.
            live.simulate(live.evaluate(live.start_from(self._request.scenario)))
            _ = live.evidence
            self._on_loop(lambda: self._begin(work))
        except Exception as error:
            text = say_error(error)
            self._on_loop(lambda: self._fail(text))

    def _on_loop(self, act: Callable[[], None]) -> None:
        if self._loop is not None:
            _call_on(self._loop, act)

    def _tell_stage(self, stage: str) -> None:
        def tell() -> None:
            self._shared.stage = f"{stage[:1].upper()}{stage[1:]} …"
            for page in self._shared.pages:
                page.carry({"type": "stage", "text": self._shared.stage})

        self._on_loop(tell)

    def _begin(self, work: RoundWork) -> None:
        self._shared.work = work
        for page in self._shared.pages:
            page.begin(work)

    def _fail(self, text: str) -> None:
        self._shared.fault = text
        for page in self._shared.pages:
            page.carry({"type": "fault", "text": text})


def serve_page(request: PlanRequest, *, can_edit: bool, port: int, started: Callable[[str], None]) -> None:
    """Serve the scenario page until interrupted; see `PageServer`."""
    PageServer(request, can_edit=can_edit, port=port).run(started)


def _call_on(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    """Have the loop do something; nothing where the server has been stopped meanwhile."""
    # Between asking whether it is closed and calling, it may close: the call then says so itself.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(act)


def _make_application(shared: _Shared) -> tornado.web.Application:
    texts = {
        "front.js": ("text/javascript", (_FRONT / "front.js").read_text(encoding="utf-8")),
        "front.css": ("text/css", (_FRONT / "front.css").read_text(encoding="utf-8")),
        "page.js": ("text/javascript", _SCRIPT),
        # Names of any of Europe's languages may come to stand in a chart while the page is open.
        "page.css": ("text/css", _STYLE + embedded_font(map(chr, range(0xA0, 0x180)))),
    }
    return tornado.web.Application(
        [
            (r"/", _Page, {"shared": shared}),
            (r"/socket", _Socket, {"shared": shared}),
            (r"/(front\.js|front\.css|page\.js|page\.css)", _Text, {"shared": shared, "texts": texts}),
        ],
        log_function=lambda handler: None,
    )


class _Guarded(tornado.web.RequestHandler):
    """Refuses whoever does not come from this machine's own page with the token."""

    _shared: _Shared

    def initialize(self, shared: _Shared) -> None:
        self._shared = shared

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        # A foreign name that was pointed at 127.0.0.1 shows in the Host header.
        if self.request.host not in _own_hosts(self._shared.port):
            raise tornado.web.HTTPError(403)
        # The cookie of a server that ran on this port before must not hide the token of this one.
        given = self.get_argument("token", ""), self.get_cookie(f"{_COOKIE}_{self._shared.port}") or ""
        if not any(hmac.compare_digest(one.encode(), self._shared.token.encode()) for one in given):
            raise tornado.web.HTTPError(403)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(
            "Open this page by the whole address, token included, that alignment app printed."
            if status_code == 403
            else "There is no such page."
        )


def _own_hosts(port: int) -> set[str]:
    return {f"{ADDRESS}:{port}", f"localhost:{port}"}


class _Page(_Guarded):
    def get(self) -> None:
        if self.get_argument("token", ""):
            # The token leaves the address bar and the history; ports share cookies, so it bears the port.
            # Lax, as the page is opened from a file: a browser would hold a strict one back on this way.
            self.set_cookie(
                f"{_COOKIE}_{self._shared.port}", self._shared.token, httponly=True, samesite="Lax"
            )
            self.redirect("/")
            return
        self.finish(_HTML)


class _Text(_Guarded):
    _texts: dict[str, tuple[str, str]]

    def initialize(self, shared: _Shared, texts: dict[str, tuple[str, str]] | None = None) -> None:
        super().initialize(shared)
        self._texts = texts or {}

    def get(self, name: str) -> None:
        kind, text = self._texts[name]
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish(text)


class _Socket(tornado.websocket.WebSocketHandler):
    """One page's connection, with a session of its own."""

    _shared: _Shared

    def initialize(self, shared: _Shared) -> None:
        self._shared = shared
        self._session: Session | None = None
        self._desk: Desk | None = None
        self._loop = asyncio.get_running_loop()
        self._line = ThreadPoolExecutor(max_workers=1, thread_name_prefix="page")

    def prepare(self) -> None:
        cookie = self.get_cookie(f"{_COOKIE}_{self._shared.port}") or ""
        if self.request.host not in _own_hosts(self._shared.port) or not hmac.compare_digest(
            cookie.encode(), self._shared.token.encode()
        ):
            raise tornado.web.HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        return origin in {f"http://{host}" for host in _own_hosts(self._shared.port)}

    def open(self, *args: str, **kwargs: str) -> None:
        self._shared.pages.add(self)
        if self._shared.fault:
            self.carry({"type": "fault", "text": self._shared.fault})
        elif self._shared.work is None:
            self.carry({"type": "stage", "text": self._shared.stage})
        else:
            self.begin(self._shared.work)

    def begin(self, work: RoundWork) -> None:
        """Show the round."""
        self._line.submit(self._start, work)

    def _start(self, work: RoundWork) -> None:
        edit = self._shared.can_edit
        try:
            self._session = Session(work.live, self._carry_soon, can_edit=edit, view=view_work(work))
            self._session.receive({"type": "hello"})
            self._desk = Desk(work, self._carry_soon, can_edit=edit)
            self._desk.show()
        except Exception as error:
            # Nobody waits for this thread's result: without a word the page would wait for ever.
            self._carry_soon({"type": "fault", "text": say_error(error)})

    def on_message(self, message: str | bytes) -> None:
        # One after the other, and never on the loop: a slow answer must not hold up other pages.
        self._line.submit(self._receive, message)

    def _receive(self, message: str | bytes) -> None:
        try:
            content = json.loads(message)
        except ValueError:
            return
        if self._session is None or self._desk is None or not isinstance(content, dict):
            return
        try:
            if not self._desk.receive(content):
                self._session.receive(content)
        except Exception as error:
            self._carry_soon({"type": "notice", "kind": "error", "text": say_error(error)})

    def _carry_soon(self, message: dict[str, Any]) -> None:
        _call_on(self._loop, lambda: self.carry(message))

    def carry(self, message: dict[str, Any]) -> None:
        """Send one message to the page, if it is still there."""
        if self.ws_connection is not None and not self.ws_connection.is_closing():
            # A number that is none would be no JSON to a browser.
            self.write_message(json.dumps(plain_json(message), allow_nan=False))

    def on_close(self) -> None:
        self._shared.pages.discard(self)
        if self._session is not None:
            self._session.close()
        self._line.shutdown(wait=False, cancel_futures=True)
