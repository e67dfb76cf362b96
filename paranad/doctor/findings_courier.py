"""What the doctor can find of the courier: every code with its check, its outcome, why it is so, and the cure."""

from collections.abc import Mapping

from paranad.doctor.finding import Words

ACCOUNT = "[courier] username and password in paranad.toml, or alwaseet_username and alwaseet_password in the shop"

COURIER: Mapping[str, Words] = {
    "courier-name-good": Words("courier-name", "ok", "{host} has an address: {address}"),
    "courier-name-unknown": Words(
        "courier-name",
        "failed",
        "the courier's name {host} has no address: {reason}",
        "see this machine's name servers (`resolvectl query {host}`), its network, and [courier] base_url",
    ),
    "courier-tls-good": Words(
        "courier-tls", "ok", "{host} proves who it is; its certificate is good for {days} more days"
    ),
    "courier-tls-none": Words("courier-tls", "ok", "{host} is this machine: no certificate is asked for"),
    "courier-tls-ends": Words(
        "courier-tls",
        "warning",
        "the certificate of {host} ends in {days} days",
        "AlWaseet renews it as a rule by itself; when less than a week is left, tell them",
    ),
    "courier-tls-untrusted": Words(
        "courier-tls",
        "failed",
        "{host} does not prove who it is, so nothing is sent to it: {reason}",
        "see this machine's clock (`timedatectl`), a proxy or filter in between, and [courier] base_url",
    ),
    "courier-unreachable": Words(
        "courier-tls",
        "failed",
        "no connection to {host}: {reason}",
        "see this machine's network and firewall (port {port} out), then the courier's own news",
    ),
    "courier-login-good": Words("courier-login", "ok", "the courier accepts the account"),
    "courier-login-missing": Words(
        "courier-login", "failed", "the courier's username or password is not set", f"set {ACCOUNT}"
    ),
    "courier-login-refused": Words(
        "courier-login",
        "failed",
        "the courier does not accept the account: {reason}",
        "correct {place}; what is set on this machine is read at the next start: systemctl restart paranad",
    ),
    "courier-login-blocked": Words(
        "courier-login",
        "failed",
        "the courier's service does not answer as it should: {reason}",
        "if it answers with a page (403 or 503), ask AlWaseet to allow this machine's address; else wait for it",
    ),
    "courier-login-later": Words(
        "courier-login",
        "warning",
        "not tried: the courier's limit of {limit} requests has no place to spare just now",
        "ask again in {seconds} s",
    ),
    "courier-login-unasked": Words(
        "courier-login",
        "warning",
        "not tried: the account or its token stands in the shop's settings, which cannot be read: {reason}",
        "let the shop's database be reachable first",
    ),
    "courier-account-merchant": Words("courier-account", "ok", "it is the merchant's main account"),
    "courier-account-employee": Words(
        "courier-account",
        "warning",
        "it is an employee's account (its token does not begin with @@): invoices are refused to it, and the shop's own"
        " pages do not accept it",
        "use the merchant's main account in {place}; what is set on this machine is read at the next start: systemctl"
        " restart paranad",
    ),
    "courier-right-proved": Words("courier-right", "ok", "the account may create orders: it last did {at}"),
    "courier-right-refused": Words(
        "courier-right",
        "failed",
        "the courier said {at} that the account may not do what was asked: {reason}",
        "ask AlWaseet to give this account the right to create orders by the API; what waits is then sent by itself",
    ),
    "courier-right-unknown": Words(
        "courier-right",
        "warning",
        "whether the account may create orders shows with the first one: none was created from here yet",
        "ask AlWaseet whether this account has the right to create orders by the API",
    ),
}
