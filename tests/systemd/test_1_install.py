"""A server that is not ready is told so; one that is gets everything in its place, however often it is asked."""

import pytest

from tests.systemd.server import CHECKOUT, CONFIGURATION, VERSION, Server

MODES = {
    "/etc/paranad": "750 root:paranad",
    "/etc/paranad/paranad.toml": "640 root:paranad",
    "/etc/paranad/schedule.d": "750 root:paranad",
    "/etc/paranad/credentials": "700 root:root",
    "/opt/paranad/current/bin/paranad": "755 root:root",
    "/opt/paranad/current/share/prometheus/paranad.rules.yml": "644 root:root",
    "/opt/paranad/current/share/grafana/paranad.json": "644 root:root",
    "/usr/local/lib/systemd/system/paranad.service": "644 root:root",
    "/usr/local/lib/systemd/system/paranad-metrics.service": "644 root:root",
    "/usr/local/lib/systemd/system/paranad-metrics.timer": "644 root:root",
}


def test_only_root_installs(server: Server) -> None:
    answered = server.run(f"cd {CHECKOUT} && setpriv --reuid=65534 --clear-groups make install")
    assert "run it as root: sudo make install" in answered.err
    assert 0 != answered.status


def test_server_without_systemd_is_told(server: Server) -> None:
    answered = server.run(
        f"unshare --mount bash -c 'mount -t tmpfs none /run/systemd && cd {CHECKOUT} && make install'"
    )
    assert "this server was not started by systemd" in answered.err
    assert 0 != answered.status


def test_server_without_python_is_told(server: Server) -> None:
    answered = server.run(
        f"unshare --mount bash -c 'for python in /usr/bin/python3*; do mount --bind /bin/false $python; done;"
        f" cd {CHECKOUT} && make install'"
    )
    assert "paranad needs Python 3.11 or later" in answered.err
    assert 0 != answered.status


@pytest.mark.parametrize(
    ("python", "why"),
    [("/bin/false", "which is none"), ("/nowhere/python3", "but there is no such program"), ("two words", "but there")],
)
def test_a_python_that_is_of_no_use_is_named(server: Server, python: str, why: str) -> None:
    answered = server.make("install", PYTHON=f"'{python}'")
    assert f"PYTHON: expected a Python 3.11 or later, got {python}, {why}" in answered.err
    assert 0 != answered.status


def test_server_without_venv_is_told(server: Server) -> None:
    server.program("/tmp/python3", '#!/bin/sh\n[ "$2" != "import ensurepip, venv" ] && exec /usr/bin/python3 "$@"\n')
    answered = server.make("install", PYTHON="/tmp/python3")
    assert (
        "/tmp/python3 cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"
        in answered.err
    )
    assert 0 != answered.status


def test_full_disk_is_told(server: Server) -> None:
    server.sure("mkdir -p /opt/paranad && mount -t tmpfs -o size=20m none /opt/paranad")
    answered = server.make("install")
    server.sure("umount /opt/paranad")
    assert "/opt/paranad: expected 300 MB of free room, got 20; make room" in answered.err
    assert 0 != answered.status


def test_without_network_it_says_how_to_bring_the_packages_and_leaves_nothing(server: Server) -> None:
    answered = server.make("install", WHEELS="")
    assert "requirements.lock could not be fetched (see above); without a network: run `make wheels`" in answered.err
    assert 0 != answered.status
    assert ["/opt/paranad:", "/usr/local/bin:"] == server.sure(
        "ls /opt/paranad /etc/paranad /usr/local/bin 2>/dev/null; id paranad || true"
    ).split()


def test_install_begins_anew_where_an_earlier_one_was_cut_off_and_says_what_is_missing(server: Server) -> None:
    server.sure(f"mkdir -p /opt/paranad/{VERSION}/bin && touch /opt/paranad/{VERSION}/bin/python")
    answered = server.make("install")
    assert 0 == answered.status, answered.text
    assert f"/opt/paranad/{VERSION} is what an earlier install left half-done; making it anew" in answered.out
    assert 'paranad.toml: [shop] database_url: expected the address of the shop\'s database, got ""' in answered.out
    assert "systemctl enable --now paranad" in answered.out


def test_everything_is_in_its_place(server: Server) -> None:
    modes = {path: server.sure(f"stat --dereference --format='%a %U:%G' {path}") for path in MODES}
    assert MODES == modes
    assert "/opt/paranad/current/bin/paranad" == server.sure("readlink /usr/local/bin/paranad")
    assert ["paranad", VERSION, "paranadctl", VERSION] == server.sure("paranad --version; paranadctl --version").split()


def test_a_second_install_of_the_same_changes_nothing(server: Server) -> None:
    """From another folder too; what the operator wrote least of all."""
    server.sure(f"cp -r {CHECKOUT} /tmp/another && echo '# mine' >>{CONFIGURATION} && touch /tmp/before && sleep 0.01")
    assert 0 == server.make("install", tree="/tmp/another").status
    assert "" == server.sure("find /opt/paranad/ /usr/local/ /etc -type f -newer /tmp/before ! -name '*-'")


def test_a_wrong_configuration_is_not_called_missing_and_stops_a_deploy(server: Server) -> None:
    server.sure(f"cp -p {CONFIGURATION} /tmp/kept && sed -i 's/^#workers = .*/workers = 5000/' {CONFIGURATION}")
    answered = server.make("install")
    server.sure(f"mv /tmp/kept {CONFIGURATION}")
    assert 0 != answered.status
    assert "[queue] workers: expected a whole number from 1 to 256, got 5000" in answered.text
    assert "this is missing" not in answered.text
    assert "with this configuration it does not start (see above); correct it, then run this again" in answered.err


def test_the_units_are_valid_and_closed(server: Server) -> None:
    verified = server.run("systemd-analyze verify paranad.service paranad-alert.service paranad-again.service")
    assert (0, "") == (verified.status, verified.text)
    server.sure("systemd-analyze security --threshold=15 paranad.service")


def test_the_example_of_a_drop_in_is_valid_with_all_it_shows(server: Server) -> None:
    example = server.sure("sed 's/^#\\([A-Za-z]*=\\)/\\1/' /opt/paranad/current/share/commands.conf")
    assert "ReadWritePaths=/srv/shop/database\n" in example
    server.drop_in("commands", example.partition("[Service]")[2])
    verified = server.run("systemd-analyze verify paranad.service")
    server.drop_in("commands", "")
    assert (0, "") == (verified.status, verified.text)


def test_the_man_pages_say_what_help_says(server: Server) -> None:
    assert "" == server.run("mandoc -T lint -W error /usr/local/share/man/man?/paranad*").text
    pages = {page: " ".join(server.sure(f"man {page}").split()) for page in ("paranad", "paranadctl", "paranad.toml")}
    assert "another daemon holds the state directory" in pages["paranad"]
    assert "Enqueue one job; print its id." in pages["paranadctl"]
    assert "How long a stop waits for running jobs" in pages["paranad.toml"]


def test_shells_complete_commands_options_and_values(server: Server) -> None:
    fish = 'fish -c \'complete -C"paranadctl sh"; complete -C"paranadctl jobs list --state av"\''
    assert ["shipments", "available"] == [line.split("\t")[0] for line in server.sure(fish).splitlines()]
    bash = (
        "source /usr/share/bash-completion/bash_completion; _completion_loader paranadctl; "
        "COMP_WORDS=(paranadctl run carts : e) COMP_CWORD=4 COMP_LINE='paranadctl run carts:e' COMP_POINT=22; "
        "_paranadctl; echo ${COMPREPLY[@]}"
    )
    assert "expire" == server.sure(bash)
    zsh = (
        "autoload -U compinit; compinit -u; _describe() { print -rl -- $offers }; "
        "words=(paranadctl shipments list --state h) CURRENT=5; $_comps[paranadctl]"
    )
    assert ["intended", "created", "recorded", "withdrawn", "held"] == server.sure(f"zsh -c '{zsh}'").split()
