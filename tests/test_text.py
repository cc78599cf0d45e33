"""What text.py makes of a title, an abstract and a list of authors: by example, and for any text at all."""

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text import clean, cut, fold, names, parts, sentences, singular, words

CLEANED = [
    # wraps and white space
    ("Viewpoints from\n  Diverse", "Viewpoints from Diverse"),
    ("state-of-\n  the-art", "state-of-the-art"),
    ("a\u2028b\u00a0 c\td", "a b c d"),
    # HTML
    ('see <a href="https://x.org">x</a> &amp; <i>y</i>', "see x & y"),
    ("H<sub>2</sub>O and 10<sup>-3</sup>", "H₂O and 10⁻³"),
    ("x<y and y>z", "x<y and y>z"),
    ("the <think> tag, &lt;b&gt; alone", "the <think> tag, <b> alone"),
    ("AT&T and R&D;", "AT&T and R&D;"),
    ("one<br/>two", "one two"),
    # formulas
    (r"$\alpha_t$ and $x^{2}$", "αₜ and x²"),
    (r"$\mathcal{O}(n\log n)$", "O(n log n)"),
    (r"$\ell_2$, $\mathbb{R}^{d}$, $\mathbb Z$", "ℓ₂, ℝᵈ, ℤ"),
    (r"$\frac{a}{b}$ $\frac{a+1}{b}$ $\sqrt{n}$ $\sqrt[3]{x+1}$", "a/b (a+1)/b √n ³√(x+1)"),
    (r"$n\geq 3$, $\sim 5$, ($\times$4), $3 \times 3$", "n ≥ 3, ∼5, (×4), 3 × 3"),
    (r"$L_{\text{max}}$ $p_{\theta}$ $n^{1/3}$", "Lₘₐₓ p_θ n^(1/3)"),
    (r"$\{0,1\}^n$, {0,1}, {a, b}", "{0,1}ⁿ, {0,1}, {a, b}"),
    (r"$\tilde{O}(n)$ $\hat{x}$ $a \not\in b$", "Õ(n) x̂ a ∉b"),
    (r"${\rm SL}_2(\mathbb{Q}_p)$, $\mathfrak g$", "SL₂(ℚₚ), g"),
    (r"\(x^2\) and \[y_1\]", "x² and y₁"),
    ("T$^3$SV, $λ$-GRPO", "T³SV, λ-GRPO"),
    # text in TeX
    (r"Poincar\'e, M\"uller, {\"o}, Erd\H{o}s", "Poincaré, Müller, ö, Erdős"),
    (r"{\L}ukasiewicz, \v{C}ech, na\"{\i}ve", "Łukasiewicz, Čech, naïve"),
    (r"\textbf{a} \emph{b} \texttt{c} {\em d}", "a b c d"),
    (r"99\% \& \$5 \_ \#", "99% & $5 _ #"),
    (r"shown by Smith~\cite{smith}, see Fig.~\ref{x}", "shown by Smith, see Fig."),
    (r"\url{https://a.org/~b_c} \href{https://a.org}{here}", "https://a.org/~b_c here"),
    ("``so'' `it' 3--5 yes---no --flag", "“so” ‘it’ 3–5 yes—no --flag"),
    (r"Alzheimer\'s and \"quoted\"", "Alzheimer's and \"quoted\""),
    (r"our \method{} and \ours", "our method and ours"),
    # money and code
    ("The $1 Million question", "The $1 Million question"),
    ("costs $5 and $10", "costs $5 and $10"),
    ("from $5-$10 to $20", "from $5-$10 to $20"),
    ("only $5 for $x^2$", "only $5 for x²"),
    ("snake_case, a_b, 50% of 3, ~5, 10~20", "snake_case, a_b, 50% of 3, ~5, 10~20"),
    # characters
    ("e\u0301", "é"),
    ("a\u202eb\u2066c\u200bd\ufeff\u00ade\x00", "abcde"),
    ("می\u200cخواهم क्\u200dष a\u200db", "می\u200cخواهم क्\u200dष ab"),
    ("👩\u200d👩\u200d👧 ok", "👩\u200d👩\u200d👧 ok"),
    ("x\ud800y\ue000z", "xyz"),
    # nothing may become nothing
    (r"\cite{a}", r"\cite{a}"),
    ("<br>", "<br>"),
    ("$", "$"),
    ("{}", "{}"),
    ("", ""),
    (" \u200b\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "shown"), CLEANED)
def test_a_text_is_cleaned_for_people(raw: str, shown: str) -> None:
    assert clean(raw) == shown
    assert clean(shown) == shown


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("State-of-the-Art", "state of the art"),
        ("Self-Forcing++ in C++ and C#", "self forcing in c++ and c#"),
        ("Bob's models’ snake_case and/or", "bob model snake case and or"),
        ("Müller Łukasz Straße", "muller lukasz strasse"),
        ("中文 LLM かな", "中 文 llm か な"),
        ("αₜ x² Диффузия", "αt x2 диффузия"),
        ("GPT-4o 3.5", "gpt 4o 3 5"),
        ("", ""),
    ],
)
def test_words_are_folded_tokens(text: str, tokens: str) -> None:
    assert list(words(text)) == tokens.split()


SINGULARS = """
models/model studies/study boxes/box classes/class analyses/analysis matrices/matrix biases/bias losses/loss axes/axis
searches/search images/image databases/database approaches/approach caches/cache movies/movie queries/query days/day
gpus/gpu llms/llm metrics/metric echoes/echo focuses/focus bias/bias gas/gas lens/lens chess/chess this/this
diffusion/diffusion corpus/corpus is/is us/us series/series robotics/robotics
"""


@pytest.mark.parametrize(("plural", "one"), [pair.split("/") for pair in SINGULARS.split()])
def test_a_plural_becomes_its_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PyTorch", "py torch"),
        ("DeepSeekMoE", "deep seek moe"),
        ("GPT4", "gpt"),
        ("iPhone", "phone"),
        ("StyleGAN2-ADA", "style gan"),
        ("LLMs and plain Words in CAPS 3D", ""),
    ],
)
def test_a_mixed_name_is_also_its_parts(text: str, found: str) -> None:
    assert parts(text) == frozenset(found.split())


def test_sentences_end_where_a_reader_would_stop() -> None:
    text = "We do it, e.g. A. B. Smith et al. Show 3.5 of Fig. 3. Then? Yes! “Quoted.” Done"
    assert sentences(text) == [
        "We do it, e.g. A. B. Smith et al. Show 3.5 of Fig. 3.", "Then?", "Yes!", "“Quoted.”", "Done"
    ]  # fmt: skip
    assert sentences(" ") == []


def test_a_cut_text_ends_at_a_word() -> None:
    assert cut("hello big world", 15) == "hello big world"
    assert cut("hello big world", 12) == "hello big…"
    assert cut("hello", 3) == "he…"
    assert cut("hello", 1) == "…"
    assert cut("hello", 0) == ""


def test_a_cut_keeps_accents_and_emoji_whole() -> None:
    assert cut("abe\u0301\u0302f", 4) == "ab…"
    assert cut("ab👩\u200d👩\u200d👧 c", 5) == "ab…"


@pytest.mark.parametrize(
    ("authors", "line"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A, B"),
        (["A", "B", "C"], "A, B, C"),
        (["A", " ", "B", "C", "D"], "A, B +2"),
        (["A\n B"], "A B"),
    ],
)
def test_authors_fit_in_a_line(authors: list[str], line: str) -> None:
    assert names(authors) == line


def test_a_name_of_a_whole_collaboration_is_cut() -> None:
    assert len(names(["word " * 60, "B", "C", "D"])) < 80


# --- any text ---------------------------------------------------------------------------------------------------------

# Plain characters alone seldom meet TeX and HTML, so pieces of both are thrown in; surrogates come with the characters.
CHARACTERS = st.characters(codec=None, categories=("L", "M", "N", "P", "S", "Z", "Cc", "Cf", "Cs", "Co", "Cn"))
TEX = r"""
$ $$ \ { } ^ _ ~ & < > ' ` `` -- --- \( \) \[ \] \frac \sqrt[ \textbf{ \alpha \log \leq \cite{ \' \" \c
\mathbb \unicode{x \not \begin{ &amp; &lt; &#36; &#92; <i> </i> <sub> </sub> <!-- --> {0,1} 5 x
"""
UNSEEN = [" ", "\n", "\u200d", "\u200c", "\u202e", "\u0301", "\ufe0f", "\ud83d", "\ude00", "- \n"]
PIECES = st.sampled_from(TEX.split()) | st.sampled_from(UNSEEN)
ANY = st.lists(st.text(CHARACTERS, max_size=4) | PIECES, max_size=25).map("".join)


@settings(max_examples=400)
@given(ANY)
def test_no_text_breaks_anything(text: str) -> None:
    for function in (clean, fold, words, parts, sentences, singular):
        function(text)
    names([text, text, text])


@settings(max_examples=400)
@given(ANY)
def test_nothing_unseen_is_left_and_something_seen_stays(text: str) -> None:
    shown = clean(text)
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cs", "Co", "Zl", "Zp"}]
    assert not re.search("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]", shown)
    assert shown == " ".join(shown.split())
    visible = any(
        unicodedata.category(char)[0] in "LNPS" for char in text if char not in "\u115f\u1160\u2800\u3164\uffa0"
    )
    assert shown or not visible


@settings(max_examples=400)
@given(ANY)
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    shown = clean(text)
    assert clean(shown) == shown


@settings(max_examples=400)
@given(ANY)
def test_words_are_the_same_after_folding(text: str) -> None:
    shown = clean(text)
    assert fold(fold(shown)) == fold(shown)
    assert words(fold(shown)) == words(shown)
    assert all(singular(word) == word for word in words(shown))


@given(ANY, st.integers(-2, 60))
def test_a_cut_text_is_never_too_long(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= max(limit, 0)


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "$",
        "<",
        r"\frac",
        r"$\frac{",
        "^",
        "x^{",
        "&amp;",
        "``",
        "~",
        "<!--",
        "<a x=",
        r"\(",
        "\u200d",
        "- \n",
        "A. ",
    ],
)
def test_a_hostile_text_takes_no_more_than_its_length(piece: str) -> None:
    started = time.process_time()
    clean(piece * (300_000 // len(piece)))
    assert time.process_time() - started < 10  # a guard against hanging, not a measurement
