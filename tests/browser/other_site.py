"""A site of somebody else, on a port of its own: under `localhost` it is another site, under 127.0.0.1 the same one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def other_site(page: str, host: str = "localhost") -> Iterator[str]:
    """Serve the HTML *page* to whoever asks; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            whole = f"<!doctype html><title>x</title><link rel=icon href=data:,>{page}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://{host}:{server.server_port}/"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
