"""python -m etc.manual ROOT: writes man pages and completion below ROOT, as they belong below /."""

import sys
from collections.abc import Mapping
from pathlib import Path

from etc.manual.completion import bash, fish, zsh
from etc.manual.pages import configuration_page, daemon_page, operator_page
from etc.manual.tree import daemon_tree, operator_tree

SHARE = "usr/local/share"
CONFIGURATION = Path(__file__).parents[1] / "paranad.toml"


def files() -> Mapping[str, str]:
    """Return the text of every file by its path."""
    daemon, operator = daemon_tree(), operator_tree()
    made = {
        f"{SHARE}/man/man8/paranad.8": daemon_page(daemon),
        f"{SHARE}/man/man1/paranadctl.1": operator_page(operator),
        f"{SHARE}/man/man5/paranad.toml.5": configuration_page(CONFIGURATION.read_text("utf-8")),
    }
    for program in (daemon, operator):
        made[f"{SHARE}/bash-completion/completions/{program.name}"] = bash(program)
        made[f"{SHARE}/zsh/site-functions/_{program.name}"] = zsh(program)
        made[f"etc/fish/completions/{program.name}.fish"] = fish(program)
    return made


def main(root: Path) -> None:
    """Write every file below *root*."""
    for name, text in files().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
