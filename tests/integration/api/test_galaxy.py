"""The map of the galaxy."""

from tests.integration.api.stack import Stack


async def test_the_map_shows_every_sector_once_and_warps_both_ways(stack: Stack) -> None:
    sectors = (await stack.http.get("/api/v1/galaxy/map")).json()["sectors"]
    universe = (await stack.http.get("/api/v1/status")).json()["universe"]
    by_id = {sector["sector_id"]: sector for sector in sectors}
    assert len(sectors) == len(by_id) == universe["sectors"]
    assert sum(len(sector["ports"]) for sector in sectors) == universe["ports"]
    for sector in sectors:
        for warp in sector["warps"]:
            assert sector["sector_id"] in by_id[warp]["warps"]
