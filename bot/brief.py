"""A paper in a sentence or two of its own abstract. Pure: rules over text, the same answer every time.

The rules were weighed on recorded papers that carry somebody else's one-line summary; ``tests/test_brief.py`` measures
them again. What comes out is an extract: whoever shows it says "from the abstract".
"""

import re

from bot.text import cut, sentences, words

_WE = r"(?:we|I)"
_PAPER = r"(?:this|our|the present) (?:[a-z]+ )?(?:paper|work|study|report|article|survey|research)"
_OFFERS = (
    r"(?:propose|present|introduce|develop|describe|release|build|design|create|construct|formulate|devise"
    r"|contribute|unveil|open-source|report)"
)
_PAPER_DOES = (
    r"(?:propos|present|introduc|develop|describ|investigat|explor|examin|provid|offer|stud|address|review|survey|show"
    r"|argu|demonstrat|analy|report|tackl|aim)"
)
_WE_STUDY = (
    r"(?:study|investigate|explore|examine|analyze|conduct|show that|find that|argue|address|revisit|systematically"
    r"|tackle|demonstrate that|formalize|ask|extend|survey|review|evaluate|train)"
)

# What a sentence is worth: the offer itself most; results, the state of the world, side offers and talk of code less.
_CUES = tuple(
    (re.compile(cue, re.IGNORECASE), worth)
    for cue, worth in (
        (rf"\b{_WE}\b[^.,;]{{0,25}}\b{_OFFERS}\b", 3.0),
        (rf"\b{_PAPER}\b[^.;]{{0,30}}\b{_PAPER_DOES}", 3.0),
        (rf"\b{_WE}\b[^.,;]{{0,20}}\b{_WE_STUDY}\b", 1.0),
        (
            r"\b(?:experiments?|results?|evaluations?|ablations?)\b.{0,60}\b(?:show|demonstrate|reveal|indicate|on)\b",
            -0.7,
        ),
        (
            r"https?://|\b(?:code|page|data|dataset|models?|weights|demo)\b[^.]{0,50}\b(?:available|at)\b|\bpublicly\b",
            -1.8,
        ),
        (
            r"\b(?:remains?|hampered|hindered|suffers?|struggles?|promis(?:es|ing)|recent(?:ly)?|existing|however|despite"
            r"|challenging)\b",
            -1.0,
        ),
        (r"^(?:it|they|this|these|such|those|its|their)\b(?! (?:paper|work|study|report|article|survey)\b)", -1.0),
        (
            r"^(?:additionally|furthermore|moreover|further|finally|second|third|also|besides|in addition|notably"
            r"|for example|for instance|specifically|then)\b|\bwe (?:also|further|then|finally|additionally)\b",
            -1.2,
        ),
    )
)
_TITLE_SHARED = 5.0
_NAME_SAID = 2.0
_LATE = 1.0
_LONG = 300
_PER_LONG_HUNDRED = 1.0

# Lead-ins, tried in turn. Behind the first only a name of a thing can stand: "We propose X, a ..." becomes "X, a ...".
_SUBJECT = rf"(?:{_WE}|{_PAPER})"
_LEAD_INS = tuple(
    re.compile(lead, re.IGNORECASE)
    for lead in (
        rf"^(?:[^;:]{{0,160}}?, )?(?:here |hence |thus |therefore )?{_SUBJECT}(?: [a-z]+ly| then| here| first)?,? "
        r"(?:propos|present|introduc|develop|describ|releas|design|devis|unveil|creat|construct|build|offer)e?s? "
        r"(?!(?:that|and|or|how|to|in|as|by|on|it|this|these) |[(,])",
        rf"^[^;:]{{0,160}}?, (?={_SUBJECT}\b)",
        r"^(?:to|based|building|built|by|with|motivated|inspired|given|using|under|from|in)\b"
        r"[^,;:]{0,120}\b(?:this|these|such|that)\b[^,;:]{0,60}, ",
        r"^(?:specifically|therefore|thus|hence|in particular|accordingly|consequently|however|here|moreover"
        r"|furthermore|additionally|finally|notably|but|yet|and),? ",
    )
)
_SHORTEST_REST = 40
_TOO_SHORT = 80
_UNFIT = -1.5
_CLAUSE = re.compile(
    r"[;:,] (?=(?:which|where|while|and|thus|by|enabling|achieving|with|using|a|the)\b)|; |: | [–—-]{1,2} "
)


def brief(title: str, abstract: str, limit: int = 240) -> str:
    """The sentence of the (cleaned) abstract that says what the paper offers, at most ``limit`` characters.

    Lead-ins such as "To this end, we propose" are left out; what is too long ends at a clause; a very short one brings
    the sentence behind it along. Empty for no abstract.
    """
    told = sentences(abstract)
    if not told:
        return ""
    best = max(range(len(told)), key=lambda at: (_worth(told[at], at / len(told), title), -at))
    said, after = _trimmed(told[best]), told[best + 1] if best + 1 < len(told) else ""
    room = len(said) < _TOO_SHORT and len(said) + 1 + len(after) <= limit
    return f"{said} {after}" if after and room and _worth(after, 0, title) > _UNFIT else _shortened(said, limit)


def _worth(sentence: str, place: float, title: str) -> float:
    worth = sum(value for cue, value in _CUES if cue.search(sentence))
    worth += _TITLE_SHARED * _shared(title, sentence) + _NAME_SAID * _says_name(title, sentence)
    return worth - _LATE * place - _PER_LONG_HUNDRED * max(0, len(sentence) - _LONG) / 100


def _shared(title: str, sentence: str) -> float:
    """The part of the title's longer words that the sentence has too, 0 to 1, by their first six letters."""
    wanted, said = _stems(title), _stems(sentence)
    return len(wanted & said) / len(wanted) if wanted else 0.0


def _stems(text: str) -> set[str]:
    return {word[:6] for word in words(text) if len(word) > 3}


def _says_name(title: str, sentence: str) -> bool:
    """Whether the sentence names the thing that a title such as ``Glyph: Scaling Context Windows`` names."""
    name = title.partition(":")[0].strip() if ":" in title else ""
    return 0 < len(name.split()) <= 3 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence) is not None


def _trimmed(sentence: str) -> str:
    for lead in _LEAD_INS:
        found = lead.match(sentence)
        if found and len(sentence) - found.end() >= _SHORTEST_REST:
            sentence = sentence[found.end() :]
            break
    return sentence[:1].upper() + sentence[1:]


def _shortened(sentence: str, limit: int) -> str:
    """The sentence, or as many whole clauses of it as fill at least half the room, or a plain cut."""
    if len(sentence) <= limit:
        return sentence
    ends = [found.start() for found in _CLAUSE.finditer(sentence, 0, limit) if found.start() < limit]
    if ends and ends[-1] >= limit // 2:
        return sentence[: ends[-1]].rstrip(" ,;:–—-") + "…"
    return cut(sentence, limit)
