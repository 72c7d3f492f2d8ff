"""Our own Foundation client says what the recorded one said, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.foundation.stage import Stage

_VECTORS = Path(__file__).parents[2] / "contract" / "foundation" / "vectors"


async def test_seals_every_recorded_frame_as_it_was_sent(stage: Stage) -> None:
    page = await stage.page_without_a_player()
    recorded = json.loads((_VECTORS / "foundation_frames.json").read_text())["frames"]
    for vector in recorded:
        frame = json.loads(vector["text"])
        call = "seal(a.type, a.data, a.timestamp, a.session_id)"
        assert await page.run(call, frame) == vector["text"]


async def test_makes_session_ids_of_the_recorded_form(stage: Stage) -> None:
    page = await stage.page_without_a_player()
    assert await page.run("connection.sessionId.match(/^session_[0-9]{13}_[0-9a-z]{9}$/) !== null")
