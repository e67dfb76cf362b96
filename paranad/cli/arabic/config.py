"""Arabic: what the configuration and the daemon's own life say, by the codes of the facts."""

from collections.abc import Mapping

CONFIG: Mapping[str, str] = {
    "config.wrong": "{problems}",
    "config.key_in_file": "`{key}` في `{file}`",
    "config.account_in_shop": "`alwaseet_username` و`alwaseet_password` في إعدادات المتجر",
    "config.both_places": "{username} و{password}",
    "config.a_duration": "المتوقع مدة مثل `250ms` أو `90s` أو `1h30m` أو `7d`",
    "config.a_shorter_duration": "المتوقع مدة لا تزيد على {longest}",
    "daemon.not_ready": "الخدمة في حالة `{state}`",
}
