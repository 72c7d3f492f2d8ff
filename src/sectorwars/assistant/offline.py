"""The provider that needs no network and no key: the same question, the same answer."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from sectorwars.application.aria.provider import Question, Reply
from sectorwars.assistant.grammar import Lexicon, NameBook, Utterance, parse
from sectorwars.assistant.grounding import unresolved_numbers
from sectorwars.assistant.intent import Intent, intent_of
from sectorwars.assistant.replies import forecast, market, order, player, terms
from sectorwars.assistant.talk import Composition, Talk
from sectorwars.assistant.tools import Toolbox
from sectorwars.engine.world import World
from sectorwars.protocol.shapes.conversation import Source

Answerer = Callable[[Talk], Awaitable[Composition]]

_ANSWERERS: Final[dict[Intent, Answerer]] = {
    Intent.TRADE: order.trade,
    Intent.RULE_WHY: player.rule_why,
    Intent.RULES: player.rules,
    Intent.FORECAST_RECORD: forecast.record,
    Intent.FORECAST: forecast.forecast,
    Intent.TERM: terms.term,
    Intent.COST: market.cost,
    Intent.BEST_PLACE: market.best_place,
    Intent.NEWS: market.news,
    Intent.WAY: player.way,
    Intent.PROFIT: player.profit,
    Intent.PRICE: market.price,
    Intent.ROUTE: player.advice,
    Intent.SHIP: player.ship,
    Intent.HELP: terms.capabilities,
    Intent.UNKNOWN: terms.unknown,
}
_CONTINUED: Final = frozenset({Intent.PRICE, Intent.BEST_PLACE, Intent.FORECAST, Intent.COST})
"""What a message that only names goods or ports goes on with; an order is never repeated so."""

_LOG = structlog.get_logger(__name__)


class OfflineProvider:
    """Reads a question by its grammar, looks the figures up, and says them in sentences."""

    name = "offline"

    def __init__(self, tools: Toolbox) -> None:
        """Answer from `tools`."""
        self._tools = tools
        self._lexicon: Lexicon | None = None

    async def answer(self, question: Question) -> Reply:
        """Answer a question.

        Raises:
            StoreUnavailableError: what the answer needs cannot be read just now.
        """
        utterance, intent = self._read(question)
        composition = await _ANSWERERS[intent](Talk(question, utterance, self._tools))
        return grounded(composition)

    def _read(self, question: Question) -> tuple[Utterance, Intent]:
        if self._lexicon is None:
            # The map never changes, and before the first question there may be none.
            self._lexicon = lexicon_of(self._tools.world)
        utterance = parse(question.text, self._lexicon)
        intent = intent_of(utterance)
        if utterance.bare:
            for text in reversed(question.earlier):
                before = parse(text, self._lexicon)
                if not before.bare:
                    earlier = intent_of(before)
                    if earlier in _CONTINUED:
                        return continued(before, utterance), earlier
                    break
        return utterance, intent


def lexicon_of(world: World) -> Lexicon:
    """Learn the names of a galaxy; ids are names too."""
    ports = [port.spec for port in world.ports_by_index]
    sectors = world.sectors.values()
    return Lexicon(
        NameBook([*((p.name, p.port_id) for p in ports), *((p.port_id, p.port_id) for p in ports)]),
        NameBook(
            [
                *((s.name, s.sector_id) for s in sectors),
                *((s.sector_id, s.sector_id) for s in sectors),
            ]
        ),
    )


def continued(before: Utterance, now: Utterance) -> Utterance:
    """Ask the earlier question about what is named now."""
    return Utterance(
        words=now.words,
        clauses=before.clauses,
        concepts=before.concepts,
        goods=now.goods or before.goods,
        ports=now.ports or before.ports,
        sectors=now.sectors or before.sectors,
    )


def grounded(composition: Composition) -> Reply:
    """Let an answer out only if each of its numbers comes from a tool's result."""
    results = [result for _, result in composition.results]
    unresolved = unresolved_numbers(composition.text, [*results, composition.order])
    sources = tuple(
        Source(tool, result.market_version, result.as_of) for tool, result in composition.results
    )
    if unresolved:
        _LOG.error("answer_withheld", unresolved=unresolved)
        return Reply(
            "I withheld my answer: a figure in it did not come from what I looked up.", sources
        )
    return Reply(composition.text, sources, composition.order, composition.suggestions)
