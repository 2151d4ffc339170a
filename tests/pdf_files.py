"""PDF files for tests: small ones that hold, and hostile ones."""

from __future__ import annotations

from collections.abc import Sequence

A4_POINTS = (595.0, 842.0)
LONG_WAY_DOWN = 12


def pdf_of(
    texts: Sequence[str], *, sizes: Sequence[tuple[float, float]] | None = None, encrypt: bool = False
) -> bytes:
    """A PDF with one page for each text, which stands at its top; sizes in points."""
    wanted = sizes or [A4_POINTS] * len(texts)
    count = len(texts)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    bodies = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, (text, (width, height)) in enumerate(zip(texts, wanted, strict=True)):
        bodies.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents {5 + 2 * number} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>"
        )
        bodies.append(_stream(f"BT /F 24 Tf 72 {height - 96} Td ({text}) Tj ET"))
    return _file(bodies, encrypt=encrypt)


def endless_pdf() -> bytes:
    """A PDF of three kilobytes whose page is drawn in a million million steps."""
    bodies = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
        _stream("/F Do"),
    ]
    for depth in range(LONG_WAY_DOWN):
        is_last = depth == LONG_WAY_DOWN - 1
        inner = "0 0 10 10 re f" if is_last else " ".join(["/F Do"] * 10)
        down = "" if is_last else f"/Resources<</XObject<</F {6 + depth} 0 R>>>>"
        bodies.append(_stream(inner, f"/Type/XObject/Subtype/Form/BBox[0 0 100 100]{down}"))
    return _file(bodies)


def _stream(content: str, extra: str = "") -> str:
    return f"<<{extra}/Length {len(content)}>>stream\n{content}\nendstream"


def _file(bodies: Sequence[str], *, encrypt: bool = False) -> bytes:
    out = "%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    key = "00" * 32
    locked = (
        f"/Encrypt<</Filter/Standard/V 1/R 2/O<{key}>/U<{key}>/P -4>>/ID[<{key}><{key}>]" if encrypt else ""
    )
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
    out += f"trailer<</Size {len(bodies) + 1}/Root 1 0 R{locked}>>\nstartxref\n{start}\n%%EOF"
    return out.encode("latin-1")
