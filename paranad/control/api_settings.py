"""Routes about the shop's settings."""

from typing import Annotated

from paranad.control import requests, schemas, schemas_acts
from paranad.control.bodies import router_of
from paranad.control.framework import Body, Path, Response
from paranad.control.routes import DaemonDep, answer, answers

router = router_of("settings", "/v1/settings")

SettingName = Annotated[str, Path(min_length=1, max_length=100)]


@router.get("", responses=answers(schemas.Items[schemas_acts.Setting]))
async def list_settings(daemon: DaemonDep) -> Response:
    """List the shop's settings that the courier's work goes by; a secret's value is never told."""
    found = await daemon.parts.shop_settings.all()
    return answer(schemas.Items(items=[schemas_acts.Setting.model_validate(each.as_json()) for each in found]))


@router.post("/{name}", responses=answers(schemas_acts.ChangedSetting))
async def change(name: SettingName, daemon: DaemonDep, asked: Annotated[requests.ChangeSetting, Body()]) -> Response:
    """Change a setting in the shop, unless the daemon could not use the new value."""
    change = await daemon.parts.shop_settings.change(name, asked.value, dry_run=asked.dry_run)
    before, after = (schemas_acts.Setting.model_validate(each.as_json()) for each in (change.before, change.after))
    return answer(schemas_acts.ChangedSetting(name=name, changed=not asked.dry_run, before=before, after=after))
