"""The page's server: this machine only, token, own hosts and origins, loading state, faults in a sentence."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from alignment_lib.app.page import PageServer
from alignment_lib.app.page_address import PortTaken, listen, opening_file
from alignment_lib.inputs.periods.written_days import NotADay
from alignment_lib.rounds.preparing.asked_round import ask_round
from tests.unit.app.explorer_fixture import write_small_workspace


class Running:
    """A server in a thread of its own."""

    def __init__(self, folder, token="secret", **options):
        self.server = PageServer(ask_round(folder), token=token, **options)
        ready = threading.Event()
        self.thread = threading.Thread(
            target=self.server.run, args=(lambda address: ready.set(),), daemon=True
        )
        self.thread.start()
        assert ready.wait(10)
        self.port = int(self.server.address.split(":")[2].split("/")[0])

    def get(self, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()

    def cookie(self):
        return f"alignment_page_{self.port}=secret"

    def talk(self, messages, until, **headers):
        """Send messages once the state came; return everything received up to the first that fits."""

        async def run():
            request = HTTPRequest(
                f"ws://127.0.0.1:{self.port}/socket", headers={"Cookie": self.cookie(), **headers}
            )
            socket = await websocket_connect(request)
            found = []
            while True:
                found.append(json.loads(await asyncio.wait_for(socket.read_message(), 30)))
                if found[-1]["type"] == "state":
                    for message in messages:
                        await socket.write_message(
                            message if isinstance(message, str) else json.dumps(message)
                        )
                if until(found[-1]):
                    socket.close()
                    return found

        return asyncio.run(run())

    def stop(self):
        self.server.stop()
        self.thread.join(10)


@pytest.fixture
def running(tmp_path):
    server = Running(write_small_workspace(tmp_path / "small"))
    yield server
    server.stop()


@pytest.mark.parametrize("path", ["/", "/front.js", "/?token=wrong"])
def test_without_the_token_nothing_is_shown(running, path):
    answer, text = running.get(path)
    assert answer.status == 403
    assert text == "Open this page by the whole address, token included, that alignment app printed."


def test_the_token_becomes_a_cookie_and_leaves_the_address(running):
    answer, _ = running.get("/?token=secret")
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page, text = running.get("/", Cookie=running.cookie())
    assert page.status == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert '<main id="explorer">' in text


def test_a_foreign_host_name_is_refused(running):
    answer, _ = running.get("/", Host="evil.example", Cookie=running.cookie())
    assert answer.status == 403


def test_a_foreign_origin_cannot_open_the_socket(running):
    with pytest.raises(HTTPClientError, match="403"):
        running.talk([], lambda message: True, Origin="http://evil.example")


def test_the_socket_wants_the_cookie(running):
    with pytest.raises(HTTPClientError, match="403"):
        running.talk([], lambda message: True, Cookie="alignment_page=guess")


def test_it_listens_on_this_machine_alone(running):
    assert running.server.address == f"http://127.0.0.1:{running.port}/?token=secret"


def test_a_page_sees_the_stages_and_then_the_round(running):
    found = running.talk([], lambda message: message["type"] == "state")
    assert {message["type"] for message in found[:-1]} <= {"stage"}
    assert found[-1]["round"] == "2026Q1"
    assert found[-1]["can_edit"] is False


def test_nonsense_on_the_socket_is_passed_over(running):
    move = {"type": "set", "id": "A1", "value": 12, "seq": 3}
    found = running.talk(
        ["not json", "[1]", move], lambda message: message["type"] == "figures" and message["seq"] == 3
    )
    assert found[-1]["rows"]["A1"]["value"] == 12.0


def test_a_workspace_with_a_fault_shows_one_sentence(tmp_path):
    folder = write_small_workspace(tmp_path / "bad")
    (folder / "sales.csv").write_text(
        "period,product,sale_type,units\n2025-01-01,Tea,new,x\n", encoding="utf-8"
    )
    running = Running(folder)
    found = running.talk([], lambda message: message["type"] == "fault")
    assert "sales.csv, row 2, column units" in found[-1]["text"]
    assert "Traceback" not in found[-1]["text"]
    running.stop()


def test_a_fault_while_the_page_begins_is_said_and_never_waited_for(tmp_path, monkeypatch):
    """Whatever fails between the round and the page: nobody waits for the thread it fails in."""
    folder = write_small_workspace(tmp_path / "begins")
    for place, name in (("page", "Session"), ("page", "Desk"), ("explorer.session", "round_answer")):
        with monkeypatch.context() as patch:
            patch.setattr(f"alignment_lib.app.{place}.{name}", lambda *given, **named: {}["gone"])
            running = Running(folder)
            found = running.talk([], lambda message: message["type"] == "fault")
            assert found[-1]["text"].startswith("an unforeseen fault: KeyError"), name
            assert "Traceback" not in found[-1]["text"]
            running.stop()


def test_a_date_in_another_form_is_refused_with_an_example():
    with pytest.raises(NotADay, match="write it as year-month-day, such as 2026-01-01"):
        ask_round("x", "2026Q1", "1.2.2026")


def test_restarted_on_the_same_port_it_opens_at_once(running, tmp_path):
    stale, port = running.cookie(), running.port
    running.stop()
    again = Running(tmp_path / "small", token="fresh", port=port)
    try:
        answer, _ = again.get("/?token=fresh", Cookie=stale)
        assert answer.status == 302
        assert "=fresh" in answer.headers["Set-Cookie"]
        assert again.get("/", Cookie=stale)[0].status == 403
    finally:
        again.stop()


def test_a_port_in_use_is_said_in_one_sentence(running):
    with pytest.raises(PortTaken, match=f"port {running.port} is in use by another program; name another"):
        listen(running.port)


def test_a_browser_is_led_to_the_page_by_a_private_file(tmp_path):
    address = "http://127.0.0.1:1/?token=secret"
    with opening_file(address) as opened:
        path = Path(unquote(urlparse(opened).path))
        assert "secret" not in opened
        assert address in path.read_text()
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.exists()


ODD = ["1,5", "", None, "NaN", 1e999, -1e999, 1e200, [1], {"a": 1}, "true", "1" * 400]


def test_odd_numbers_are_answered_in_one_sentence(running):
    asked = [{"type": "set", "id": "A1", "value": value} for value in ODD]
    asked += [{"type": "solve", "target": value, "id": ""} for value in ODD if value not in (None, "")]
    told = []

    def all_answered(message):
        told.extend([message["text"]] if message["type"] == "notice" else [])
        return len(told) == len(asked)

    running.talk(asked, all_answered)
    assert all("is not a number; type" in text or "larger than anything" in text for text in told)
