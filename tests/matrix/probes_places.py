"""Row A5: the register of places, and the answer for each; all of it is read by everybody."""

from tests.matrix.probing import Probe

ANY = ("own",)

PROBES = [
    Probe("A5", "R", "find", lambda t: t.get("places:find", q="Gent"), ("places:find",), ANY),
    Probe("A5", "R", "answer", lambda t: t.get("place", "MT"), ("place",), ANY),
    Probe("A5", "R", "embed", lambda t: t.get("place_embed", "MT"), ("place_embed",), ANY),
    Probe("A5", "R", "inside", lambda t: t.get("place_inside", "MT"), ("place_inside",), ANY),
    Probe("A5", "R", "code", lambda t: t.get("place_code", "MT"), ("place_code",), ANY),
    Probe("A5", "R", "API, find", lambda t: t.ask_api("api:places", q="Gent"), ("api:places",), ANY),
    Probe("A5", "R", "API, one", lambda t: t.ask_api("api:place", "MT"), ("api:place",), ANY),
    Probe("A5", "R", "API, answer", lambda t: t.ask_api("api:answer", "MT"), ("api:answer",), ANY),
]
