"""What real shops wrote into `jobs`, and payloads made for a test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paranad.php import PhpObject, write

FOLDER = Path(__file__).parents[1] / "bridge" / "payloads"
HANDLER = "Illuminate\\Queue\\CallQueuedHandler@call"
UUID = "88953ca5-319f-496d-b821-d2e61b74a341"


@dataclass(frozen=True, slots=True)
class Sample:
    """A row that Laravel wrote, and what it means."""

    name: str
    task: str
    args: Mapping[str, Any]
    queue: str
    payload: str

    def __str__(self) -> str:
        return self.name

    @property
    def uuid(self) -> str:
        return str(json.loads(self.payload)["uuid"])


def samples() -> list[Sample]:
    return [
        Sample(
            f"{file.stem}.{name}", each["asks_for"]["task"], each["asks_for"]["args"], each["queue"], each["payload"]
        )
        for file in sorted(FOLDER.glob("*.json"))
        for name, each in json.loads(file.read_text("utf-8")).items()
    ]


def sample(name: str) -> Sample:
    return next(each for each in samples() if each.name == name)


def payload_of(name: str, command: str, *, uuid: str | None = UUID, **more: Any) -> str:
    """Return a payload of the class *name* whose object is *command*."""
    whole = {
        "uuid": uuid,
        "displayName": name,
        "job": HANDLER,
        "data": {"commandName": name, "command": command},
        **more,
    }
    return json.dumps(whole, ensure_ascii=False)


def own_task(task: str, args: Any, *, uuid: str | None = UUID, **more: Any) -> str:
    """Return a payload in which the shop asks for a task of the operator's own."""
    data = {"task": task, "args": args}
    return json.dumps({"uuid": uuid, "displayName": f"paranad:{task}", "job": "paranad", "data": data, **more})


def create_shipment(order_id: int | str, *, uuid: str | None = UUID, more: str = "", count: int = 1) -> str:
    """Return the payload of a CreateAlWaseetShipmentJob as Laravel 11 writes it; *more* properties are *count* - 1."""
    model = write(
        PhpObject("Illuminate\\Contracts\\Database\\ModelIdentifier", {"class": "App\\Models\\Order", "id": order_id})
    )
    name = "App\\Jobs\\CreateAlWaseetShipmentJob"
    return payload_of(name, f'O:{len(name)}:"{name}":{count}:{{s:5:"order";{model}{more}}}', uuid=uuid)


def status_counts(uuid: str) -> str:
    """Return the payload of a job without arguments."""
    name = "App\\Jobs\\UpdateStatusCountsJob"
    return payload_of(name, write(PhpObject(name, {})), uuid=uuid)
