"""Every kind of event there is."""

from importlib import import_module
from pkgutil import iter_modules

from paranad import events
from paranad.events.event import Event


def every_kind() -> list[type[Event]]:
    """Return the classes of all events that are told, without the bases that several share."""
    modules = [import_module(f"{events.__name__}.{module.name}") for module in iter_modules(events.__path__)]
    classes = {name: each for module in modules for name, each in vars(module).items() if isinstance(each, type)}
    return [each for each in classes.values() if issubclass(each, Event) and hasattr(each, "name")]
