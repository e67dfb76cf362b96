"""The configuration as types: every key of paranad.toml with its default; what each may be is in `values.py`.

`load.py` reads the files, the environment and the credentials into these types.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, JsonValue, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from paranad.configuration.addresses import (
    DATABASE_EXAMPLE,
    DATABASE_KEY,
    courier_address,
    database_address,
    heartbeat_address,
)
from paranad.configuration.durations import Rate
from paranad.configuration.values import (
    AbsolutePath,
    Expects,
    Flag,
    PlacedSection,
    RateText,
    Section,
    Texts,
    Within,
    argument_names,
    command_words,
    factor,
    host_name,
    known_zone,
    known_zone_or_empty,
    machine_name,
    own_command_words,
    queue_names,
    time_of_day,
)
from paranad.numbers import SOCKET_PATH_BYTES
from paranad.places import DEFAULT_SOCKET
from paranad.said import Said, Sentence

ACCOUNT_IN_SHOP = Sentence("config.account_in_shop", "alwaseet_username and alwaseet_password in the shop's settings")
BOTH_PLACES = Sentence("config.both_places", "{username} and {password}")
ENTRY_NAME = r"^[!-~]{1,100}$"
LONGEST_EXPECTED: Final = "400d"
"""The longest `expect_within`."""


class DaemonSection(Section):
    """`[daemon]`."""

    state_dir: Annotated[Path, AbsolutePath()] = Path("/var/lib/paranad")
    socket: Annotated[Path, AbsolutePath(SOCKET_PATH_BYTES)] = DEFAULT_SOCKET
    drain_timeout: Annotated[timedelta, Within("0s", "1h")] = timedelta(seconds=60)
    """How long a stop waits for running jobs before it hands them back."""


class QueueSection(PlacedSection):
    """`[queue]`."""

    workers: Annotated[int, Field(ge=1, le=256), Expects("a whole number from 1 to 256")] = 10
    queues: Annotated[
        Texts,
        AfterValidator(queue_names),
        Expects("a list of 1 to 100 different names of letters, digits and . _ : -"),
    ] = ("high", "default")
    """In strict order."""
    limits: Annotated[
        Mapping[str, int],
        Expects("a whole number from 1 for each queue that has a limit", "{ high = 6 }"),
    ] = {}
    """How many jobs of a queue run at once at most."""
    durability: Annotated[Literal["full", "normal"], Expects('"full" or "normal"')] = "full"
    retain_completed: Annotated[timedelta, Within("1m", "3650d")] = timedelta(days=7)
    retain_failed: Annotated[timedelta | None, Within("1m", "3650d", forever=True, example='"forever"')] = None
    """None: forever. `retain_completed` holds for failed jobs of the schedule too."""


class ShopSection(PlacedSection):
    """`[shop]`."""

    database_url: Annotated[
        SecretStr,
        AfterValidator(database_address),
        Expects(
            "sqlite:////path/to/database.sqlite or mysql://user:password@host:3306/database"
            " (?unix_socket=/path for the server's socket)",
            f'"{DATABASE_EXAMPLE}"',
        ),
    ] = SecretStr("")
    """Empty: not set; the daemon does not start without it."""
    laravel_queue: Annotated[Literal["auto", "on", "off"], Expects('"auto", "on" or "off"')] = "auto"
    poll_interval: Annotated[timedelta, Within("50ms", "1m")] = timedelta(milliseconds=250)
    cache_dir: Annotated[Path | None, AbsolutePath(optional=True, example='""')] = None
    """The shop's file cache, in which the daemon publishes counts; None: it publishes none."""
    php: Annotated[Literal["leave", "on-demand"], Expects('"leave" or "on-demand"')] = "leave"
    """What becomes of rows that only PHP can work: they stay, or are set apart while a worker is asked for."""
    status_notices: Annotated[Literal["auto", "php", "rows"], Expects('"auto", "php" or "rows"')] = "auto"
    keep_rows: Flag = False
    """Whether a row of `jobs` stays, reserved, until its job has ended, so that another machine can go on with it."""

    @property
    def notices_by(self) -> Literal["php", "rows"]:
        """Who tells of a status change: the shop's own listener in PHP, or paranad, which writes rows and no push."""
        if self.status_notices == "auto":
            return "php" if self.php == "on-demand" else "rows"
        return self.status_notices


class CourierSection(PlacedSection):
    """`[courier]`."""

    base_url: Annotated[
        str, AfterValidator(courier_address), Expects("an https address (http only on this machine)")
    ] = "https://api.alwaseet-iq.net/v1/merchant"
    username: Annotated[str, Expects("text", '"…", in quotes')] = ""
    """Empty: the account of the shop's settings is used."""
    password: Annotated[SecretStr, Expects("text", '"…", in quotes')] = SecretStr("")
    rate_limit: Annotated[Rate, RateText()] = Rate(28, timedelta(seconds=30))
    timeout: Annotated[timedelta, Within("1s", "2m")] = timedelta(seconds=30)
    settle_time: Annotated[timedelta, Within("1s", "1d")] = timedelta(minutes=3)
    """How long the courier's list must lack an unclear shipment before it is sent again."""


Days = Annotated[int, Field(ge=0, le=365), Expects("a whole number of days from 0 to 365, 0 for none")]


class ParcelsSection(Section):
    """`[parcels]`: what is watched of the parcels under way, and of their money; 0 or false: it is not."""

    stuck: Days = 5
    """For how long a parcel may keep its status at the courier."""
    returning: Days = 10
    """For how long a parcel may be on its way back."""
    uninvoiced: Days = 14
    """How long after its delivery a parcel may stand on no invoice of the courier's."""
    price_differs: Flag = True
    changed_after_sending: Flag = True
    cancelled_but_alive: Flag = True
    hold_repeats: Flag = False
    """Whether a second order of one phone and price within a day waits for a person before it is sent."""


class TasksSection(Section):
    """`[tasks]`."""

    shipment_price: Annotated[Literal["total", "total_plus_fee"], Expects('"total" or "total_plus_fee"')] = "total"
    notify_on_first_sync: Flag = False
    delete_orders_with_profit: Flag = False


class LogSection(Section):
    """`[log]`."""

    format: Annotated[
        Literal["auto", "journald", "console", "json"], Expects('"auto", "journald", "console" or "json"')
    ] = "auto"
    level: Annotated[Literal["debug", "info", "warning", "error"], Expects('"debug", "info", "warning" or "error"')] = (
        "info"
    )


class AlertSection(PlacedSection):
    """`[alert]`."""

    command: Annotated[
        Texts,
        AfterValidator(command_words),
        Expects("a list of texts, the program first", '["/usr/local/bin/tell"]'),
    ] = ()
    """Run with each incident; empty: incidents are not announced."""
    language: Annotated[Literal["ar", "en"], Expects('"ar" or "en"')] = "ar"
    """Of the texts that the command gets."""
    unshipped_after: Annotated[timedelta, Within("0s", "7d")] = timedelta(minutes=30)
    """How old an order may become without a shipment; zero: it is not watched."""
    waiting_after: Annotated[timedelta, Within("0s", "7d")] = timedelta(minutes=30)
    """How long the oldest available job of a queue may wait for a worker; zero: it is not watched."""
    slow_factor: Annotated[int, AfterValidator(factor), Expects("a whole number from 2 to 1000, or 0 for none")] = 5
    """How many times its usual a run may take; zero: it is not watched."""
    heartbeat_url: Annotated[
        SecretStr,
        AfterValidator(heartbeat_address),
        Expects("an https address (http only on this machine), or empty", '"https://hc-ping.com/…"'),
    ] = SecretStr("")
    """Fetched each minute while the daemon is well; empty: nothing is. A secret: whoever has it can answer for us."""
    digest: Annotated[
        str, AfterValidator(time_of_day), Expects("a time of day from 00:00 to 23:59, or empty", '"20:00"')
    ] = ""
    """When the daily digest goes to the command, in `timezone`; empty: there is none."""


class StandbySection(Section):
    """`[standby]`: several daemons on different machines, one shop; only the holder of the lease works."""

    enabled: Flag = False
    name: Annotated[
        str, AfterValidator(machine_name), Expects("a name of at most 100 letters, digits and . _ -", '"web-1"')
    ] = ""
    """What this machine is called on screens and in alerts; empty: its host name."""


class WebSection(Section):
    """`[web]`: the page behind a web server, which paranad-web.service serves; the daemon itself reads none of it."""

    socket: Annotated[Path | None, AbsolutePath(SOCKET_PATH_BYTES, optional=True, example='""')] = None
    """None: there is no such page."""
    host: Annotated[
        str, AfterValidator(host_name), Expects("a host name such as shop.example.com, or empty", '"shop.example.com"')
    ] = ""
    """The name that browsers know the web server by, with its port if that is not 443."""
    decide: Flag = False
    """Whether settle, resend, send, cancel and forget are offered there too."""


class EntrySettings(PlacedSection):
    """`[schedule."NAME"]`: an operator's entry, or changes to a default entry. None: the default holds."""

    cron: Annotated[str | None, Expects("five cron fields", '"30 3 * * *"')] = None
    timezone: Annotated[
        str, AfterValidator(known_zone_or_empty), Expects("the name of a time zone, or empty", '""')
    ] = ""
    """For its cron; empty: the daemon's."""
    enabled: Flag = True
    catch_up: Annotated[Literal["once", "skip", "all"] | None, Expects('"once", "skip" or "all"', '"once"')] = None
    catch_up_limit: Annotated[int | None, Field(ge=1, le=100), Expects("a whole number from 1 to 100", "10")] = None
    """How many missed occurrences are caught up at most, beside `all`."""
    catch_up_window: Annotated[timedelta | None, Within("1m", "3650d", example='"2d"')] = None
    """How old an occurrence may be that is caught up, beside `all`; None: however old."""
    overlap: Annotated[
        Literal["skip", "queue-one", "allow"] | None, Expects('"skip", "queue-one" or "allow"', '"skip"')
    ] = None
    jitter: Annotated[timedelta | None, Within("0s", "1d", example='"0s"')] = None
    """How long its job may be delayed at random."""
    command: Annotated[
        Texts | None,
        AfterValidator(own_command_words),
        Expects("a list of texts, the program first", '["/usr/local/bin/backup-shop", "--quiet"]'),
    ] = None
    args: Annotated[
        Mapping[str, JsonValue] | None,
        Expects("a table of the arguments that the command of this name takes", "{ order_id = 12 }"),
    ] = None
    """For the task of a `[command]` that takes arguments."""
    timeout: Annotated[timedelta | None, Within("1s", "1d", example='"10m"')] = None
    tries: Annotated[int | None, Field(ge=1, le=100), Expects("a whole number from 1 to 100", "1")] = None
    alert: Flag = True
    """Whether somebody is told of its failures and of its silence."""
    expect_within: Annotated[timedelta | None, Within("1m", LONGEST_EXPECTED, example='""', optional=True)] = None
    """Within what time of its last success the next is expected; None: one period and a grace."""


class CommandSettings(PlacedSection):
    """`[command."NAME"]`: an operator's own task, which runs a program with arguments."""

    command: Annotated[
        Texts | None,
        AfterValidator(own_command_words),
        Expects("a list of texts, the program first", '["/usr/local/bin/send-invoice"]'),
    ] = None
    """None: it is not said, which is wrong."""
    args: Annotated[
        Texts,
        AfterValidator(argument_names),
        Expects("a list of at most 50 different names of letters, digits, _ and -", '["order_id"]'),
    ] = ()
    """The names of its arguments, each of which must be given."""
    timeout: Annotated[timedelta, Within("1s", "1d")] = timedelta(hours=1)
    tries: Annotated[int, Field(ge=1, le=100), Expects("a whole number from 1 to 100")] = 1
    queue: Annotated[str, Expects("the name of a queue, or empty", '""')] = ""
    """Empty: `default`, or the last queue if there is none of this name."""


EntryName = Annotated[str, Field(pattern=ENTRY_NAME)]


class Settings(BaseSettings):
    """The whole configuration; `Settings()` is all defaults. Its sources are handed to it: `load.py`."""

    # Not strict, or a variable's text would be converted on the way; the tables are strict themselves.
    model_config = SettingsConfigDict(extra="forbid", frozen=True, case_sensitive=True, enable_decoding=False)

    timezone: Annotated[str, AfterValidator(known_zone), Expects("the name of a time zone")] = "Asia/Baghdad"
    """For cron and for the wall-clock text in the shop's tables."""
    daemon: DaemonSection = DaemonSection()
    queue: QueueSection = QueueSection()
    shop: ShopSection = ShopSection()
    courier: CourierSection = CourierSection()
    standby: StandbySection = StandbySection()
    web: WebSection = WebSection()
    parcels: ParcelsSection = ParcelsSection()
    tasks: TasksSection = TasksSection()
    log: LogSection = LogSection()
    alert: AlertSection = AlertSection()
    schedule: Mapping[EntryName, EntrySettings] = {}
    command: Mapping[EntryName, CommandSettings] = {}

    _sources: tuple[str, ...] = PrivateAttr(())
    _credentials: tuple[str, ...] = PrivateAttr(())
    _torn: Mapping[str, EntrySettings] = PrivateAttr({})
    _torn_commands: Mapping[str, CommandSettings] = PrivateAttr({})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- the library's five names
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing on its own: `Settings(...)` holds its arguments and the defaults."""
        return (init_settings,)

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return ZoneInfo(self.timezone)

    @property
    def sources(self) -> tuple[str, ...]:
        """What the values were read from, the weakest first; empty: all defaults."""
        return self._sources

    @property
    def file(self) -> str | None:
        """The first file that was read, paranad.toml if there is one; None: no file was read."""
        return next((source for source in self._sources if source.startswith("/")), None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown: passwords, and the whole addresses of the database and the heartbeat."""
        url, heartbeat = self.shop.database_url.get_secret_value(), self.alert.heartbeat_url.get_secret_value()
        password = urlsplit(url).password or ""
        texts = (self.courier.password.get_secret_value(), url, password, unquote(password), heartbeat)
        return tuple(filter(None, texts))

    @property
    def database_place(self) -> Said | str:
        """Where the address of the shop's database is set."""
        return self.shop.place("database_url") or DATABASE_KEY

    @property
    def account_place(self) -> Said | str:
        """Where the courier's account is set: username, password, or both."""
        places = list(dict.fromkeys(place for key in ("username", "password") if (place := self.courier.place(key))))
        if len(places) > 1:
            username, password = places
            return BOTH_PLACES(username=username, password=password)
        return places[0] if places else ACCOUNT_IN_SHOP()

    @property
    def credentials(self) -> tuple[str, ...]:
        """The sources among these that systemd copied at the start: only a restart brings newer ones."""
        return self._credentials

    @property
    def torn(self) -> Mapping[str, EntrySettings]:
        """The schedule entries that are left out for a wrong key, without it: they may have more that is wrong."""
        return self._torn

    @property
    def torn_commands(self) -> Mapping[str, CommandSettings]:
        """The own tasks that are left out for a wrong key, without it."""
        return self._torn_commands

    def without_torn(self, entries: Mapping[str, bool], commands: Collection[str] = ()) -> "Settings":
        """Return the settings without these schedule *entries* and *commands*.

        Args:
            entries: names; True: what is left of the entry is to be judged all the same.
            commands: names of own tasks.
        """
        whole = {name: entry for name, entry in self.schedule.items() if name not in entries}
        self._torn = {name: entry for name, entry in self.schedule.items() if entries.get(name)}
        usable = {name: command for name, command in self.command.items() if name not in commands}
        self._torn_commands = {name: command for name, command in self.command.items() if name in commands}
        return self.model_copy(update={"schedule": whole, "command": usable})

    def read_from(self, sources: Iterable[str], credentials: Iterable[str] = ()) -> "Settings":
        """Note what the values were read from, and return them."""
        self._sources, self._credentials = tuple(sources), tuple(credentials)
        return self
