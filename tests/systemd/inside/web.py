"""Runs inside the machine, as any user: asks the page as the web server does, and prints what came, as JSON."""

import json
import re
import socket
import sys
from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import urlencode

PAGE, CONTROL = "/run/paranad-web/web.sock", "/run/paranad/control.sock"
HOST = "shop.example.com"


class Page(HTTPConnection):
    """HTTP over the page's socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(PAGE)


def ask(method: str, path: str, cookie: str = "", fields: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Return the status, the session's cookie if one is set, and the text."""
    headers = {"Host": HOST, "X-Forwarded-For": "203.0.113.7", "Accept": "text/html", "Cookie": cookie}
    form = {"Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
    connection = Page("page")
    connection.request(method, path, urlencode(fields) if fields else None, headers | (form if fields else {}))
    answer = connection.getresponse()
    return answer.status, (answer.getheader("Set-Cookie") or "").partition(";")[0], answer.read().decode()


def may_open_control() -> bool:
    """Tell whether this user may open the control socket."""
    try:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(CONTROL)
    except PermissionError:
        return False
    return True


def main(*given: str) -> None:
    """Ask as a stranger; with a password as one who has it, and pause a queue."""
    status, _, text = ask("GET", "/jobs")
    said = {"status": status, "asks": 'type="password"' in text, "control": may_open_control()}
    if given:
        _, cookie, _ = ask("POST", "/do/sign-in", fields={"password": given[0], "to": "/"})
        status, _, text = ask("GET", "/", cookie)
        key = re.findall('name="key" value="([^"]+)"', text)[0]
        paused, _, _ = ask("POST", "/do/pause", cookie, {"key": key, "queue": "default", "sure": "1", "back": "/"})
        said |= {"inside": status, "paused": paused}
    sys.stdout.write(json.dumps(said))


main(*sys.argv[1:])
