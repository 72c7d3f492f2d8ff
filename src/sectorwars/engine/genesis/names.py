"""Invented names for sectors and ports, each given once."""

from typing import Final

from sectorwars.domain.port import PortClass
from sectorwars.domain.prng import Stream


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STEMS: Final = _words(
    """
    Ael Alt And Aq Arc Ard Ast Aur Bal Bel Ber Bor Bran Cal Cas Cer Cor Cyr Dal Dax Del Dor
    Drav Ek El Em Er Es Fal Fen Fer Gal Gar Ger Hal Har Hel Hes Hy Il Ir Is Jar Jor Kal Kel
    Ker Kor Kyr Lan Lor Lum Lyr Mal Mar Mer Mir Mor Nal Nar Ner Nov Ny Ob Ol Or Os Pal Pel
    Phar Pol Quel Ral Rel Rhe Ros Sal Sel Ser Sil Sol Syl Tal Tar Tel Ther Tor Tyr Ul Um Val
    Var Vel Ver Vol Vyr Wen Xan Xer Yar Yl Zan Zar Zeph
    """
)
_ENDINGS: Final = _words(
    """
    a adis aeon ador agar akis alis amar andra ane anth ara arax aris arn aros asha athis avar
    axis edra ehn eira elion ena endor enis era eron eshi eth evan idia ilon imar inar ion
    iris isk ithe ivar odan okar olis oma onde onis ora orin oth ovar uan ula umbra une uris
    usk utar ydra yon yss
    """
)
_QUALIFIERS: Final = _words(
    """
    Prime Reach Gate Deep Drift Hollow Rise Veil Crown Shoal Anchor Verge Expanse Crossing
    Rest
    """
)
_QUALIFIED_PERCENT: Final = 35

_PORT_KINDS: Final[dict[PortClass, tuple[str, ...]]] = {
    PortClass.STARTER: ("Freeport", "Haven", "Exchange", "Commons", "Landing"),
    PortClass.MINING: ("Mine", "Pit", "Quarry", "Diggings", "Lode Station"),
    PortClass.AGRICULTURAL: ("Gardens", "Granary", "Orchards", "Terraces", "Farms"),
    PortClass.REFINERY: ("Refinery", "Cracking Works", "Solar Array", "Fuel Depot", "Furnace"),
    PortClass.INDUSTRIAL: ("Works", "Foundry", "Shipyards", "Mills", "Assembly"),
    PortClass.TECHNOLOGY: ("Institute", "Laboratories", "Spire", "Lattice", "Collegium"),
    PortClass.RESORT: ("Resort", "Baths", "Pleasance", "Promenade", "Lagoon"),
}


def sector_names(seed: int, count: int) -> tuple[str, ...]:
    """Invent `count` different names; the syllables allow some six thousand.

    Raises:
        ValueError: more names are asked for than there are.
    """
    words = [stem + ending for stem in _STEMS for ending in _ENDINGS]
    if count > len(words):
        raise ValueError(f"there are names for {len(words)} sectors, not for {count}")
    draws = Stream(seed, "sector names")
    draws.shuffle(words)
    return tuple(
        f"{word} {draws.choice(_QUALIFIERS)}" if draws.below(100) < _QUALIFIED_PERCENT else word
        for word in words[:count]
    )


def port_name(draws: Stream, sector_name: str, port_class: PortClass, taken: set[str]) -> str:
    """Name a port after its sector's first word and its trade, and enter the name into `taken`.

    At most five ports of one class can be named in one sector.
    """
    word = sector_name.split()[0]
    kinds = [kind for kind in _PORT_KINDS[port_class] if f"{word} {kind}" not in taken]
    name = f"{word} {draws.choice(kinds)}"
    taken.add(name)
    return name
