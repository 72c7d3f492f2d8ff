"""Shapes that REST and WebSocket both show, each defined once, a module a noun.

They are plain frozen dataclasses: msgspec encodes them, OpenAPI and AsyncAPI are made from them.
Times are RFC 3339 text with `Z`; `game_time` is the galaxy's date. Money and goods are integers;
index prices are decimals derived from integer hundredths.
"""
