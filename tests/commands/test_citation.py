"""Citations: what reference managers accept, for every kind of paper."""

import re
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.commands.citation import bibtex, cite_key, ris, text
from bot.model import Facts, Links, Paper

PAPER = Paper(
    key="arxiv:1706.03762",
    title="Attention Is All You Need",
    abstract="The dominant models\nare complex.",
    authors=("Ashish Vaswani", "Noam Shazeer"),
    categories=("cs.CL", "cs.LG"),
    published=date(2017, 6, 12),
)


def unbroken(entry: str) -> str:
    """An entry as BibTeX reads it: any white space is one space."""
    return " ".join(entry.split())


def test_bibtex_has_what_arxiv_asks_for() -> None:
    entry = bibtex([PAPER])
    assert entry.startswith("@misc{vaswani2017attention,\n")
    assert entry.endswith("\n}")
    for line in (
        "title         = {{Attention Is All You Need}}",
        "author        = {Vaswani, Ashish and Shazeer, Noam}",
        "year          = {2017}",
        "month         = jun",
        "eprint        = {1706.03762}",
        "archivePrefix = {arXiv}",
        "primaryClass  = {cs.CL}",
        "doi           = {10.48550/arXiv.1706.03762}",
        "url           = {https://arxiv.org/abs/1706.03762}",
    ):
        assert line in entry


def test_the_papers_own_doi_comes_before_the_one_arxiv_gave_it() -> None:
    assert "doi           = {10.1000/x_y}" in bibtex([replace(PAPER, doi="10.1000/x_y")])


def test_a_key_is_ascii_whatever_the_names() -> None:
    assert cite_key(replace(PAPER, authors=("Łukasz Kaiser",))) == "kaiser2017attention"
    assert cite_key(replace(PAPER, authors=("Jürgen Weiß",), title="The Ångström: a unit")) == "weiss2017angstrom"
    assert cite_key(replace(PAPER, authors=("Laurens van der Maaten",))) == "vandermaaten2017attention"
    assert cite_key(replace(PAPER, authors=("李明",), title="注意力")) == "anonymous2017"
    assert cite_key(replace(PAPER, authors=(), published=None)) == "anonymousattention"


def test_keys_are_unique_on_one_shelf() -> None:
    keys = re.findall(r"@misc\{([^,]+),", bibtex([PAPER, PAPER, replace(PAPER, key="arxiv:1706.00001")]))
    assert keys == ["vaswani2017attention", "vaswani2017attention-2", "vaswani2017attention-3"]


def test_what_tex_would_read_as_markup_is_escaped_and_unicode_is_kept() -> None:
    entry = unbroken(bibtex([replace(PAPER, title=r"100% of α_t & {x}^2 ~ $5 #1 \o/")]))
    assert (
        r"{{100\% of α\_t \& \textbraceleft{}x\textbraceright{}\textasciicircum{}2 \textasciitilde{} \$5 \#1 "
        r"\textbackslash{}o/}}" in entry
    )


@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=4))
def test_braces_are_always_balanced_and_a_field_stays_on_its_line(title: str, authors: list[str]) -> None:
    entry = bibtex([replace(PAPER, title=title, authors=tuple(authors))])
    depth = 0
    for char in entry:
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0
    assert "\n\n" not in entry


def test_groups_and_names_of_one_word_stay_whole() -> None:
    paper = replace(PAPER, authors=("The ATLAS Collaboration", "DeepSeek-AI", "Qwen Team", "Plato"))
    assert "{{The ATLAS Collaboration} and {DeepSeek-AI} and {Qwen Team} and {Plato}}" in unbroken(bibtex([paper]))
    assert "AU  - The ATLAS Collaboration\nAU  - DeepSeek-AI\nAU  - Qwen Team\nAU  - Plato\n" in ris([paper])


def test_small_words_and_suffixes_go_where_bibtex_wants_them() -> None:
    paper = replace(PAPER, authors=("Laurens van der Maaten", "Robert Downey Jr.", "Smith, John", "bell hooks"))
    assert "{van der Maaten, Laurens and Downey, Jr., Robert and Smith, John and hooks, bell}" in unbroken(
        bibtex([paper])
    )
    assert "AU  - Downey, Robert, Jr.\n" in ris([paper])


def test_six_hundred_authors_are_all_there_unless_fewer_are_wanted() -> None:
    paper = replace(PAPER, authors=tuple(f"Given Family{n}" for n in range(600)))
    assert unbroken(bibtex([paper])).count(" and ") == 599
    assert ris([paper]).count("AU  - ") == 600
    short = unbroken(bibtex([paper], most=30))
    assert short.count(" and ") == 30
    assert " and others}" in short
    assert ris([paper], most=30).count("AU  - ") == 30
    assert "N1  - and 570 more authors\n" in ris([paper], most=30)
    assert text([paper]).startswith("Given Family0 et al. (2017). ")


def test_long_fields_go_on_indented_and_no_name_or_address_is_broken() -> None:
    authors = tuple(f"Given{n} Middle Family-Name{n}" for n in range(40))
    paper = replace(PAPER, title="Very long words " * 12, authors=authors, doi=f"10.1000/{'x' * 90}")
    entry = bibtex([paper])
    broken = [line for line in entry.splitlines() if line.startswith("      ")]
    assert len(broken) > 15
    assert all(len(line) <= 80 for line in entry.splitlines() if "x" * 90 not in line)
    assert all(f"Family-Name{n}, Given{n} Middle" in entry for n in range(40))
    assert bibtex([PAPER]).count("\n") == 10, "short fields stay on their line"


def test_our_own_summary_of_a_sample_paper_is_no_abstract() -> None:
    assert "AB  - " in ris([PAPER])
    assert "AB  - " not in ris([replace(PAPER, sources=("sample",))])


def test_a_paper_without_authors_or_dates_is_still_cited() -> None:
    bare = Paper(key="arxiv:hep-th/9901001", title="Branes?")
    assert "author" not in bibtex([bare])
    assert "eprint        = {hep-th/9901001}" in bibtex([bare])
    assert text([bare]) == "Branes? arXiv:hep-th/9901001. https://arxiv.org/abs/hep-th/9901001"
    assert "AU" not in ris([bare])


def test_a_paper_outside_arxiv_has_its_own_page() -> None:
    paper = Paper(key="sample:1", title="A report", links=Links(page="https://example.org/{a b}"))
    assert "eprint" not in bibtex([paper])
    assert "url           = {https://example.org/%7Ba%20b%7D}" in bibtex([paper])
    assert "UR  - https://example.org/{a b}" in ris([paper])


def test_ris_is_one_value_a_line_from_type_to_end() -> None:
    lines = ris([replace(PAPER, facts=Facts(keywords=("attention",)))]).splitlines()
    assert lines[0] == "TY  - UNPB"
    assert lines[-1] == "ER  - "
    assert "AU  - Vaswani, Ashish" in lines
    assert "DA  - 2017/06/12" in lines
    assert "AB  - The dominant models are complex." in lines
    assert "KW  - attention" in lines
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)


def test_two_records_are_apart() -> None:
    assert ris([PAPER, PAPER]).split("\n\n")[1].startswith("TY  - ")


def test_a_withdrawn_paper_says_so_everywhere() -> None:
    paper = replace(PAPER, withdrawn=True, journal="J. Test 1")
    assert "note          = {Withdrawn. J. Test 1}" in bibtex([paper])
    assert "N1  - Withdrawn\n" in ris([paper])
    assert "Withdrawn" in text([paper])


def test_a_reference_is_one_line() -> None:
    assert text([PAPER]) == (
        "Ashish Vaswani, Noam Shazeer (2017). Attention Is All You Need. arXiv:1706.03762. "
        "https://arxiv.org/abs/1706.03762"
    )
