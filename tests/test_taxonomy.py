"""arXiv's categories: complete as far as the query language knows archives, and each can be asked for."""

from bot.query import parse
from bot.query.vocabulary import ARCHIVES
from bot.taxonomy import CATEGORIES, COMMON


def test_every_archive_is_there_and_no_other() -> None:
    assert {category.partition(".")[0] for category in CATEGORIES} == ARCHIVES


def test_every_category_can_be_asked_for_and_has_a_name() -> None:
    for category, name in CATEGORIES.items():
        assert str(parse(f"cat:{category}")) == f"cat:{category}"
        assert name == name.strip() != ""
    assert len(CATEGORIES) == 155


def test_the_common_ones_exist_once() -> None:
    assert len(set(COMMON)) == len(COMMON)
    assert set(COMMON) <= set(CATEGORIES)
