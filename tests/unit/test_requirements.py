"""Every test that docs/REQUIREMENTS.md names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "REQUIREMENTS.md").read_text()
OURS = sorted(set(re.findall(r"`(\S+\.py)::(\w+)`", PAGE)))
OF_THE_PAGE = sorted(set(re.findall(r"`(\S+\.test\.tsx?)::([^`]+)`", PAGE)))


def test_all_names_of_tests_are_read() -> None:
    assert len(re.findall(r"::", PAGE)) - PAGE.count("`path::name`") == sum(
        PAGE.count(f"`{path}::{name}`") for path, name in OURS + OF_THE_PAGE
    )


@pytest.mark.parametrize(("path", "name"), OURS)
def test_a_test_of_the_server_exists(path: str, name: str) -> None:
    module = ast.parse((ROOT / "tests" / path).read_text())
    defined = {
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    } | {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert name in defined


@pytest.mark.parametrize(("path", "name"), OF_THE_PAGE)
def test_a_test_of_the_page_exists(path: str, name: str) -> None:
    assert f"it('{name}" in (ROOT / "client" / "src" / path).read_text()
