"""Papers that are hard to draw, made up for the pictures: no such papers, people or organizations exist.

They come through the same door as all others: as one edition of a source, cleaned and matched like any.
"""

from datetime import date

from bot.model import Edition, Facts, Links, Organization, Paper
from bot.text import clean

PICTURE = "https://cdn-uploads.huggingface.co/production/uploads/example.png"
_DAY = date(2026, 7, 10)
_WORDY = (
    "Joint Interdisciplinary Laboratory for the Theory, Design, Training, Evaluation, Compression, Deployment, "
    "Monitoring and Responsible Retirement of Very Large Multimodal Language Models in Healthcare, Climate Science, "
    "Robotics and Education at the Consolidated Universities of the Northern, Southern, Eastern and Western Provinces"
)
_NO_LINKS, _FEW = Links(), Facts(votes=3, comments=0)
_SUMMARY = "A made-up paper that has everything a card can show. It exists for this picture alone."


def papers() -> tuple[Paper, ...]:
    return (
        _paper(
            1,
            "Everything at Once: Hardcase Cards with a Picture, Code, a Project and a Summary",
            authors=("First Author", "Second Author", "Third Author"),
            organization=Organization("lab", "Laboratory of Examples"),
            links=Links(code="https://github.com/example/everything", project="https://example.org/everything"),
            picture=PICTURE,
            facts=Facts(votes=1234, comments=56, stars=7890, models=3, summary=_SUMMARY, featured=_DAY),
        ),
        _paper(
            2,
            "On the Length of Hardcase Titles: " + "A Very Long Study of " * 11 + "Titles That Do Not End",
            authors=("First Author", "Second Author"),
        ),
        _paper(3, "Six Hundred Authors and a Hardcase", authors=tuple(f"Author {n}" for n in range(1, 601))),
        _paper(4, "Nobody Signed This Hardcase"),
        _paper(
            5, "نماذج اللغة الكبيرة في البيئات محدودة الموارد (hardcase)", authors=("المؤلف الأول", "المؤلف الثاني")
        ),
        _paper(6, "מודלי שפה גדולים: סקירה של 12 שיטות hardcase", authors=("מחבר ראשון",)),
        _paper(
            7,
            r"$\alpha_t$-Divergence Bounds $\mathcal{O}(\sqrt{n}\log n)$ for $x^2 \leq y_{ij}$, *Hardcase* __Markup__",
            authors=("First Author",),
            abstract=r"We bound $\mathbb{E}[\|x\|_2^2] \leq \frac{1}{2}$ for a < b & c > d. `Code`, *stars*, _bars_.",
        ),
        _paper(
            8,
            "🚀 Hardcase :tada: <@everyone> @here [Emoji](https://example.org) Transformers 🤖👩🏽‍🔬 #1 ||spoiler||",
            authors=("Author 🎉 Party",),
            abstract="See <https://example.org/trap|this> and https://example.org. ~~No~~ > quote, *bold*, :smile:.",
        ),
        _paper(9, "A Hardcase from an Organization of Forty Words", organization=Organization("wordy", _WORDY)),
    )


def edition(day: date) -> Edition:
    return Edition(source="huggingface", list="daily", day=day, papers=papers())


def _paper(
    number: int,
    title: str,
    *,
    authors: tuple[str, ...] = (),
    organization: Organization | None = None,
    abstract: str = "Nothing of this was ever written. It only has to look right in a chat.",
    links: Links = _NO_LINKS,
    picture: str = "",
    facts: Facts = _FEW,
) -> Paper:
    return Paper(
        key=f"arxiv:2607.9990{number}",
        title=clean(title),
        abstract=clean(abstract),
        authors=authors,
        organization=organization,
        categories=("cs.CL", "cs.AI"),
        links=links,
        picture=picture,
        published=_DAY,
        facts=facts,
        sources=("huggingface",),
    )
