"""Debian's promtool, where it is installed: what Prometheus itself says of figures and rules."""

import shutil
import subprocess
from pathlib import Path

PROMTOOL = shutil.which("promtool")
WITHOUT_PROMTOOL = "left out: what promtool says of the figures and the rules; to have it: apt-get install prometheus"


def promtool(*words: str | Path, text: str = "") -> tuple[int, str]:
    """Run promtool with *text* as its input; return its exit status and everything it said."""
    said = subprocess.run([str(PROMTOOL), *words], check=False, input=text, capture_output=True, text=True, timeout=60)
    return said.returncode, said.stdout + said.stderr
