"""Typed lines: to commands and options, and back."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import TABLE
from bot.commands.reading import complete, read, write
from bot.commands.table import Command
from bot.errors import CommandError


def spoken(text: str) -> tuple[str, dict[str, str]]:
    command, options = read(text)
    return command.name, options


def refused(text: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize("text", ["/papers today", "papers today", "today", "/today", "  /PAPERS  Today ", "TODAY"])
def test_the_brand_word_may_be_there_or_not(text: str) -> None:
    assert spoken(text) == ("today", {})


@pytest.mark.parametrize("text", ["", "   ", "/papers", "papers"])
def test_nothing_is_help(text: str) -> None:
    assert spoken(text) == ("help", {})


@pytest.mark.parametrize("text", ["h", "?", "-h", "--help", "/papers ?", "help"])
def test_help_is_found_by_whatever_people_type_for_it(text: str) -> None:
    assert spoken(text) == ("help", {})
    assert spoken(f"{text} search") == ("help", {"topic": "search"})


def test_aliases_are_understood() -> None:
    assert spoken("find video") == ("search", {"query": "video"})


def test_options_are_taken_out_of_the_text_wherever_they_stand() -> None:
    expected = ("search", {"since": "30d", "in": "hf", "query": "video diffusion"})
    assert spoken("search since:30d video diffusion in:hf") == expected
    assert spoken("search video since:30d diffusion in:hf") == expected
    assert spoken("search video diffusion SINCE:30d In:hf") == expected
    assert spoken("search video diffusion since: 30d in: hf") == expected


def test_the_rest_keeps_its_text_exactly() -> None:
    query = '("video  generation" OR  title:"a b")   -survey votes>=10 author:"Y. LeCun"'
    assert spoken(f"search {query}") == ("search", {"query": query})
    assert spoken(f"search {query} since:30d") == ("search", {"query": query, "since": "30d"})


def test_options_inside_quotes_and_parentheses_are_text() -> None:
    assert spoken('search "since:30d in"') == ("search", {"query": '"since:30d in"'})
    assert spoken("search (in:hf OR b) x") == ("search", {"query": "(in:hf OR b) x"})


def test_a_quote_or_parenthesis_that_never_closes_protects_nothing() -> None:
    assert spoken('search "video since:30d') == ("search", {"query": '"video', "since": "30d"})
    assert spoken("search (video since:30d") == ("search", {"query": "(video", "since": "30d"})


def test_the_rest_may_be_named_too() -> None:
    assert spoken('search query:"video generation"') == ("search", {"query": "video generation"})
    assert spoken("search query:video generation") == ("search", {"query": "video generation"})
    assert spoken('search query:"video generation" -survey') == ("search", {"query": '"video generation" -survey'})


def test_quotes_of_phones_are_quotes() -> None:
    assert spoken("search query:“video generation”") == ("search", {"query": "video generation"})
    assert spoken("search “since:30d in”") == ("search", {"query": "“since:30d in”"})


def test_words_without_a_name_fill_options_in_order() -> None:
    assert spoken("today 2026-11-20 5") == ("today", {"date": "2026-11-20", "top": "5"})
    assert spoken("today top:5 yesterday") == ("today", {"top": "5", "date": "yesterday"})
    assert spoken('month "2026-11"') == ("month", {"month": "2026-11"})


def test_an_address_is_a_value_not_an_option() -> None:
    url = "https://arxiv.org/abs/1706.03762"
    assert spoken(f"show {url}") == ("show", {"paper": url})
    assert spoken("show arxiv:1706.03762") == ("show", {"paper": "arxiv:1706.03762"})
    assert spoken("show attention is all you need") == ("show", {"paper": "attention is all you need"})


def test_a_word_too_many_is_named() -> None:
    error = refused("trending 5 6 7")
    assert str(error) == '"7" is one word too many.'
    assert spoken(error.mended) == ("trending", {"top": "5", "page": "6"})


def test_an_unknown_option_is_named_with_the_likely_one() -> None:
    error = refused("today tpo:5 sort:new")
    assert str(error) == 'There is no option "tpo:" here (did you mean top:?).'
    assert spoken(error.mended) == ("today", {"top": "5", "sort": "new"})
    assert "There are: date:, top:, sort:, page:." in str(refused("today xyzzy:5"))


def test_an_unknown_name_in_a_query_is_left_to_the_query_language() -> None:
    assert spoken("search auther:lecun") == ("search", {"query": "auther:lecun"})


def test_an_option_twice_or_empty_is_refused() -> None:
    twice = refused("today top:5 top:6 sort:new")
    assert "top: is given twice" in str(twice)
    assert spoken(twice.mended) == ("today", {"top": "5", "sort": "new"})
    assert str(refused("today top:")).startswith("top: needs a value")


def test_an_unknown_command_is_named_with_the_likely_one() -> None:
    error = refused('sreach "video generation" since:30d')
    assert str(error) == 'I do not know the command "sreach" (did you mean search?).'
    assert spoken(error.mended) == ("search", {"query": '"video generation"', "since": "30d"})


def test_words_that_are_no_command_are_offered_as_a_search_and_an_id_as_a_paper() -> None:
    assert refused("quantum gravity").mended == "/papers search quantum gravity"
    assert refused("/papers 1706.03762").mended == "/papers show 1706.03762"


def test_one_unknown_word_is_no_search_but_leads_to_the_help() -> None:
    error = refused("frobnicate")
    assert (str(error), error.mended) == ('I do not know the command "frobnicate".', "/papers help")
    assert refused("sreach").mended == "/papers help search"
    assert refused("todya").mended == "/papers today"
    assert refused("author:hinton").mended == "/papers search author:hinton"
    assert refused('"video generation"').mended == '/papers search "video generation"'


def test_a_word_from_inside_a_path_is_told_with_the_whole_paths() -> None:
    error = refused("export")
    assert str(error) == (
        'I do not know the command "export". There is /papers saved export, /papers me export and /papers admin export.'
    )
    assert error.mended == "/papers help"
    assert "There is /papers me timezone." in str(refused("/papers timezone"))


def test_every_command_of_the_table_is_read_by_its_words() -> None:
    for command in TABLE:
        if not any(option.required for option in command.options):
            assert read(f"/papers {command.name}") == (command, {})


def test_every_command_has_an_example_that_reads_as_a_command() -> None:
    for command in TABLE:
        assert command.example
        assert read(command.example)[0] in TABLE


def test_ids_are_meant_with_a_hash_a_name_or_neither() -> None:
    for text in ("unsubscribe 2", "unsubscribe #2", "unsubscribe id:2", "rm id:#2"):
        assert spoken(text) == ("unsubscribe", {"id": "2"})


def test_what_is_needed_before_the_rest_is_filled_first() -> None:
    assert spoken("edit #2 video -survey every:daily") == (
        "edit",
        {"id": "2", "query": "video -survey", "every": "daily"},
    )
    assert spoken("edit query:video 2") == ("edit", {"query": "video 2"})


def test_the_longest_path_wins() -> None:
    assert spoken("saved") == ("saved list", {})
    assert spoken("saved export as:ris") == ("saved export", {"as": "ris"})
    assert spoken("me timezone Europe/Berlin") == ("me timezone", {"timezone": "Europe/Berlin"})
    assert spoken("watch 1706.03762 votes:50") == ("watch add", {"paper": "1706.03762", "votes": "50"})


def test_the_administrators_brand_is_a_group() -> None:
    assert spoken("/papers-admin settings") == spoken("/papers admin settings") == ("admin settings", {})
    assert spoken("/papers-admin") == ("help", {"topic": "admin"})


def test_a_group_alone_is_help_on_it_and_a_slip_in_it_is_named() -> None:
    assert spoken("alert") == ("help", {"topic": "alert"})
    error = refused("alert ad video every:daily")
    assert str(error) == (
        'I do not know the command "alert ad". If you meant add, type: /papers alert add video every:daily'
    )
    assert error.mended == "/papers help alert add"
    assert str(refused("alert xyzzy")).startswith('There is no "xyzzy" in /papers alert. It has: add, edit, list')


@pytest.mark.parametrize(
    "text", ["paper today", "/paper today", "papres today", "/papers paper today", "pappers today"]
)
def test_a_slip_in_the_brand_word_is_the_brand_word(text: str) -> None:
    assert spoken(text) == ("today", {})


@pytest.mark.parametrize(
    "text",
    ["paper all", "paus all", "unsubscibe 3", "pauses all", "wacth 2401.01234", "admin pauseall", "alert rmove 3",
     "paper 3", "remove all", "sav 2401.01234", "alrt remove 3", "resum all", "me", "forget", "me foget"],
)  # fmt: skip
def test_no_slip_leads_into_a_command_that_changes_something(text: str) -> None:
    with suppress(CommandError):
        command, _ = read(text)
        assert not command.writes
        return
    offered, _ = read(refused(text).mended)
    assert not offered.writes


def test_only_a_very_close_slip_is_told_with_the_command_that_changes_something() -> None:
    assert "If you meant unsubscribe, type: /papers unsubscribe 3" in str(refused("unsubscibe 3"))
    assert "pause" not in str(refused("paper all"))


def test_an_option_without_its_colon_is_told_with_it() -> None:
    error = refused("pause 1 until tuesday")
    assert error.mended == "/papers pause id:1 until:tuesday"
    assert refused("today top 5").mended == "/papers today top:5"


def test_a_slip_in_an_options_name_is_told_also_where_a_query_stands() -> None:
    error = refused("subscribe video evry:daily")
    assert "did you mean every:?" in str(error)
    assert spoken(error.mended) == ("subscribe", {"query": "video", "every": "daily"})
    assert spoken("subscribe video auther:x") == ("subscribe", {"query": "video auther:x"})


def test_an_option_given_twice_leaves_nothing_of_its_value_behind() -> None:
    assert spoken(refused("subscribe video at: 9 every:daily at: 10").mended) == (
        "subscribe",
        {"query": "video", "at": "9", "every": "daily"},
    )


def test_every_alias_leads_to_its_command_and_hides_none() -> None:
    names = {command.name for command in TABLE}
    aliases = [alias for command in TABLE for alias in command.aliases]
    assert len(set(aliases)) == len(aliases)
    assert not names & set(aliases)


NASTY = st.text(alphabet=st.sampled_from('ab1:"\\()“”#/ -\t\n\u2003oin'), max_size=20) | st.text(max_size=20)


def requests(command: Command) -> st.SearchStrategy[tuple[Command, dict[str, str]]]:
    values = {
        option.name: (st.from_regex(r"[0-9]{1,4}", fullmatch=True) if option.kind in _NUMBERED else NASTY)
        for option in command.options
    }
    chosen = st.fixed_dictionaries({}, optional=values)
    return st.tuples(st.just(command), chosen)


_NUMBERED = {"subscription", "alert", "watch"}


@given(st.sampled_from(TABLE).flatmap(requests))
def test_what_is_written_reads_back(request: tuple[Command, dict[str, str]]) -> None:
    assert read(write(*request)) == request


@given(st.text(alphabet=st.sampled_from("pages today:#()\"' searchin"), max_size=60) | st.text(max_size=60))
def test_any_line_is_a_command_or_the_users_mistake(text: str) -> None:
    with suppress(CommandError):
        command, options = read(text)
        assert set(options) <= {option.name for option in command.options}


@pytest.mark.parametrize("text", ['"' * 9_999, "(" * 9_999, '\\"' * 5_000, "search " + '" \\"' * 3_000, "a:" * 5_000])
def test_a_hostile_line_is_read_at_once(text: str) -> None:
    with suppress(CommandError):
        read(text)


def test_a_query_is_written_plainly_where_it_can_be() -> None:
    command, options = read('search page:2 "video generation" -survey')
    assert write(command, options) == '/papers search page:2 "video generation" -survey'


def test_the_terminal_completes_commands_options_and_choices() -> None:
    assert complete("/pa") == ["/papers"]
    assert "search" in complete("/papers sea")
    assert "today" in complete("tod")
    assert {"today", "search", "help"} <= set(complete("/papers "))
    assert complete("/papers search video so") == ["sort:", "sort:relevance", "sort:new", "sort:votes"]
    assert complete("/papers search in:h") == ["in:hf"]
    assert "in:" not in complete("/papers search in:hf ")
    assert complete("xyzzy ") == []
