"""The extractive one-line summary. Pure."""


def brief(title: str, abstract: str, limit: int = 240) -> str:
    return ""
