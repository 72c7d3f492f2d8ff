"""Deliberate faults: what each one breaks, and the words in which the simulator says so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from sectorwars.application.writing import writer
from sectorwars.domain.event import Event
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.world import World

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Mutation:
    """A fault that `put_in` makes; one finding of a few seeds must hold the words `found_as`."""

    name: str
    found_as: str
    put_in: Callable[[Patch], None]


class Mutations:
    """A list of faults, each noted where it is written."""

    def __init__(self) -> None:
        self.all: list[Mutation] = []

    def found_as(self, words: str) -> Callable[[Callable[[Patch], None]], None]:
        """Note the decorated function as a mutation that must be found as `words`."""

        def note(put_in: Callable[[Patch], None]) -> None:
            self.all.append(Mutation(put_in.__name__, words, put_in))

        return note


def change_events(patch: Patch, change: Callable[[World, Event], Event | None]) -> None:
    """Have the engine decide on other events than it would; None leaves an event out."""
    execute = writer.execute

    def decide(world: World, *arguments: object) -> Decision:
        decision = execute(world, *arguments)  # type: ignore[arg-type]
        if not isinstance(decision, Accepted):
            return decision
        return Accepted(tuple(_changed(world, decision.events, change)))

    patch.setattr(writer, "execute", decide)


def _changed(
    world: World, events: Iterable[Event], change: Callable[[World, Event], Event | None]
) -> Iterable[Event]:
    for event in events:
        changed = change(world, event)
        if changed is not None:
            yield changed
