"""A verdict for a reader: what was found, what happened, and how to see it again."""

from sectorwars.simulation.plan import spell_numbers
from sectorwars.simulation.simulator import Verdict


def summary(verdict: Verdict) -> str:
    """Return the verdict in a line."""
    played = (
        f"{verdict.trades} trades ({verdict.fired} by rules, {verdict.fills} fills of orders),"
        f" {verdict.lives} lives"
    )
    found = f"{len(verdict.findings)} findings" if verdict.findings else "no findings"
    return f"seed {verdict.seed}, {verdict.steps} steps: {played}, digest {verdict.digest}, {found}"


def findings(verdict: Verdict) -> str:
    """Return what was found, a line each."""
    return "\n".join(f"FOUND  {finding}" for finding in verdict.findings)


def history(verdict: Verdict) -> str:
    """Return what the actions of a run did, and the command that plays them again."""
    lines = [f"The shortest history found that breaks it ({len(verdict.numbers)} actions):"]
    lines += [
        f"{entry.at_seconds:9.3f} s  #{entry.number:<5} {entry.text}" for entry in verdict.history
    ]
    lines.append(f"FOUND  {verdict.findings[0]}")
    lines.append(f"Play it again with: {replay_command(verdict)}")
    return "\n".join(lines)


def replay_command(verdict: Verdict) -> str:
    """Return the command line that plays the same actions of the same run."""
    only = f" --only {spell_numbers(verdict.numbers)}" if verdict.numbers else " --only none"
    return f"sectorwars simulate --seed {verdict.seed} --steps {verdict.steps}{only}"
