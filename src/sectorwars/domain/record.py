"""Immutable records that are made by the hundred thousand a second."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

_Record = TypeVar("_Record")


@dataclass_transform(frozen_default=True)
def record(cls: type[_Record]) -> type[_Record]:
    """Make a dataclass with slots whose fields nobody may assign, as the type checker sees to.

    A frozen dataclass would see to it at run time too, and its `__init__` take three times as
    long: of 25 fields 3.4 µs instead of 1.3, which was a fifth of the writer's time for a trade.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
