"""The subscription language: what people type, what it means, and what they are told when it means nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.errors import QueryError
from bot.model import Facts, Links, Organization, Paper, Sieve, Term
from bot.query import document, parse

TODAY = date(2026, 8, 11)
PAPER = Paper(
    key="arxiv:2312.12491",
    title="StreamDiffusion: A Pipeline-level Solution for Real-time Generation",
    abstract="We present diffusion models that stream. Self-supervised categories of Gödel's naïve texts, in C++.",
    authors=("Geoffrey E. Hinton", "Y. LeCun", "Łukasz Kaiser", "王小明"),
    handles=("AkioKodaira",),
    organization=Organization("deepseek-ai", "DeepSeek"),
    categories=("cs.CV", "cs.LG", "hep-th"),
    links=Links(code="https://github.com/example/example"),
    submitter="akhaliq",
    sources=("arxiv", "huggingface"),
    first_seen=int(datetime(2026, 8, 11, 23, 59, tzinfo=UTC).timestamp() * 1000),
    facts=Facts(votes=43, comments=0, models=2, keywords=("image synthesis", "flow matching"), featured=TODAY),
)


def match(query: str, paper: Paper = PAPER, today: date = TODAY) -> tuple[str, ...] | None:
    return parse(query).match(document(paper), today)


# --- what matches -----------------------------------------------------------------------------------------------------

MATCHES: list[tuple[str, tuple[str, ...]]] = [
    ("diffusion", ("diffusion",)),
    ("DIFFUSION Models", ("DIFFUSION", "Models")),
    ("streamdiffusion", ("streamdiffusion",)),
    ("stream", ("stream",)),  # a word of the abstract and a part of the CamelCase name
    ("title:stream", ("title:stream",)),
    ("godel naive", ("godel", "naive")),
    ("Gödel", ("Gödel",)),
    ("text", ("text",)),  # plurals folded both ways
    ("solutions", ("solutions",)),
    ("C++", ("C++",)),
    ("self-supervised", ("self-supervised",)),
    ('"self supervised"', ('"self supervised"',)),
    ('"pipeline level solution"', ('"pipeline level solution"',)),
    ('title:"real-time generation"', ('title:"real-time generation"',)),
    ("pipe*", ("pipe*",)),
    ("categori*", ("categori*",)),  # categories, although it is folded to category
    ("models*", ("models*",)),
    ("self-superv*", ("self-superv*",)),
    ('"diffusion mod*"', ('"diffusion mod*"',)),
    ('"diffusion mod"*', ('"diffusion mod"*',)),
    ("synthesis", ("synthesis",)),  # a keyword
    ('keyword:"flow matching"', ('keyword:"flow matching"',)),
    ("keyword:synth*", ("keyword:synth*",)),
    ("abstract:diffusion", ("abstract:diffusion",)),
    ("author:hinton", ("author:hinton",)),
    ('author:"Geoffrey Hinton"', ('author:"Geoffrey Hinton"',)),
    ('author:"G. Hinton"', ('author:"G. Hinton"',)),
    ('author:"G E Hinton"', ('author:"G E Hinton"',)),
    ('author:"Yann LeCun"', ('author:"Yann LeCun"',)),
    ('author:"Y. LeCun"', ('author:"Y. LeCun"',)),
    ("author:lukasz-kaiser", ("author:lukasz-kaiser",)),
    ("author:hint*", ("author:hint*",)),
    ("author:王小明", ("author:王小明",)),
    ("author:@akiokodaira", ("author:@akiokodaira",)),
    ("org:deepseek-ai", ("org:deepseek-ai",)),
    ("org:DeepSeek", ("org:DeepSeek",)),
    ("cat:cs.CV", ("cat:cs.CV",)),
    ("cat:cs.cv", ("cat:cs.cv",)),
    ("cat:cs", ("cat:cs",)),
    ("cat:cs.*", ("cat:cs.*",)),
    ("cat:hep-th", ("cat:hep-th",)),
    ("submitter:akhaliq", ("submitter:akhaliq",)),
    ("source:hf source:arxiv", ("source:hf", "source:arxiv")),
    ("votes>=43", ("votes>=43",)),
    ("votes>42 votes<44 votes<=43 votes=43", ("votes>42", "votes<44", "votes<=43", "votes=43")),
    ("votes >= 10", ("votes>=10",)),
    ("votes≥10", ("votes>=10",)),
    ("comments=0", ("comments=0",)),
    ("has:code has:model is:daily is:new", ("has:code", "has:model", "is:daily", "is:new")),
    ("*", ("*",)),
    ("* -survey", ("*",)),
    ("* is:daily", ("*", "is:daily")),
    ("diffusion -survey", ("diffusion",)),
    ('diffusion NOT survey -"of the art"', ("diffusion",)),
    ("diffusion -(survey OR review)", ("diffusion",)),
    ("diffusion -(stream survey)", ("diffusion",)),
    ("survey OR diffusion", ("diffusion",)),
    ("stream|diffusion", ("stream", "diffusion")),
    ("(diffusion survey) OR stream", ("stream",)),  # a branch that does not hold says nothing
    ("survey OR diffusion stream", ("diffusion", "stream")),  # words bind closer than OR
    ("(survey OR diffusion) stream", ("diffusion", "stream")),
    ("author:(hinton OR bengio)", ("author:hinton",)),
    ("title:(generation -survey)", ("title:generation",)),
    ("diffusion AND stream", ("diffusion", "stream")),
    ("diffusion Diffusion", ("diffusion",)),
    ("-has:project diffusion", ("diffusion",)),
    ("-stars<10 diffusion", ("diffusion",)),
]


@pytest.mark.parametrize(("query", "hits"), MATCHES)
def test_a_match_names_the_parts_that_hit_as_typed(query: str, hits: tuple[str, ...]) -> None:
    assert match(query) == hits


MISSES = [
    "survey",
    "diffus",  # whole words
    "hinton",  # authors only where asked
    "deepseek",
    '"solution pipeline"',
    '"generation we present"',  # a phrase lies inside one field
    '"synthesis flow"',  # and inside one keyword
    "title:diffusion-models",
    "abstract:generation",
    "keyword:diffusion",
    "author:q",
    "author:hin",
    'author:"George Hinton"',
    'author:"Geoffrey Kaiser"',
    'author:"Hinton Geoffrey"',
    "author:evergreen",  # the initial E. is nobody's family name
    "author:@akio",
    "author:akiokodaira",
    "org:deep",
    "cat:cs.CL",
    "cat:math",
    "cat:hep-ph",
    "source:sample",
    "stars>=0",  # nobody said: never true, whatever is asked
    "stars<10",
    "stars=0",
    "votes>43",
    "has:project",
    "has:summary",
    "is:trending",
    "diffusion survey",
    "diffusion -stream",
    "diffusion -(survey OR stream)",
    "diffusion -author:hinton",
    "* -is:daily",
    "or",  # lower-case operators are words
    "diffusion and stream",
]


@pytest.mark.parametrize("query", MISSES)
def test_a_query_with_an_unmet_part_does_not_match(query: str) -> None:
    assert match(query) is None


def test_a_paper_is_new_on_the_utc_day_it_was_first_seen_and_never_before_it_is_stored() -> None:
    assert match("is:new", today=date(2026, 8, 12)) is None
    assert match("is:new", replace(PAPER, first_seen=0), date(1970, 1, 1)) is None


def test_a_paper_without_anything_but_a_title_can_be_asked_everything() -> None:
    bare = Paper(key="x", title="A")
    queries = [query for query, _ in MATCHES]
    assert [query for query in queries if match(query, bare)] == ["*", "* -survey"]


def test_no_models_is_not_has_model() -> None:
    assert match("has:model", replace(PAPER, facts=Facts(models=0))) is None


def test_cjk_characters_in_a_row_are_a_phrase() -> None:
    paper = Paper(key="x", title="基于扩散模型的生成")
    assert match("扩散模型", paper) == ("扩散模型",)
    assert match("模型扩散", paper) is None


# --- how a query is written -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ('author:"Y. LeCun"   -survey votes >= 10', 'author:"Y. LeCun" -survey votes>=10'),
        ("“a  phrase” –word", '"a phrase" -word'),
        ("—survey diffusion", "-survey diffusion"),
        ("（扩散｜生成） title：模型", "(扩散 OR 生成) title:模型"),
        ("a AND b and c", "a b and c"),
        ("a || b", "a OR b"),
        ("a NOT b", "a -b"),
        ("NOT(a b) c", "-(a b) c"),
        ("((a)) (b c)", "a b c"),
        ("a (b -c)", "a b -c"),
        ("a OR (b OR c)", "a OR b OR c"),
        ("(a OR b) (a OR b) a a", "(a OR b) a"),
        ("title:a OR title:b", "title:(a OR b)"),
        ("TITLE:(a b)", "title:a title:b"),
        ("-title:(a OR b) c", "-title:(a OR b) c"),
        ("Has:Code IS:daily", "has:code is:daily"),
        ("has:(code OR project) a", "(has:code OR has:project) a"),
        ("Votes=>007", "votes>=7"),
        ("Mamba: Linear-Time, Selective!", "Mamba Linear-Time Selective"),
        ('"RRT*" "A* search"', '"RRT*" "A* search"'),
        ("**", "*"),
        ("OR!", '"OR"'),
        ("votes AND >5", 'votes ">5"'),
    ],
)
def test_a_query_is_written_out_much_as_it_was_typed(typed: str, written: str) -> None:
    assert str(parse(typed)) == written
    assert str(parse(written)) == written
    assert parse(written) == parse(typed)


def test_queries_that_mean_the_same_word_for_word_are_equal() -> None:
    assert parse("Diffusion-Models") == parse('"diffusion model"')
    assert hash(parse("Diffusion-Models")) == hash(parse('"diffusion model"'))
    assert parse("a b") != parse("b a")
    assert parse("stream") != parse("stream*")


def test_positive_words_are_listed_once_in_order() -> None:
    assert parse("b author:x (a OR b) -c votes>=1 *").terms() == ("b", "author:x", "a")


# --- what is refused --------------------------------------------------------------------------------------------------

# query, what is said, the words pointed at, the repaired query
ERRORS: list[tuple[str, str, str, str]] = [
    (
        'auther:"Y. LeCun" -survey',
        'I do not know the field "auther:" (did you mean author:?).',
        "auther:",
        'author:"Y. LeCun" -survey',
    ),
    ("category:cs.CL x", 'I do not know the field "category:" (did you mean cat:?).', "category:", "cat:cs.CL x"),
    (
        "x foo:bar",
        'I do not know the field "foo:". There are title:, abstract:, author:, org:, cat:, keyword:, submitter: and '
        "source:; quote it to look for the text itself.",
        "foo:",
        'x "foo:bar"',
    ),
    ("title: foo", '"title:" has no value: write it right behind the colon.', "title:", "title:foo"),
    ("foo author:", '"author:" has no value: write it right behind the colon.', "author:", "foo"),
    ("title:-foo bar", "Put the - before the field: -title: and then the word.", "title:-", "-title:foo bar"),
    (
        "title:a:b",
        '"a:" cannot be the value of title: as it stands; put it in quotes.',
        "a:",
        'title:"a:b"',
    ),
    (
        "title:(a author:b)",
        '"author:" stands inside title:( ): a field cannot be inside another.',
        "author:",
        "title:a title:b",
    ),
    ("title:* a", "title: needs a word: a * alone would be everything.", "*", "a"),
    ("a has:cod", 'I do not know "has:cod" (did you mean has:code?).', "cod", "a has:code"),
    (
        "is:old a",
        'I do not know "is:old"; there are is:daily, is:trending and is:new.',
        "old",
        "",
    ),
    ("source:arxvi", 'I do not know "source:arxvi" (did you mean source:arxiv?).', "arxvi", "source:arxiv"),
    (
        "cat:cs.NLP",
        '"cs.NLP" is not an arXiv category such as cs.CL or cs.* (did you mean cat:cs?).',
        "cs.NLP",
        "cat:cs",
    ),
    ("cat:robotics arm", '"robotics" is not an arXiv category such as cs.CL or cs.*.', "robotics", ""),
    ("author:@ x", '"@" is not a user name.', "@", ""),
    ("votes>=ten", '"ten" is not a whole number.', "ten", ""),
    ("votes>=-1", '"-1" is less than any paper has: count from 0.', "-1", ""),
    ("votes>=1k", '"1k" is not a whole number.', "1k", "votes>=1000"),
    ("votes>=1,500 a", '"1,500" is not a whole number.', "1,500", "votes>=1500 a"),
    ("a votes>=", '"votes>=" lacks its number.', "", ""),
    ("votes:", "votes is a number: compare it, like votes>=10.", "votes:", ""),
    ("votes:10", "votes is a number: compare it, like votes>=10.", "votes:10", "votes>=10"),
    ("votes:>5 a", "votes is a number: compare it, like votes>=10.", "votes:>5", "votes>5 a"),
    ("upvotes>=10", 'I do not know the number "upvotes>=10" (did you mean votes?).', "upvotes>=10", "votes>=10"),
    (
        "p<0.05",
        'I can compare votes, comments and stars, not "p<0.05"; quote it to look for the text itself.',
        "p<0.05",
        '"p<0.05"',
    ),
    ("votes<>3", 'I do not know the comparison "<>": there are >=, >, <=, < and =.', "votes<>3", "votes>=3"),
    ("a votes>=99999999999", '"99999999999" is more than any paper has votes.', "votes>=99999999999", ""),
    ("title:(a votes>=1)", '"votes>=1" stands inside title:( ): a condition stands by itself.', "votes>=1", "title:a"),
    (
        "-survey",
        '"-survey" only excludes: say what to look for too (* is every paper).',
        "-survey",
        "* -survey",
    ),
    ("NOT a", '"NOT a" only excludes: say what to look for too (* is every paper).', "NOT a", "* -a"),
    ("a OR -b", '"-b" only excludes: say what to look for too (* is every paper).', "-b", "a -b"),
    ("-b OR a", '"-b" only excludes: say what to look for too (* is every paper).', "-b", "-b a"),
    ("a -(-b)", '"-b" only excludes: say what to look for too (* is every paper).', "-b", "a -(* -b)"),
    ("a NOT", '"NOT" has nothing to exclude: put it before a word, like -survey.', "NOT", "a"),
    ("a NOT -b", "This is excluded twice: one - is enough.", "-", "a -b"),
    (
        "a - b",
        "A - that stands alone does nothing: put it right before the word to exclude, like -survey.",
        "-",
        "a -b",
    ),
    ("a OR", "OR needs a word on both sides.", "OR", "a"),
    ("OR a", "OR needs a word on both sides.", "OR", "a"),
    ("a OR | b", "OR needs a word on both sides.", "OR", "a OR b"),
    ("(a OR b", "This parenthesis is never closed.", "(", "a OR b"),
    ("a (", "This parenthesis is never closed.", "(", "a"),
    ("a) b", "This closing parenthesis was never opened.", ")", "a b"),
    ("a () b", "There is nothing between these parentheses.", "()", "a b"),
    ('a "b c', 'The quote before "b c" is never closed.', '"b c', 'a "b c"'),
    ('a ""', "There is nothing between these quotes: there is nothing to look for.", '""', "a"),
    ("a ???", '"???" is only signs: there is nothing to look for.', "???", "a"),
    ("a -title:&& b", '"&&" is only signs: there is nothing to look for.', "&&", "a b"),
    ("st* a", '"st*" is too short a prefix: give at least 3 letters before the *.', "st*", "st a"),
    ("*foo", 'In "*foo" the * must come last, behind at least 3 letters, like stream*.', "*foo", "foo"),
    ("stre*m a", 'In "stre*m" the * must come last, behind at least 3 letters, like stream*.', "stre*m", "stre* a"),
    (
        "/diffus.*model/i a",
        '"/diffus.*model/i" looks like a regular expression; I know words, "a phrase" and prefix* only.',
        "/diffus.*model/i",
        "diffus model a",
    ),
    ("like:2309.17453 a", '"like:" (search by meaning) comes in a later version.', "like:2309.17453", "a"),
    ('a -about:"free text" b', '"about:" (search by meaning) comes in a later version.', 'about:"free text"', "a b"),
    ("like:2309.17453", '"like:" (search by meaning) comes in a later version.', "like:2309.17453", ""),
    ("a\x07b", "There is an invisible character in the query (U+0007).", "\x07", "ab"),
    ("a\u202eb \ud800", "There is an invisible character in the query (U+202E).", "\u202e", "ab"),
    (
        "",
        "The query is empty: give it a word, a condition such as is:daily, or * for every paper.",
        "",
        "",
    ),
    (
        " AND ",
        "The query is empty: give it a word, a condition such as is:daily, or * for every paper.",
        " AND ",
        "",
    ),
]


@pytest.mark.parametrize(("query", "said", "pointed", "mended"), ERRORS)
def test_an_error_names_the_word_says_why_and_offers_the_repaired_text(
    query: str, said: str, pointed: str, mended: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert str(caught.value) == said
    assert query[caught.value.start : caught.value.end] == pointed
    assert caught.value.mended == mended


def refused(query: str, limit: int = 1000) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(query, limit=limit)
    return caught.value


def test_a_query_over_the_limit_is_told_both_lengths_and_offered_nothing() -> None:
    error = refused("diffusion " * 1000)
    assert str(error) == "This query has 10,000 characters; at most 1,000 are allowed."
    assert (error.start, error.end, error.mended) == (1000, 10_000, "")
    assert str(parse("a" * 1000)) == "a" * 1000
    assert str(refused("a b c", limit=4)) == "This query has 5 characters; at most 4 are allowed."


def test_a_query_that_grows_over_the_limit_when_written_out_is_refused() -> None:
    assert str(refused("a|b|c", limit=8)) == "Written out, this query has 11 characters; at most 8 are allowed."


def test_parentheses_go_twenty_deep() -> None:
    assert str(parse("(" * 20 + "a" + ")" * 20)) == "a"
    assert str(refused("(" * 21 + "a" + ")" * 21)) == "These parentheses are more than 20 deep."


def test_a_query_has_a_hundred_terms_at_most() -> None:
    words = [f"w{number}" for number in range(101)]
    assert len(parse(" ".join(words[:100])).terms()) == 100
    error = refused(" ".join(words))
    assert str(error) == "This query has more than 100 terms."
    assert error.mended == " ".join(words[:100])


def test_a_very_long_word_is_cut_in_the_message() -> None:
    assert str(refused("?" * 500)) == f'"{"?" * 37}…" is only signs: there is nothing to look for.'


def test_several_mistakes_are_all_mended_at_once() -> None:
    assert refused('auther:"Y. LeCun" (votes>=10k OR has:cod OR').mended == (
        'author:"Y. LeCun" (votes>=10000 OR has:code)'
    )


# --- why and why not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "verdicts"),
    [
        ("diffusion -survey", [(True, "diffusion in title and abstract")]),
        ("stream synthesis", [(True, "stream in title and abstract"), (True, "synthesis in keywords")]),
        (
            "survey diffusion -stream",
            [
                (False, "no survey in title, abstract or keywords"),
                (True, "diffusion in title and abstract"),
                (False, "excluded by -stream"),
            ],
        ),
        ("votes>=50", [(False, "votes 43 of the 50 asked")]),
        ("votes<40 stars>=1", [(False, "votes 43, votes<40 asked"), (False, "stars unknown, stars>=1 asked")]),
        ("votes>=40 author:hinton", [(True, "votes 43"), (True, "author:hinton")]),
        ("author:bengio", [(False, "no author:bengio")]),
        ("has:code has:project", [(True, "has:code"), (False, "no project page known")]),
        ("* (survey OR review)", [(True, "every paper"), (False, "none of survey OR review")]),
        ("survey OR diffusion", [(True, "diffusion in title and abstract")]),
    ],
)
def test_every_part_says_why_it_lets_a_paper_through_or_not(query: str, verdicts: list[tuple[bool, str]]) -> None:
    explained = parse(query).explain(document(PAPER), TODAY)
    assert [(verdict.ok, verdict.text) for verdict in explained] == verdicts


# --- what full text can do --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("Self-Supervised models", ((Term("self supervised"),), (Term("model"),))),
        ("a OR b c", ((Term("a"), Term("b")),)),
        ("(a OR votes>=1) b", ((Term("b"),),)),
        ("a -b", ((Term("a"),),)),
        ("streams*", ((Term("streams", prefix=True), Term("stream")),)),
        ("gpt-4*", ((Term("gpt"),),)),
        ('title:"real time"', ((Term("real time", "title"),),)),
        ("title:stream abstract:x", ((Term("stream"),), (Term("x", "abstract"),))),
        ('author:"Geoffrey Hinton"', ((Term("hinton", "people"),),)),
        ("author:@someone org:deepseek-ai", ((Term("deepseek ai", "people"),),)),
        ("keyword:x cat:cs has:code * submitter:y source:hf", ()),
    ],
)
def test_a_sieve_asks_full_text_only_for_what_must_be_there(query: str, clauses: tuple[tuple[Term, ...], ...]) -> None:
    assert parse(query).sieve().all == clauses


def test_a_sieve_ranks_by_every_positive_word() -> None:
    sieve = parse("a OR (b -c) votes>=1").sieve(since=TODAY)
    assert sieve == Sieve(all=((Term("a"), Term("b")),), any=(Term("a"), Term("b")), since=TODAY)


def test_a_sieve_without_clauses_has_no_words_that_could_narrow_it() -> None:
    assert parse("diffusion OR votes>=50").sieve() == Sieve()
