"""A QR code as one SVG path, drawn by the library `qrcode`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """`path` in a square of `side` modules, quiet zone included."""

    side: int
    path: str


def qr(text: str) -> Code:
    """The code of a text: error correction M, quiet zone of four modules as ISO/IEC 18004 asks."""
    # Here, not above: the library brings an image library along, a tenth of a second at each start.
    import qrcode

    # Any mask can be read; trying all eight for the prettiest would take ten times as long.
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, mask_pattern=2)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    runs: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start} {y}.5h{x - start}")
            x += 1
    return Code(len(rows), "".join(runs))
