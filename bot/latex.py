"""TeX as people type it in titles and abstracts, to Unicode. Pure; knows nothing of papers."""


def readable(text: str) -> str:
    """The text with its TeX resolved."""
    return text


def script(mark: str, text: str) -> str:
    """``text`` raised (mark ``^``) or lowered (``_``)."""
    return f"{mark}({text})"
