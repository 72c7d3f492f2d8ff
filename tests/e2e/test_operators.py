"""The operators' page: who sees it, connections explained and closed, trading halted and opened."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect
from tests.e2e.pilot import Pilot
from tests.e2e.trader import Trader
from tests.integration.server.players import real_now
from tests.integration.server.process import Server
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from sectorwars.domain.values import rfc3339
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.publication import has_deltas

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


@dataclass
class Forger:
    """A player whose connection has sent a forged order, and says nothing more."""

    player_id: str
    socket: ClientConnection


@pytest.fixture
def forger(server: Server) -> Iterator[Forger]:
    trader = Trader(server, "register", f"forger_{uuid.uuid4().hex[:10]}")
    order = {"command_id": "c-forged", "side": "buy", "commodity": "ore", "quantity": 1}
    requests = {"authenticate": {"token": trader.grant["access_token"]}, "execute_trade": order}
    with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        answers = []
        for counter, (kind, data) in enumerate(requests.items()):
            frame = {
                "type": kind,
                "id": f"q-{counter}",
                "counter": counter,
                "data": data,
                "timestamp": rfc3339(real_now()),
                "session_id": "n-forger",
                "signature": "0" * 64,
            }
            socket.send(json.dumps(frame))
            answers.append(json.loads(socket.recv()))
        assert [answer["type"] for answer in answers] == ["auth_success", "error"]
        yield Forger(trader.grant["player_id"], socket)


def lines(pilot: Pilot, label: str) -> Locator:
    """Return the lines of a list as this size of window shows them."""
    return pilot.page.get_by_label(label, exact=True).locator("tbody tr:visible, li:visible")


def test_a_player_finds_neither_the_page_nor_a_way_to_it(pilot: Pilot) -> None:
    pilot.register()
    expect(pilot.page.get_by_role("link", name="Orders", exact=True).first).to_be_attached()
    expect(pilot.page.get_by_role("link", name="Operators", exact=True)).to_have_count(0)
    pilot.open("/operators")
    expect(pilot.page.get_by_text("This page is for operators.")).to_be_visible()
    assert pilot.faults == []


def test_an_operator_has_a_connection_explained_and_closes_it(
    pilot: Pilot, administrator: str, forger: Forger
) -> None:
    pilot.sign_in(administrator)
    pilot.go_to("Operators")
    page = pilot.page
    line = lines(pilot, "Open connections").filter(has_text=forger.player_id)
    expect(line).to_have_count(1)
    pilot.picture("operators")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0

    line.get_by_role("button").click()
    refusals = page.get_by_role("region", name="Refusals")
    expect(refusals).to_contain_text("invalid_signature command c-forged")
    pilot.picture("operators-connection")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0

    pilot.press("Close connection")
    page.get_by_role("dialog").get_by_label("Reason").fill("it forges")
    pilot.picture("operators-close")
    pilot.press("Close it")
    with pytest.raises(ConnectionClosedError) as closed:
        forger.socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CloseCode.CLOSED_BY_OPERATOR
    expect(page.get_by_text(re.compile("closed by an operator")).first).to_be_visible()
    pilot.press("Back to all connections")
    expect(lines(pilot, "Open connections").first).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "DIV"
    page.get_by_role("radio", name="Closed").check(force=True)
    expect(lines(pilot, "Closed connections").first).to_contain_text("closed by an operator")
    pilot.picture("operators-closed")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    assert pilot.faults == []


def test_a_page_whose_connection_was_closed_says_what_it_recovered(
    pilot: Pilot, operator: Trader
) -> None:
    pilot.register()
    page = pilot.page
    page.get_by_role("button", name="Live").click()
    dialog = page.get_by_role("dialog", name="Connection")
    recovered = dialog.locator("dt", has_text="Last reconnect").locator("xpath=../dd")
    expect(recovered).to_have_text("none on this page")
    path = f"/admin/connections?player={pilot.username}"
    (line,) = operator.read(path)["connections"]
    operator.send(f"/admin/connections/{line['connection_id']}/close", {"reason": "a test"})
    expect(recovered).to_have_text(re.compile(r"^\d+ updates replayed · "))
    expect(dialog).to_contain_text("StateLive")
    expect(dialog).to_contain_text(re.compile(r"Round trip\d+ ms"))
    (again,) = operator.read(path)["connections"]
    assert again["recovered"].keys() == {"replay"}
    assert again["channels"] == line["channels"]
    followed = operator.read(f"/admin/connections/{again['connection_id']}")["followed"]
    assert any(each["deltas"] for each in followed)
    assert all(each["deltas"] is has_deltas(each["channel"]) for each in followed)
    pilot.picture("reconnected")
    assert pilot.overflow() == 0
    assert pilot.faults == []


def test_an_operator_halts_a_port_and_opens_it_again(
    pilot: Pilot, administrator: str, operator: Trader
) -> None:
    pilot.sign_in(administrator)
    pilot.go_to("Operators")
    trading = pilot.page.get_by_role("region", name="Trading")
    expect(trading.get_by_role("status")).to_have_text("Open")
    trading.get_by_role("radio", name="Port").check(force=True)
    trading.get_by_role("combobox", name="Port").select_option(operator.port_id)
    for state, name, read in (("Halted", "halted", "halted"), ("Open", "open", "active")):
        trading.get_by_role("radio", name=state).check(force=True)
        trading.get_by_label("Reason").fill("a test of the page")
        trading.get_by_role("button", name=f"Set to {name}").click()
        expect(trading.get_by_role("status")).to_have_text(state)
        path = f"/admin/trading-state/ports/{operator.port_id}"
        assert operator.read(path)["state"] == read
        pilot.picture(f"operators-{name}")
    assert pilot.overflow() == 0
    assert pilot.faults == []
