"""Taking paranad away leaves what is the operator's."""

from tests.systemd.server import Server


def test_uninstall_leaves_data_and_configuration_and_says_where(server: Server) -> None:
    server.sure("systemctl enable paranad")
    answered = server.make("uninstall")
    assert 0 == answered.status, answered.text
    assert "the queue and the shipment journal in /var/lib/paranad, the configuration in /etc/paranad" in answered.out
    server.sure("test -s /var/lib/paranad/queue.db && test -s /etc/paranad/paranad.toml && id paranad")
    assert "" == server.sure("find /opt /usr/local /etc/fish /etc/systemd -name '*paranad*'")
    assert "not-found" == server.show("LoadState")


def test_it_can_be_uninstalled_once(server: Server) -> None:
    answered = server.make("uninstall")
    assert "paranad is not installed" in answered.err
    assert 0 != answered.status
