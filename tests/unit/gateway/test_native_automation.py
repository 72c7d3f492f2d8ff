"""The master switch over native frames."""

from typing import Any

import pytest
from tests.unit.gateway.native_line import live

from sectorwars.domain.command import SwitchAutomation


async def test_automation_is_switched_and_answered_with_its_status() -> None:
    line = await live()
    answer = await line.ask("automation_toggle", {"command_id": "c-9", "active": False})
    assert answer["type"] == "automation_update"
    assert answer["data"]["command_id"] == "c-9"
    assert answer["data"]["active"] is False
    assert answer["data"]["automation"]["tradesExecuted"] == 2
    assert line.around.commands.submitted[0].command == SwitchAutomation(False)


@pytest.mark.parametrize("data", [{}, {"command_id": "c-9", "active": "off"}])
async def test_toggle_that_is_none_is_refused(data: dict[str, Any]) -> None:
    line = await live()
    answer = await line.ask("automation_toggle", data)
    assert answer["data"]["code"] == "invalid_request"
    assert line.around.commands.submitted == []
