"""Reads a configuration file: YAML that may build on another one, changed by `--override`, checked key by key."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import yaml

from valley_training.errors import TrainingError, first_line

Kind = TypeVar("Kind")


def read_mapping(path: Path, overrides: list[str] | None = None) -> dict[str, Any]:
    """The file's keys, over those of the file that `extends` names (relative to it), under `overrides` (key.path=value)."""
    data = _read(path, [])
    for override in overrides or []:
        key, separator, value = override.partition("=")
        if not separator or not key:
            raise TrainingError(f"--override {override} must be key=value, for example language.layers=2")
        change: Any = _parse(value, f"--override {override}")
        for part in reversed(key.split(".")):
            change = {part: change}
        data = _merge(data, change)
    return data


def build(kind: type[Kind], data: Any, source: Path) -> Kind:
    """A dataclass from a mapping. Raises TrainingError naming every key that is unknown or missing and every value that is
    of a wrong type or impossible; a dataclass tells the latter by a method `problems`."""
    problems: list[str] = []
    built = _value(kind, data, "", problems)
    if problems:
        raise TrainingError(f"{source}: " + "; ".join(problems))
    return built


def _read(path: Path, seen: list[Path]) -> dict[str, Any]:
    if path.resolve() in seen:
        raise TrainingError(f"{path} extends itself; the files that build on each other must end somewhere")
    try:
        text = path.read_text()
    except OSError as error:
        raise TrainingError(f"cannot read the configuration {path}: {error}") from error
    data = _parse(text, str(path))
    if not isinstance(data, dict):
        raise TrainingError(f"{path}: the file is {type(data).__name__}, it must be a mapping")
    base = data.pop("extends", None)
    return data if base is None else _merge(_read(path.parent / str(base), [*seen, path.resolve()]), data)


def _parse(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise TrainingError(f"{where} is no YAML{line} ({getattr(error, 'problem', None) or first_line(error)})") from error


def _merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Mappings are merged key by key, everything else is replaced."""
    merged = dict(base)
    for key, value in change.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _value(hint: Any, value: Any, where: str, problems: list[str]) -> Any:
    """The value as its type, or None with a problem told."""
    if get_origin(hint) is UnionType:
        if value is None and NoneType in get_args(hint):
            return None
        hint = next(option for option in get_args(hint) if option is not NoneType)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, value, where, problems)
    if get_origin(hint) in (list, tuple):
        return _sequence(hint, value, where, problems)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            *most, last = (str(option) for option in get_args(hint))
            problems.append(f"{where} is {value!r}, it must be {', '.join(most)} or {last}")
        return value
    if hint is float and isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)  # YAML 1.1 reads 2e-3 as text
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
        problems.append(f"{where} is {value!r}, it must be a number")
    elif not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
        problems.append(f"{where} is {value!r}, it must be {'a number' if hint is float else hint.__name__}")
    return value


def _sequence(hint: Any, value: Any, where: str, problems: list[str]) -> Any:
    options = get_args(hint)
    if not isinstance(value, list):
        problems.append(f"{where} is {value!r}, it must be a list")
        return None
    if get_origin(hint) is list:
        return [_value(options[0], entry, f"{where}[{index}]", problems) for index, entry in enumerate(value)]
    if len(value) != len(options):
        problems.append(f"{where} has {len(value)} values, it must have {len(options)}")
        return None
    pairs = enumerate(zip(options, value, strict=True))
    return tuple(_value(option, entry, f"{where}[{index}]", problems) for index, (option, entry) in pairs)


def _dataclass(kind: Any, data: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(data, dict):
        problems.append(f"{where} is {data!r}, it must be a mapping")
        return None
    before = len(problems)
    prefix = f"{where}." if where else ""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    hints = get_type_hints(kind)
    problems += [f"{prefix}{key} is not known; known are {', '.join(fields)}" for key in data if key not in fields]
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _value(hints[name], data[name], f"{prefix}{name}", problems)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            problems.append(f"{prefix}{name} is missing")
    if len(problems) > before:
        return None
    built = kind(**values)
    if hasattr(built, "problems"):
        problems += [f"{prefix}{problem}" for problem in built.problems()]
    return built


def below(settings: Any, least: float, *names: str) -> list[str]:
    """A problem for each named number that is below `least`."""
    wrong = [name for name in names if getattr(settings, name) < least]
    return [f"{name} is {getattr(settings, name):g}, it must be at least {least:g}" for name in wrong]
