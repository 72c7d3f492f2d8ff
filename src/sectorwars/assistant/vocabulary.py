"""The words ARIA understands, by what they mean; everything else in a message is passed over."""

from enum import Enum, auto
from typing import Final

from sectorwars.domain.commodity import Commodity


class Concept(Enum):
    """A meaning that many words have."""

    BUY = auto()
    SELL = auto()
    PRICE = auto()
    COST = auto()
    BEST = auto()
    CHEAP = auto()
    DEAR = auto()
    WHERE = auto()
    ALL = auto()
    HERE = auto()
    FORECAST = auto()
    RECORD = auto()
    WHY = auto()
    SHIP = auto()
    CARGO = auto()
    CREDITS = auto()
    PROFIT = auto()
    RULE = auto()
    FIRE = auto()
    ROUTE = auto()
    ADVICE = auto()
    EARN = auto()
    ASK = auto()
    NEWS = auto()
    MEANING = auto()
    HELP = auto()
    GREETING = auto()
    FILLER = auto()
    BOUND = auto()
    CLAUSE = auto()


_WORDS: Final[dict[Concept, str]] = {
    Concept.BUY: "buy buying buys purchase purchasing acquire load",
    Concept.SELL: "sell selling sells unload offload dump",
    Concept.PRICE: "price prices priced quote quotes rate rates market bid ask worth",
    Concept.COST: "cost costs afford total",
    Concept.BEST: "best good better highest top optimal ideal",
    Concept.CHEAP: "cheap cheaper cheapest lowest",
    Concept.DEAR: "expensive dear dearest dearer priciest pays pay fetch fetches receive",
    Concept.WHERE: "where who which wherever anywhere everywhere elsewhere somewhere",
    Concept.ALL: "all everything entire whole max maximum",
    Concept.HERE: "here local locally current docked",
    Concept.FORECAST: "forecast forecasts forecasting predict predicts predicted prediction "
    "predictions expect expected expects heading headed outlook future rise rising fall "
    "falling increase decrease tomorrow trend",
    Concept.RECORD: "accurate accuracy reliable record hit track trust trustworthy right wrong "
    "correct scoreboard performance",
    Concept.WHY: "why reason explain because",
    Concept.SHIP: "ship vessel freighter location position turns status",
    Concept.CARGO: "cargo hold aboard carry carrying inventory own",
    Concept.CREDITS: "credits credit money cash balance rich wallet funds",
    Concept.PROFIT: "profit profits earned earnings gain gains loss losses lose lost made "
    "performance",
    Concept.RULE: "rule rules automation automated automatic bot",
    Concept.FIRE: "fire fired firing trigger triggered execute executed act acted blocked",
    Concept.ROUTE: "route routes way path travel fly reach navigate far distance",
    Concept.ADVICE: "recommend recommendation recommendations suggest suggestion opportunity "
    "opportunities advice advise deal deals profitable trade trades "
    "trading tip tips hint hints",
    Concept.EARN: "earn earning make making",
    Concept.NEWS: "news happening happened moves movers moved moving changes changed economy "
    "headlines",
    Concept.MEANING: "mean means meaning define definition term",
    Concept.HELP: "help can able commands capabilities",
    Concept.GREETING: "hello hi hey greetings thanks thank",
    Concept.ASK: "how what whats what's when is are did does should was were",
    Concept.FILLER: "please could would you i i'd i'll we want to like lets let us now "
    "just go ahead must need my me the a an of some for it aria do than",
    Concept.BOUND: "at under below above over maximum max minimum min most least bound limit",
    Concept.CLAUSE: "and then also",
}
CONCEPTS: Final[dict[str, frozenset[Concept]]] = {}
for _concept, _words in _WORDS.items():
    for _word in _words.split():
        CONCEPTS[_word] = CONCEPTS.get(_word, frozenset()) | {_concept}

GOODS: Final[dict[str, Commodity]] = {
    **{good.value.replace("_", " "): good for good in Commodity},
    "ores": Commodity.ORE,
    "mineral": Commodity.MINERALS,
    "power": Commodity.ENERGY,
    "fuels": Commodity.FUEL,
    "organic": Commodity.ORGANICS,
    "food": Commodity.ORGANICS,
    "gourmet": Commodity.GOURMET_FOOD,
    "delicacies": Commodity.GOURMET_FOOD,
    "machinery": Commodity.EQUIPMENT,
    "machines": Commodity.EQUIPMENT,
    "tech": Commodity.TECHNOLOGY,
    "technologies": Commodity.TECHNOLOGY,
    "electronics": Commodity.TECHNOLOGY,
    "exotic tech": Commodity.EXOTIC_TECHNOLOGY,
    "exotics": Commodity.EXOTIC_TECHNOLOGY,
    "exotic": Commodity.EXOTIC_TECHNOLOGY,
    "luxuries": Commodity.LUXURY,
    "luxury goods": Commodity.LUXURY,
}
"""Names of goods as players write them, in lower case."""

NUMBER_WORDS: Final[dict[str, int]] = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "dozen": 12,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
}
