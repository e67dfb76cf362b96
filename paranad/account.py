"""The courier's account and token, kept in the configuration or in the shop's settings."""

from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.configuration.settings import CourierSection
from paranad.courier.models import Account
from paranad.log.redaction import hide
from paranad.shop.database import Shop
from paranad.shop.settings import read_settings, write_setting


@dataclass(frozen=True, slots=True)
class SharedAccount:
    """One account and one token for the daemon and the shop's own pages."""

    configured: CourierSection
    shop: Shop

    async def account(self) -> Account:
        """Return the account of the configuration, else of the shop's settings; empty if neither has one."""
        if self.configured.username:
            return Account(self.configured.username, self.configured.password)
        async with self.shop.read() as connection:
            settings = await read_settings(connection)
        password = settings.password or SecretStr("")
        hide(password.get_secret_value())
        return Account(settings.username or "", password)

    async def load_token(self) -> str | None:
        """Return the token that the shop's pages or the daemon stored last; None if there is none."""
        async with self.shop.read() as connection:
            token = (await read_settings(connection)).token
        if token is None:
            return None
        hide(token.get_secret_value())
        return token.get_secret_value()

    async def save_token(self, token: str, account_type: str) -> None:
        """Store a new token in the shop's settings, where the shop's pages find it too."""
        hide(token)
        now = self.shop.now()

        async def work(connection: AsyncConnection) -> None:
            await write_setting(connection, "alwaseet_token", token, now)
            await write_setting(connection, "alwaseet_account_type", account_type, now)

        await self.shop.in_transaction(work)
