"""Findings count once, end, and are the same whatever their numbers."""

from sectorwars.simulation.findings import FINDINGS_MAX, Findings, shape


def test_a_sentence_counts_once_and_there_is_an_end() -> None:
    findings = Findings()
    findings.add("a")
    findings.add("a")
    assert findings.sentences == ["a"]
    for i in range(2 * FINDINGS_MAX):
        findings.add(f"b{i}")
    assert len(findings.sentences) == FINDINGS_MAX
    assert findings.full


def test_a_sentence_may_be_enough() -> None:
    findings = Findings(enough=lambda sentence: sentence == "b")
    for sentence in ("a", "b", "c"):
        findings.add(sentence)
    assert findings.sentences == ["a", "b"]
    assert findings.full


def test_what_is_good_is_no_finding() -> None:
    findings = Findings()
    findings.check(good=True, sentence="good")
    findings.check(good=False, sentence="bad")
    assert findings.sentences == ["bad"]
    assert not findings.full


def test_numbers_do_not_tell_findings_apart() -> None:
    assert shape("t-pl_1-7 has a wrong fee") == shape("t-pl_4-12 has a wrong fee")
    assert shape("t-pl_1-7 has a wrong fee") != shape("t-pl_1-7 has a wrong total")
