"""Answers about the player himself: ship, money, profit, rules, and what pays from here."""

from collections.abc import Sequence

from sectorwars.application.reading.rule_views import MILLI, condition_in_words
from sectorwars.assistant.grammar import split
from sectorwars.assistant.results import (
    RuleStanding,
    RuleVerdict,
)
from sectorwars.assistant.talk import Composition, Talk, counted, listed, number, spoken
from sectorwars.domain.market import Side
from sectorwars.domain.rule import Comparison, Condition, ConditionType
from sectorwars.protocol.shapes.automation import TracedCondition


async def ship(talk: Talk) -> Composition:
    """Tell where the ship is, what it carries and what the player has."""
    found = talk.tools.ship(talk.question.player_id, talk.question.now)
    state = found.state
    if found.port_name is not None:
        place = f"Your ship is docked at {found.port_name} in {found.sector_name}."
    elif found.arrives_in_seconds is not None:
        place = f"Your ship arrives in {found.sector_name} in {found.arrives_in_seconds} s."
    else:
        place = f"Your ship is in {found.sector_name}, not docked."
    cargo = [
        f"{units} {spoken(good)} at {number(state.average_cost[good])} credits a unit"
        for good, units in state.ship["cargo"].items()
    ]
    aboard = f"You carry {listed(cargo)}." if cargo else "Your hold is empty."
    return Composition(
        f"{place} {aboard} {found.hold_free} of {state.ship['cargo_capacity']} units are free. "
        f"You have {state.credits} credits and {state.turns} turns.",
        (("ship", found),),
        suggestions=("What should I trade?", "My profit today"),
    )


async def profit(talk: Talk) -> Composition:
    """Tell the realised profit."""
    found = await talk.tools.profit(talk.question.player_id, talk.question.now)
    word = "made" if found.profit_today >= 0 else "lost"
    ever = "profit" if found.profit_ever >= 0 else "loss"
    return Composition(
        f"In the last {found.hours} hours you {word} {abs(found.profit_today)} credits on "
        f"{found.sales_today} sales, in {found.trades_today} trades with {found.fees_today} "
        f"credits of tax. Since you came it is a {ever} of {abs(found.profit_ever)} credits.",
        (("profit", found),),
        suggestions=("What should I trade?",),
    )


async def rules(talk: Talk) -> Composition:
    """Tell the player's rules and where they stand."""
    found = talk.tools.rules(talk.question.player_id, talk.question.now)
    switch = "on" if found.active else "off"
    if not found.rules:
        text = f"You have no rules. Your automation is switched {switch}."
    else:
        each = "; ".join(_standing(rule) for rule in found.rules)
        text = f"Your automation is switched {switch}. Your rules: {each}."
    return Composition(
        text, (("rules", found),), suggestions=("Why did my rule not fire?", "What is a rule?")
    )


async def rule_why(talk: Talk) -> Composition:
    """Tell why a rule did or did not trade."""
    player_id, now = talk.question.player_id, talk.question.now
    standing = talk.tools.rules(player_id, now)
    if not standing.rules:
        return Composition("You have no rules.", (("rules", standing),))
    rule = _named(talk, standing.rules)
    if rule is None:
        names = listed([f"“{rule.name}”" for rule in standing.rules])
        return Composition(
            f"Which rule do you mean: {names}?",
            (("rules", standing),),
            suggestions=(f"Why did {standing.rules[0].name} not fire?",),
        )
    verdict = await talk.tools.rule_verdict(player_id, rule.rule_id, now)
    return Composition(_verdict(verdict), (("rule_verdict", verdict),), suggestions=("My rules",))


async def advice(talk: Talk) -> Composition:
    """Tell what pays from where the player is."""
    found = talk.tools.advice(talk.question.player_id)
    best = found.advice.recommendations
    if not best:
        return Composition(
            "Nothing within reach pays just now, after taxes and fees.",
            (("advice", found),),
            suggestions=("News of the market",),
        )
    others = "".join(f" Or: {other.message}" for other in best[1:3])
    return Composition(
        f"{best[0].message}{others} Prices may move before you arrive.",
        (("advice", found),),
        suggestions=(f"Forecast for {spoken(best[0].commodity)}",),
    )


async def way(talk: Talk) -> Composition:
    """Tell the way to a port or sector."""
    utterance, tools = talk.utterance, talk.tools
    if utterance.ports:
        spec = tools.world.ports[utterance.ports[0]].spec
        sector_id, place = spec.sector_id, f"{spec.name} is in "
    else:
        sector_id, place = utterance.sectors[0], ""
    found = tools.way(talk.question.player_id, sector_id, talk.question.now)
    if not found.names:
        return Composition(
            f"{place}{found.destination}, where your ship is."
            if place
            else f"Your ship is in {found.destination} already.",
            (("way", found),),
        )
    return Composition(
        f"{place}{found.destination}: {counted(found.route.turns, 'warp')}, "
        f"{found.route.travel_seconds} s, by way of {listed(list(found.names))}.",
        (("way", found),),
        suggestions=("What should I trade?",),
    )


def _standing(rule: RuleStanding) -> str:
    active = "on" if rule.active else "off"
    said = f"“{rule.name}” for {spoken(rule.commodity)} is {active}"
    if not rule.spent:
        return said
    traded = " and ".join("bought" if side is Side.BUY else "sold" for side in rule.spent)
    return f"{said}, has {traded} and does so again once its conditions have ceased to hold"


def _named(talk: Talk, standing: Sequence[RuleStanding]) -> RuleStanding | None:
    """Return the rule that the message names, or the only one for its good, or the only one."""
    said = f" {' '.join(talk.utterance.words)} "
    named = [rule for rule in standing if f" {' '.join(split(rule.name))} " in said]
    if named:
        return max(named, key=lambda rule: len(rule.name))
    dealing = [rule for rule in standing if rule.commodity in talk.utterance.goods]
    if len(dealing) == 1:
        return dealing[0]
    return standing[0] if len(standing) == 1 else None


def _verdict(verdict: RuleVerdict) -> str:
    name = f"“{verdict.name}”"
    if not verdict.automation_active:
        return f"{name} does nothing because your automation is switched off."
    if not verdict.rule_active:
        return f"{name} does nothing because it is switched off."
    trace = verdict.trace
    if trace is None:
        return f"{name} has not fired and nothing has blocked it: its conditions have not held."
    conditions = " ".join(condition_sentence(found, Side(trace.side)) for found in trace.conditions)
    return f"{name} last {trace.verdict} to {trace.side}. {trace.detail} {conditions}".strip()


def condition_sentence(traced: TracedCondition, side: Side) -> str:
    """Say in words what a condition asked for, what it saw and whether it held."""
    condition = Condition(
        ConditionType(traced.type), Comparison(traced.comparison), round(traced.value * MILLI)
    )
    asked = condition_in_words(condition, side)
    test = f"{asked[0].upper()}{asked[1:]}"
    if traced.input is None:
        return f"{test}: there was nothing to compare."
    held = "held" if traced.holds else "did not hold"
    return f"{test}: it was {number(traced.input)}, so this {held}."
