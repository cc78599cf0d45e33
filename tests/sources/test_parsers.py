"""Every recorded answer of the two services is read whole; every kind of damage is a SourceError."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model import Linked, Organization, Paper
from bot.sources.archive import parse_oai, parse_snapshot_line
from bot.sources.parse_arxiv import is_withdrawn, parse_api, parse_feed, people
from bot.sources.parse_huggingface import parse_list, parse_paper, parse_repos
from bot.text import clean
from tests.shared import shared


def read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def raw_day(day: str) -> bytes:
    return read(shared("hf_daily") / f"{day}.json.gz")


def one(item: dict[str, object]) -> Paper:
    papers, complaints = parse_list(json.dumps([item]).encode())
    assert (len(papers), complaints) == (1, [])
    return papers[0]


def item(outer: dict[str, object] | None = None, **inner: object) -> dict[str, object]:
    return {"paper": {"id": "2401.01234", "title": "A Title", **inner}, **(outer or {})}


# --- Hugging Face, as recorded ----------------------------------------------------------------------------------------


def test_all_135_days_are_read_with_every_item_and_no_complaint() -> None:
    files = sorted(shared("hf_daily").glob("*.json.gz"))
    read_items = 0
    for file in files:
        day = date.fromisoformat(file.name[:10])
        raw = json.loads(read(file))
        papers, complaints = parse_list(read(file), day=day)
        assert (file.name, complaints) == (file.name, [])
        assert [paper.key for paper in papers] == [f"arxiv:{entry['paper']['id']}" for entry in raw]
        assert [paper.facts.votes for paper in papers] == [entry["paper"]["upvotes"] for entry in raw]
        assert [paper.facts.comments for paper in papers] == [entry["numComments"] for entry in raw]
        assert {paper.facts.featured for paper in papers} <= {day}
        assert all(paper.title and paper.abstract and paper.authors and paper.published for paper in papers)
        assert not any("\n" in paper.title + paper.abstract for paper in papers)
        read_items += len(papers)
    assert (len(files), read_items) == (135, 2341)


def test_a_list_without_a_date_knows_its_day_from_the_papers() -> None:
    papers, complaints = parse_list(read(shared("hf_api") / "daily_papers-nodate-30items-2026-06-12.json"))
    assert (len(papers), complaints) == (30, [])
    assert {paper.facts.featured for paper in papers} == {date(2026, 6, 12)}


def test_the_stamp_of_a_featured_paper_names_the_lists_own_day_in_all_recordings() -> None:
    for file in sorted(shared("hf_daily").glob("2025-0[3-9]*.json.gz"))[::5]:
        papers, _ = parse_list(read(file))
        assert {paper.facts.featured for paper in papers} <= {date.fromisoformat(file.name[:10]), None}


def test_a_recorded_item_becomes_the_paper_it_is() -> None:
    papers, _ = parse_list(raw_day("2026-07-08"), day=date(2026, 7, 8))
    paper = next(paper for paper in papers if paper.key == "arxiv:2607.05147")
    assert paper.title == "DSpark: Confidence-Scheduled Speculative Decoding with Semi-Autoregressive Generation"
    assert (len(paper.authors), paper.organization) == (33, Organization("deepseek-ai", "DeepSeek"))
    assert paper.links.page == "https://huggingface.co/papers/2607.05147"
    assert paper.links.pdf == "https://arxiv.org/pdf/2607.05147"
    assert (paper.facts.votes, paper.facts.comments, paper.facts.stars) == (9, 0, None)
    assert paper.facts.keywords
    assert paper.sources == ("huggingface",)


def test_the_first_days_of_the_archive_have_their_picture_and_no_submitter() -> None:
    papers, _ = parse_list(raw_day("2024-05-27"), day=date(2024, 5, 27))
    assert not any(paper.submitter or paper.organization for paper in papers)
    later, _ = parse_list(raw_day("2025-09-30"), day=date(2025, 9, 30))
    assert all(paper.picture and paper.submitter for paper in later)
    assert any(paper.organization for paper in later)


# --- Hugging Face, field by field -------------------------------------------------------------------------------------


def test_the_trending_list_gives_each_paper_its_place() -> None:
    body = json.dumps([item(), item(id="2401.01235")]).encode()
    papers, _ = parse_list(body, ranked=True)
    assert [paper.facts.trending for paper in papers] == [1, 2]


def test_hidden_authors_are_left_out_and_only_verified_claims_give_a_handle() -> None:
    authors = [
        {"name": "Ann", "hidden": False, "status": "claimed_verified", "user": {"user": "ann"}},
        {"name": "Bob", "hidden": True, "status": "claimed_verified", "user": {"user": "bob"}},
        {"name": "Cyd", "hidden": False, "status": "extracted_pending", "user": {"user": "not-cyd"}},
        {"name": "Dan", "status": "claimed_verified", "user": {"name": "dan"}},
    ]
    paper = one(item(authors=authors))
    assert (paper.authors, paper.handles) == (("Ann", "Cyd", "Dan"), ("ann", "dan"))


@pytest.mark.parametrize(
    ("outer", "inner", "name"),
    [
        ({"submittedBy": {"name": "outer"}}, {}, "outer"),
        ({}, {"submittedOnDailyBy": {"user": "inner"}}, "inner"),
        ({"submittedBy": None}, {"submittedOnDailyBy": {"name": "named"}}, "named"),
        ({}, {}, ""),
    ],
)
def test_the_submitter_is_found_where_it_stands(outer: dict[str, object], inner: dict[str, object], name: str) -> None:
    assert one(item(outer, **inner)).submitter == name


@pytest.mark.parametrize("place", ["organization", "submitterOrganization"])
def test_an_organization_is_found_inside_and_outside(place: str) -> None:
    said: Any = {"name": "lab", "fullname": "The Lab"}
    assert one(item(**{place: said})).organization == Organization("lab", "The Lab")
    assert one(item({place: said})).organization == Organization("lab", "The Lab")
    assert one(item({place: {"name": "lab"}})).organization == Organization("lab", "lab")
    assert one(item({place: None}, **{place: {}})).organization is None


@pytest.mark.parametrize(
    ("outer", "inner", "picture"),
    [
        ({"thumbnail": "https://a.b/t.png"}, {"mediaUrls": ["https://a.b/v.mp4", "https://a.b/i.JPEG"]}, "i.JPEG"),
        ({"thumbnail": "https://a.b/t.png"}, {"mediaUrls": ["https://a.b/v.mp4"]}, "t.png"),
        ({"mediaUrls": ["https://a.b/o.webp?x=1"]}, {}, "o.webp?x=1"),
        ({"mediaUrl": "https://a.b/old.gif"}, {}, "old.gif"),
        ({"thumbnail": "http://a.b/t.png"}, {"mediaUrls": "https://a.b/i.png"}, ""),
    ],
)
def test_the_picture_is_the_first_that_is_one(outer: dict[str, object], inner: dict[str, object], picture: str) -> None:
    assert one(item(outer, **inner)).picture == (f"https://a.b/{picture}" if picture else "")


@pytest.mark.parametrize(
    "link",
    [
        "http://github.com/a/b",
        "github.com/a/b",
        "javascript:alert(1)",
        "https://user@evil.example/",
        "https://",
        "https://[x",
    ],
)
def test_only_plain_https_links_are_taken(link: str) -> None:
    paper = one(item(githubRepo=link, projectPage=link))
    assert (paper.links.code, paper.links.project) == ("", "")


def test_a_link_that_was_pasted_with_its_line_end_is_whole() -> None:
    assert one(item(githubRepo="https://github.com/a/\nlong-name")).links.code == "https://github.com/a/long-name"


@pytest.mark.parametrize("wrong", [None, True, -1, 1.5, "3", [], {}, 2**63, float("nan")])
def test_a_field_of_the_wrong_type_is_absent_and_the_paper_stays(wrong: object) -> None:
    names = (
        "upvotes",
        "githubStars",
        "authors",
        "organization",
        "mediaUrls",
        "ai_keywords",
        "publishedAt",
        "githubRepo",
    )
    paper = one(item({"numComments": wrong, "submittedBy": wrong}, **dict.fromkeys(names, wrong)))
    assert paper == one(item())


@pytest.mark.parametrize(
    "wrong", [2401.01234, 2401, None, "", "not an id", "2401.0123x", "../2401.01234", ["2401.01234"]]
)
def test_an_item_without_a_usable_id_is_a_complaint_and_the_others_stay(wrong: object) -> None:
    papers, complaints = parse_list(json.dumps([item(id=wrong), item()]).encode())
    assert [paper.key for paper in papers] == ["arxiv:2401.01234"]
    assert len(complaints) == 1
    assert complaints[0].startswith("item 1 has no usable id or title")


@pytest.mark.parametrize(
    "entry", [None, 7, "text", [], {}, {"paper": None}, {"paper": {"id": "2401.01234", "title": " "}}]
)
def test_an_item_that_is_no_paper_is_a_complaint(entry: object) -> None:
    assert parse_list(json.dumps([entry]).encode())[0] == []
    assert len(parse_list(json.dumps([entry]).encode())[1]) == 1


def test_an_id_twice_in_a_list_is_one_paper_and_a_complaint() -> None:
    papers, complaints = parse_list(json.dumps([item(upvotes=1), item(upvotes=2)]).encode())
    assert [paper.facts.votes for paper in papers] == [1]
    assert complaints == ["item 2 repeats arxiv:2401.01234; the first one counts"]


def test_an_empty_list_is_a_weekend() -> None:
    assert parse_list(b"[]") == ([], [])


def test_a_flat_paper_says_how_many_models_there_are() -> None:
    flat = {
        "id": "2401.01234",
        "title": "A Title",
        "upvotes": 3,
        "numTotalModels": 12,
        "withdrawnAt": "2026-01-01T00:00",
    }
    paper = parse_paper(json.dumps(flat).encode())
    assert (paper.facts.votes, paper.facts.models, paper.facts.comments, paper.withdrawn) == (3, 12, None, True)


def test_what_was_built_on_a_paper_is_counted_and_the_best_named() -> None:
    repos = {
        "models": [{"id": "lab/small", "likes": 3}, {"id": "lab/large", "likes": 40}],
        "datasets": [{"id": "lab/data", "likes": 5}],
        "spaces": [],
    }
    best = (("lab/large", 40), ("datasets/lab/data", 5), ("lab/small", 3))
    assert parse_repos(json.dumps(repos).encode()) == Linked(models=2, datasets=1, best=best)
    detail = {"linkedModels": repos["models"], "numTotalModels": 99, "linkedSpaces": [{"id": "lab/demo"}]}
    assert parse_repos(json.dumps(detail).encode()) == Linked(
        models=99, spaces=1, best=(("lab/large", 40), ("lab/small", 3), ("spaces/lab/demo", 0))
    )


# --- arXiv, as recorded -----------------------------------------------------------------------------------------------


def test_every_recorded_api_answer_is_read() -> None:
    index = json.loads(read(shared("arxiv", "api") / "index.json"))
    for entry in index:
        body = read(shared("arxiv", "api") / entry["file"])
        if entry["status"] == 400:
            with pytest.raises(SourceError, match="incorrect id format for abc"):
                parse_api(body)
            continue
        page = parse_api(body)
        assert (entry["file"], len(page.papers), page.complaints) == (entry["file"], entry["entries"], ())
        assert all(paper.authors and paper.categories and paper.published and paper.version for paper in page.papers)
        assert page.total == (214_881 if "testing" in entry["file"] else entry["entries"])


def test_an_old_id_keeps_its_archive_and_loses_its_version() -> None:
    (paper,) = parse_api(read(shared("arxiv", "api") / "id_quant-ph_0201082v1_s0_m100.xml")).papers
    assert (paper.key, paper.version, paper.comment) == ("arxiv:quant-ph/0201082", 1, "32 pages")
    assert paper.links.page == "https://arxiv.org/abs/quant-ph/0201082"
    assert paper.categories == ("quant-ph", "cs.PL")


@pytest.mark.parametrize(
    ("name", "day", "announced", "replaced"),
    [
        ("atom-cs.CL-2026-01-15.xml.gz", date(2026, 1, 15), 52 + 4, 16 + 2),
        ("rss-cs.CL-2026-01-15.xml.gz", date(2026, 1, 15), 54 + 3, 14 + 3),
        ("rss-cs-2026-06-11.xml.gz", date(2026, 6, 11), 117, 33),
        ("rss-cs.CV+cs.AI-2025-09-17.xml.gz", date(2025, 9, 17), 62 + 15, 22 + 3),
        ("atom-cs.CL-2026-01-17-empty.xml", date(2026, 1, 17), 0, 0),
        ("rss-cs.CL-2026-01-17-empty.xml", date(2026, 1, 17), 0, 0),
    ],
)
def test_every_announcement_is_read_and_replacements_are_no_news(
    name: str, day: date, announced: int, replaced: int
) -> None:
    feed = parse_feed(read(shared("arxiv", "rss") / name))
    assert (feed.day, len(feed.papers), len(feed.replaced), feed.complaints) == (day, announced, replaced, ())
    for paper in (*feed.papers, *feed.replaced):
        assert paper.authors
        assert paper.categories
        assert paper.version
        assert not paper.abstract.startswith(("arXiv:", "Abstract:"))


def test_a_feed_for_a_category_that_does_not_exist_is_an_error_with_its_text() -> None:
    with pytest.raises(SourceError, match="Bad subject class 'ZZ'"):
        parse_feed(read(shared("arxiv", "rss") / "rss-error-cs.ZZ.xml"))


def test_all_27_archive_records_are_read_in_both_formats() -> None:
    read_records: list[Paper] = []
    for file in sorted(shared("arxiv", "oai").glob("*.xml")):
        papers, complaints = parse_oai(read(file))
        assert (file.name, complaints) == (file.name, ())
        assert all(paper.title and paper.abstract and paper.authors and paper.published for paper in papers)
        read_records += papers
    assert len(read_records) == 27


def test_dublin_core_hides_comment_journal_and_doi_in_other_fields() -> None:
    papers, _ = parse_oai(read(shared("arxiv", "oai") / "ads-arxiv_multi_20230125.xml"))
    paper = next(paper for paper in papers if paper.key == "arxiv:1305.6404")
    assert (paper.comment, paper.doi) == ("12 pages", "10.1007/s00153-015-0433-z")
    assert paper.journal == "Archive for Mathematical Logic, 54 (2015), no. 5-6, 649-658"
    assert paper.authors == ("Robert Ralowski",)
    assert paper.published == date(2013, 5, 28)


def test_all_120_snapshot_lines_are_read() -> None:
    lines = read(shared("arxiv", "snapshot") / "arxiv-metadata-snapshot-120.jsonl").splitlines()
    papers = [parse_snapshot_line(line) for line in lines]
    assert len({paper.key for paper in papers}) == 120
    assert all(p.title and p.abstract and p.authors and p.categories and p.published and p.version for p in papers)
    assert papers[0].authors[0] == "C. Balázs"
    assert (papers[0].published, papers[0].version) == (date(2007, 4, 2), 2)


# --- arXiv, piece by piece --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Ann Author, Bob Author", ("Ann Author", "Bob Author")),
        ("Ann Author and Bob Author", ("Ann Author", "Bob Author")),
        ("Ann Author, Bob Author, and Cyd Author", ("Ann Author", "Bob Author", "Cyd Author")),
        ("Ann Author, Jr., Bob Author III", ("Ann Author Jr.", "Bob Author III")),
        ("Ann Author (Lab of Light, Paris), Bob Author", ("Ann Author (Lab of Light, Paris)", "Bob Author")),
        ("The Sand and Sea Collaboration, Ann Author", ("The Sand and Sea Collaboration", "Ann Author")),
        ("J. M\\'endez", ("J. Méndez",)),
        ("Band and Co", ("Band and Co",)),
        (", :, ", ()),
        ("", ()),
    ],
)
def test_a_line_of_authors_is_split_between_people_and_not_inside_names(said: str, names: tuple[str, ...]) -> None:
    assert people(said) == names


def test_versions_in_one_answer_are_one_paper_with_the_highest_ones_text() -> None:
    raw = read(shared("arxiv", "api") / "id_1605.08386_s0_m100.xml").decode()
    start, end = raw.index("<entry>"), raw.index("</entry>") + len("</entry>")
    entry = raw[start:end]
    third = entry.replace("1605.08386v1", "1605.08386v3").replace("<title>", "<title>Third: ")
    for entries in (entry + third, third + entry):
        (paper,) = parse_api((raw[:start] + entries + raw[end:]).encode()).papers
        assert (paper.version, paper.title.startswith("Third: ")) == (3, True)


def test_a_paper_announced_and_replaced_in_one_feed_is_announced() -> None:
    raw = read(shared("arxiv", "rss") / "rss-cs.CL-2026-01-15.xml.gz").decode()
    start, end = raw.index("<item>"), raw.index("</item>") + len("</item>")
    first = raw[start:end].replace(">replace<", ">new<").replace("2601.09706v3", "2601.09706v1")
    feed = parse_feed((raw[:end] + first + raw[end:]).encode())
    assert "arxiv:2601.09706" in {paper.key for paper in feed.papers}
    assert "arxiv:2601.09706" not in {paper.key for paper in feed.replaced}


def test_an_unknown_announce_type_is_shown_and_complained_of() -> None:
    raw = read(shared("arxiv", "rss") / "rss-cs.CL-2026-01-15.xml.gz").replace(b">replace<", b">surprise<", 1)
    feed = parse_feed(raw)
    assert (len(feed.papers), len(feed.replaced)) == (58, 16)
    assert feed.complaints == ("arxiv:2601.09706 has the unknown announce type 'surprise'",)


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("This paper has been withdrawn by the authors due to an error", ""),
        ("12 pages. The submission is withdrawn", ""),
        ("Withdrawn", ""),
        ("preprint withdrawn", ""),
        ("we decided to withdraw it", ""),
        ("", "This paper has been withdrawn."),
        ("", "We prove a thing. UPDATE: Manuscript withdrawn, the thing is false."),
    ],
)
def test_a_withdrawn_paper_is_told_by_its_own_words(comment: str, abstract: str) -> None:
    assert is_withdrawn(comment, abstract)


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("Withdrawn from a conference, now at another one", ""),
        ("We asked others to withdraw the draft they copied and are glad", "Cash withdrawals rise."),
        ("", "A drug that has been withdrawn is still prescribed."),
        ("", "We study whether a paper has been withdrawn after criticism."),
        ("", "Users may withdraw their consent. Water is withdrawn at night."),
        ("", ""),
    ],
)
def test_other_things_that_are_withdrawn_leave_a_paper_alone(comment: str, abstract: str) -> None:
    assert not is_withdrawn(comment, abstract)


# Papers that speak of withdrawing something else, and those that left a journal or a conference but not arXiv.
NOT_WITHDRAWN = {"1201.6166", "1402.1377", "1402.4882", "1708.02698", "1805.09776"}
# Taken back in words the rule does not know; listed so that a better rule shows.
MISSED = {"1811.04684", "1902.04531"}


def test_withdrawn_papers_of_the_corpus_are_found_and_no_others() -> None:
    found, spoken = set(), set()
    with gzip.open(shared("corpus") / "arxiv-98k.jsonl.gz", "rb") as lines:
        for line in lines:
            if b"withdr" not in line.lower():
                continue
            record = json.loads(line)
            comment, abstract = clean(record["comments"] or ""), clean(record["abstract"])
            if "withdr" in comment.lower():
                spoken.add(record["id"])
            if is_withdrawn(comment, abstract):
                found.add(record["id"])
    # Four of them say it only in the abstract. All 185 were looked at: none is a false alarm.
    assert len(found) == 185
    assert spoken - found == NOT_WITHDRAWN | MISSED


# --- damage -----------------------------------------------------------------------------------------------------------

PARSERS: dict[str, Callable[[bytes], object]] = {
    "list": parse_list,
    "paper": parse_paper,
    "repos": parse_repos,
    "api": parse_api,
    "feed": parse_feed,
    "oai": parse_oai,
    "snapshot": parse_snapshot_line,
}
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><feed>&c;</feed>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><feed>&b;</feed>'


@pytest.mark.parametrize("parser", PARSERS.values(), ids=PARSERS.keys())
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"\xff\xfe\x00",
        b"\x00" * 50,
        b"<html><body>Sign in</body></html>",
        b'{"error":"no"}',
        b"null",
        b'"text"',
        b"<a>",
        BOMB,
        OUTSIDE,
        b'<?xml version="1.0" encoding="no-such"?><feed/>',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"<a>" * 200_000,
        b"<a>" * 100_000 + b"</a>" * 100_000,
        b"9" * 10_000,
    ],
    ids=lambda body: ascii(body[:12]),
)
def test_what_is_no_answer_at_all_is_a_source_error(parser: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(SourceError):
        parser(body)


def leaves(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(value, dict):
        return [path, *(found for key, child in value.items() for found in leaves(child, (*path, key)))]
    if isinstance(value, list):
        return [path, *(found for index, child in enumerate(value[:4]) for found in leaves(child, (*path, index)))]
    return [path]


def altered(value: object, path: tuple[object, ...], new: object) -> object:
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {k: altered(v, rest, new) if k == head else v for k, v in value.items()}
    assert isinstance(value, list)
    return [altered(v, rest, new) if i == head else v for i, v in enumerate(value)]


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["\ud800", "\x00", "https://[", "2401.01234v9999", "0000-00-00T", "‮rtl", "<b>&amp;", "\\frac{"]),
    st.lists(st.none() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none(), max_size=2),
)


@given(data=st.data())
def test_whatever_one_field_of_a_list_becomes_there_is_a_result(data: st.DataObject) -> None:
    raw = json.loads(raw_day("2026-07-09"))[:2]
    path = data.draw(st.sampled_from(leaves(raw)[1:]))
    papers, complaints = parse_list(json.dumps(altered(raw, path, data.draw(STRANGE))).encode())
    assert len(papers) + len(complaints) == 2
    for paper in papers:
        # Whatever came in, everything that goes on can be stored and shown.
        repr(paper).encode()
        for number in (paper.facts.votes, paper.facts.comments, paper.facts.stars):
            assert number is None or 0 <= number < 2**31
        f"{paper.title}{paper.abstract}{paper.authors}{paper.links}{paper.picture}{paper.submitter}".encode()


RECORDED = [
    ("hf_daily", "2026-07-09.json.gz", parse_list),
    ("arxiv/api", "q_testing_s0_m10.xml", parse_api),
    ("arxiv/rss", "rss-cs.CL-2026-01-15.xml.gz", parse_feed),
    ("arxiv/rss", "atom-cs.CL-2026-01-15.xml.gz", parse_feed),
    ("arxiv/oai", "ads-arxiv_multi_20230125.xml", parse_oai),
    ("arxiv/oai", "inspire-arxiv-physics-hep-ex.xml", parse_oai),
]


@pytest.mark.parametrize(("folder", "name", "parser"), RECORDED, ids=[name for _, name, _ in RECORDED])
@given(data=st.data())
def test_a_recording_with_bytes_lost_or_garbled_is_a_result_or_a_source_error(
    folder: str, name: str, parser: Callable[[bytes], object], data: st.DataObject
) -> None:
    body = read(shared(*folder.split("/")) / name)[:30_000]
    at = data.draw(st.integers(0, len(body)))
    gone = data.draw(st.integers(0, 400))
    junk = data.draw(
        st.binary(max_size=6) | st.sampled_from([b"</entry>", b"<item/>", b"]", b"}", b'"', b"&lt;", b"<id>"])
    )
    with suppress(SourceError):
        parser(body[:at] + junk + body[at + gone :])


@given(line=st.integers(0, 119), data=st.data())
def test_whatever_one_field_of_a_snapshot_line_becomes_only_source_errors_arise(line: int, data: st.DataObject) -> None:
    raw = json.loads(read(shared("arxiv", "snapshot") / "arxiv-metadata-snapshot-120.jsonl").splitlines()[line])
    path = data.draw(st.sampled_from(leaves(raw)[1:]))
    with suppress(SourceError):
        parse_snapshot_line(json.dumps(altered(raw, path, data.draw(STRANGE))).encode())
