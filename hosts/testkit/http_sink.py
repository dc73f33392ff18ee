"""An HTTP server that collects webhook posts."""

import contextlib
import hashlib
import hmac
import http.server
import json
import threading
import time


@contextlib.contextmanager
def collecting_posts():
    """Yields the server's port, and the list of posts: path, headers, body."""
    posts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            posts.append((self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, posts
        finally:
            server.shutdown()
            thread.join()


def wait_for_posts(posts, count):
    """Waits until `count` posts have come, for at most 5 s."""
    deadline = time.monotonic() + 5
    while len(posts) < count and time.monotonic() < deadline:
        time.sleep(0.05)


def assert_voicemail_posts(posts, began, channel, ids):
    """The posts of a greeting with a beep: of this channel, since `began`, with these ids, signed with "the secret"."""
    assert [path for path, _, _ in posts] == ["/detect"] * 5, posts
    bodies = [json.loads(body) for _, _, body in posts]
    detects = [body["params"]["detect"]["params"] for body in bodies]
    assert [detect["event"] for detect in detects] == ["MACHINE", "NOT_READY", "MACHINE", "READY", "finished"], detects
    assert ["beep" in detect for detect in detects] == [False, False, True, True, True], detects
    for body in bodies:
        about = [body[k] for k in ("event_type", "event_channel", "project_id", "space_id")]
        assert about == ["calling.call.detect", channel, "the project", "the space"], about
        params = body["params"]
        assert {k: params[k] for k in ids} == ids, (params, ids)
        assert params["control_id"] == "the control" and params["detect"]["type"] == "machine", params
        assert params["segment_id"] and params["node_id"], params
        assert began <= body["timestamp"] <= time.time(), body
    for _, headers, body in posts:
        at, signature = (part.split("=")[1] for part in headers["X-Earwig-Signature"].split(","))
        assert signature == hmac.new(b"the secret", at.encode() + b"." + body, hashlib.sha256).hexdigest(), headers
