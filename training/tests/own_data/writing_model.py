"""A language model behind the chat completions API, on loopback, that writes dialogues out of the notes that it gets. It
also does what such servers do wrong. The wire: https://platform.openai.com/docs/api-reference/chat/create"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKENS = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
# What goes wrong on the way, so that the same is asked again.
BUSY, FAILS, BREAKS_OFF, A_PAGE = "busy", "fails", "breaks off", "a page"
# What is answered and must not be learnt.
NO_JSON, DECLINES, IN_GERMAN, GIVES_AWAY = "no JSON", "declines", "in German", "gives away"

_CAPTION = re.compile(r"Caption: (?P<caption>.*)")
_CLIP = re.compile(
    r"(?P<size>small|big) (?P<thing>\w+) (?P<way>moves (?:to the left|to the right|up)) (?P<place>\w+(?: the)? \w+)"
)


@dataclass
class WritingModel:
    """`faults`: by caption, what its questions get one after another, before right answers."""

    faults: dict[str, list[str]]
    url: str = ""
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self, caption: str) -> str | None:
        with self.lock:
            self.asked += 1
            left = self.faults.get(caption)
            return left.pop(0) if left else None

    def write(self, task: str, caption: str) -> list[tuple[str, str]]:
        """Questions and answers about a clip of which the caption is known."""
        seen = _CLIP.search(caption.lower())
        assert seen, caption
        thing, way, place = f"{seen['size']} {seen['thing']}", seen["way"], seen["place"]
        what = ("What is in the clip?", f"There is a {thing}.")
        where = ("Where is it?", f"It is {place}.")
        how = ("How does it move?", f"The {thing} {way}.")
        # Each of them comes first now and then, where the clip is shown.
        first = len(caption) % 3
        return {
            "conversation": [what, where, how, what, where][first : first + 3],
            "detailed-description": [("Describe the clip.", f"There is a {thing} {place}, and the {thing} {way}.")],
            "complex-reasoning": [("What does it need?", f"The {thing} is {place} and {way}, so it needs a place {place}.")],
            "causal-inference": [("Why is it gone from there?", f"The {thing} {way} {place}, so it is gone from there.")],
            "character-identification": [("Which one is it?", f"It is the {thing}, which {way} {place}.")],
        }[task]


@contextmanager
def writing_model(faults: dict[str, list[str]]) -> Iterator[WritingModel]:
    """Serves a model as long as it is needed."""
    model = WritingModel(faults)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert self.path == "/v1/chat/completions"
            _answer(self, model, body)

        def log_message(self, *arguments: Any) -> None:
            """Requests are counted, not told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, model: WritingModel, body: dict[str, Any]) -> None:
    system, user = (message["content"] for message in body["messages"])
    caption = _CAPTION.search(user)["caption"]  # type: ignore[index]
    fault = model.next_fault(caption)
    match fault:
        case "busy":
            return _send(handler, 429, {"error": {"message": "slow down"}}, {"retry-after": "1"})
        case "fails":
            return _send(handler, 500, {"error": {"message": "out of memory"}})
        case "breaks off":
            handler.send_response(200)
            handler.send_header("content-length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"choices": [{"mess')
            handler.close_connection = True
            return None
        case "a page":
            return _send(handler, 200, "<html>Sign in</html>")
        case "no JSON":
            return _complete(handler, "Here is your dialogue: it is lovely.")
        case "declines":
            return _complete(handler, None, "I cannot help with that.")
    turns = model.write(system.split("\n", 1)[0], caption)
    if fault == IN_GERMAN:
        said = f"Das ist ein {caption.split()[2]}, und es ist nicht auf dem Mond, sondern in der Stadt."
        turns = [("Was ist das und wo ist es?", said)] * len(turns)
    elif fault == GIVES_AWAY:
        turns = [(question, f"The caption says: {answer}") for question, answer in turns]
    dialogue = {"turns": [{"question": question, "answer": answer} for question, answer in turns]}
    return _complete(handler, json.dumps(dialogue))


def _complete(handler: BaseHTTPRequestHandler, content: str | None, refusal: str | None = None) -> None:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "writer"}
    _send(handler, 200, answer | {"choices": choices, "usage": TOKENS})


def _send(handler: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("content-type", "text/html" if isinstance(body, str) else "application/json")
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
