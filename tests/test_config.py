"""Settings: every default, every refusal in one clear line, and `.env.example` complete both ways."""

import dataclasses
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import KNOWN, PREFIX, Setting, Settings, from_files, read
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parents[1] / ".env.example"


def refusal(**environ: str) -> str:
    """What reading these settings (named without the prefix) is refused with."""
    with pytest.raises(ConfigError) as caught:
        read({PREFIX + name: value for name, value in environ.items()})
    return str(caught.value)


def one(name: str, value: str) -> object:
    """The field that one setting fills."""
    field = next(s.field for s in KNOWN if s.name == PREFIX + name)
    return getattr(read({PREFIX + name: value}), field)


# --- defaults and the table -------------------------------------------------------------------------------------------


def test_an_empty_environment_is_enough() -> None:
    settings = read({})
    assert settings.database_path == Path("paperboy.db")
    assert settings.sources == ("huggingface",)
    assert settings.platforms == ("terminal",)
    assert settings.huggingface_url == "https://huggingface.co"
    assert settings.arxiv_categories == ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
    assert (settings.poll_minutes, settings.tick_seconds, settings.arxiv_interval) == (20, 15.0, 3.0)
    assert (settings.timezone, settings.digest_at, settings.daily_cap) == ("UTC", 540, 100)
    assert (settings.log_level, settings.log_format, settings.contact) == ("WARNING", "text", "")
    assert (settings.user, settings.channel, settings.examples) == ("you", "#papers", True)


def test_every_field_has_exactly_one_setting() -> None:
    assert sorted(s.field for s in KNOWN) == sorted(f.name for f in dataclasses.fields(Settings))
    assert len({s.name for s in KNOWN}) == len(KNOWN)


def test_an_empty_value_means_the_default() -> None:
    assert read({s.name: " " for s in KNOWN}) == read({})


def test_names_of_others_are_none_of_our_business() -> None:
    assert read({"HOME": "/root", "PAPER": "x", "SOURCES": "nope"}) == read({})


def test_the_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read({}).user = "me"  # type: ignore[misc]


# --- .env.example -----------------------------------------------------------------------------------------------------


def example() -> list[tuple[str, str, str]]:
    """What the file holds: (comment, name, value) for every setting, in order."""
    found = []
    for block in EXAMPLE.read_text(encoding="utf-8").strip().split("\n\n")[1:]:
        *comment, assignment = block.splitlines()
        name, _, value = assignment.removeprefix("#").partition("=")
        found.append((" ".join(line.removeprefix("# ") for line in comment), name, value.strip('"')))
    return found


def test_the_example_file_shows_every_setting_with_its_true_default_and_nothing_else() -> None:
    assert example() == [(s.help, s.name, s.default) for s in KNOWN]


def test_every_line_of_the_example_file_is_switched_off() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    assert from_files({}, EXAMPLE) == {}


def test_the_example_file_with_every_line_switched_on_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(re.sub(rf"(?m)^#({PREFIX})", r"\1", EXAMPLE.read_text(encoding="utf-8")), encoding="utf-8")
    environ = from_files({}, path)
    assert set(environ) == {s.name for s in KNOWN}
    assert read(environ) == read({})


def test_no_line_of_the_example_file_is_too_long_to_read() -> None:
    assert max(len(line) for line in EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 110


# --- .env -------------------------------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("PAPERBOY_USER=file\nPAPERBOY_CHANNEL='#file'\n")
    settings = read(from_files({"PAPERBOY_USER": "shell", "OTHER": "x"}, path))
    assert (settings.user, settings.channel) == ("shell", "#file")


def test_a_file_that_is_not_there_is_no_mistake(tmp_path: Path) -> None:
    assert from_files({"PAPERBOY_USER": "me"}, tmp_path / ".env") == {"PAPERBOY_USER": "me"}


def test_a_file_may_have_a_byte_order_mark_exports_comments_and_names_of_others(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("\ufeffexport PAPERBOY_USER=ada  # that is me\n\nOTHER=1\nFLAG\n", encoding="utf-8")
    assert from_files({}, path) == {"PAPERBOY_USER": "ada"}


def test_a_dollar_sign_in_the_file_is_a_dollar_sign(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("PAPERBOY_USER=a${HOME}b\n")
    assert from_files({"HOME": "/root"}, path)["PAPERBOY_USER"] == "a${HOME}b"


@pytest.mark.parametrize(
    "line", ["PAPERBOY_USER", "PAPERBOY_USER='xoxb-not-closed", "PAPERBOY_USER: me", "xoxb-ghijkl"]
)
def test_a_line_that_cannot_be_read_is_named_by_number_and_not_shown(tmp_path: Path, line: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# first\nPAPERBOY_CHANNEL=x\n{line}\n")
    with pytest.raises(ConfigError, match=r"\.env, line 3 is not NAME=value") as caught:
        from_files({}, path)
    assert "xoxb" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        from_files({}, tmp_path)
    path = tmp_path / ".env"
    path.write_bytes(b"PAPERBOY_USER=\xff\xfe\n")
    with pytest.raises(ConfigError, match="cannot be read: it is not UTF-8 text"):
        from_files({}, path)


# --- unknown names ----------------------------------------------------------------------------------------------------


def test_a_misspelt_name_is_refused_with_the_right_one() -> None:
    assert refusal(SORCES="arxiv").startswith(
        "There is no setting PAPERBOY_SORCES, did you mean PAPERBOY_SOURCES? Mend it"
    )
    assert "did you mean PAPERBOY_DATABASE?" in refusal(database="x.db")
    assert "did you mean" not in refusal(ZZZZZZZZZZZZZZZZZZ="1")


def test_the_value_of_an_unknown_name_is_never_shown() -> None:
    assert "hunter2" not in refusal(SLACK_TOKEN="hunter2")


# --- each kind of value -----------------------------------------------------------------------------------------------


def test_a_refusal_names_the_setting_what_was_given_what_it_may_be_and_where_to_mend_it() -> None:
    assert refusal(DAILY_CAP="many") == (
        'PAPERBOY_DAILY_CAP is "many", but it has to be a whole number from 1 to 10000 (papers). '
        "Mend it in the environment or in .env."
    )


@pytest.mark.parametrize("value", ["0", "10001", "-1", "1.5", "1e3", "٣", "NaN", "9" * 5000])
def test_numbers_have_to_be_in_their_range(value: str) -> None:
    assert "a whole number from 1 to 10000" in refusal(DAILY_CAP=value)


@pytest.mark.parametrize("value", ["0", "301", "nan", "inf", "-3", ".5", "1_0"])
def test_durations_may_be_fractions_within_their_range(value: str) -> None:
    assert one("TICK_SECONDS", "0.5") == 0.5
    assert "a number from 0.1 to 300 (seconds)" in refusal(TICK_SECONDS=value)


def test_lists_lose_blanks_and_repetitions_but_not_their_order() -> None:
    assert one("SOURCES", " arXiv, huggingface,,arxiv ") == ("arxiv", "huggingface")
    assert "it has to name at least one" in refusal(SOURCES=",")


def test_an_unknown_source_is_refused_with_the_likely_one() -> None:
    assert '"arvix" is not huggingface, arxiv or sample, did you mean arxiv?' in refusal(SOURCES="huggingface,arvix")


def test_platforms_to_come_say_so() -> None:
    said = "email comes in a later version; so far there is terminal, slack or discord"
    assert said in refusal(PLATFORMS="terminal,email")


# --- secrets and addresses of chats ---

SECRETS = [s.name.removeprefix(PREFIX) for s in KNOWN if s.secret]


@pytest.mark.parametrize("name", SECRETS)
def test_a_bad_secret_is_refused_without_being_shown(name: str) -> None:
    text = refusal(**{name: "hunter2 has a space"})
    assert f"PAPERBOY_{name} is set, but " in text
    assert "hunter2" not in text


def test_no_secret_stands_in_the_settings_as_text() -> None:
    given = {
        "DISCORD_TOKEN": "abc.def.ghijkl",
        "SLACK_BOT_TOKEN": "xoxb-ghijkl",
        "SLACK_APP_TOKEN": "xapp-ghijkl",
        "SLACK_SIGNING_SECRET": "signing-ghijkl",
        "SLACK_CLIENT_SECRET": "client-ghijkl",
        "KEY": f"{'ghijkl':0<43}=",
    }
    assert sorted(given) == sorted(SECRETS)
    settings = read({PREFIX + name: value for name, value in given.items()})
    assert settings.slack_bot_token == "xoxb-ghijkl"
    assert "ghijkl" not in repr(settings)


def test_tokens_in_each_others_place_are_named() -> None:
    assert "it has to begin with xoxb-: this one begins with xapp-" in refusal(SLACK_BOT_TOKEN="xapp-1-A-2")
    assert "it has to begin with xapp-: this one begins with xoxb-" in refusal(SLACK_APP_TOKEN="xoxb-12345")
    assert 'without "Bot" in front' in refusal(DISCORD_TOKEN="Bot a.b.c")
    assert "such as an application ID" in refusal(DISCORD_TOKEN="1234567890")
    assert "three parts" in refusal(DISCORD_TOKEN="half-a-token")


def test_a_key_may_have_older_ones_behind_it() -> None:
    new, old = "A" * 43 + "=", "B" * 43 + "="
    assert one("KEY", f"{new}, {old}") == f"{new},{old}"
    assert "44 characters" in refusal(KEY=f"{new},{old[:-1]}")


def test_addresses_of_chats_are_sealed_unless_on_this_machine() -> None:
    assert one("DISCORD_GATEWAY", "ws://127.0.0.1:9") == "ws://127.0.0.1:9"
    assert one("DISCORD_GATEWAY", "wss://gateway.example/") == "wss://gateway.example/"
    assert "ws:// is only for servers on this machine" in refusal(DISCORD_GATEWAY="ws://gateway.example")
    assert "begins with wss://" in refusal(DISCORD_GATEWAY="https://gateway.example")
    assert "http:// is only for servers on this machine" in refusal(SLACK_PUBLIC_URL="http://papers.example")
    assert one("SLACK_LISTEN", "[::1]:80") == ("::1", 80)
    assert "such as 127.0.0.1:3000" in refusal(SLACK_LISTEN="3000")
    assert "such as 127.0.0.1:9464" in refusal(MONITOR="9464")


@pytest.mark.parametrize("text", ["cs.CL", "hep-th", "physics.data-an", "cond-mat.mes-hall", "cs", "cond-mat.soft"])
def test_arxiv_categories_of_every_shape_are_taken(text: str) -> None:
    assert one("ARXIV_CATEGORIES", text) == (text,)


@pytest.mark.parametrize("text", ["cs.ai", "CS.AI", "cs.", "cs.AI cs.CL", "cs.AI+cs.CL", "2401.01234", "cs.AI/../x"])
def test_what_is_no_arxiv_category_is_refused(text: str) -> None:
    assert "is not written like an arXiv category" in refusal(ARXIV_CATEGORIES=text)


def test_addresses_lose_the_slash_at_their_end() -> None:
    assert one("HUGGINGFACE_URL", "https://mirror.example/hub/") == "https://mirror.example/hub"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.9.9.9", "[::1]:99", "localhost:1"])
def test_plain_http_is_fine_on_this_machine(host: str) -> None:
    assert one("ARXIV_RSS_URL", f"http://{host}") == f"http://{host}"


@pytest.mark.parametrize(
    "host", ["example.org", "10.0.0.1", "127.0.0.1.example.org", "localhost.example", "0.0.0.0", "2130706433", "127.1"]
)
def test_plain_http_to_anywhere_else_is_refused(host: str) -> None:
    assert "http:// is only for servers on this machine" in refusal(HUGGINGFACE_URL=f"http://{host}")


@pytest.mark.parametrize(
    "text",
    ["huggingface.co", "ftp://x.org", "file:///etc/passwd", "https://", "https:///x", "https://x:port", "https://[::1",
     "https://x.org/a b", "https://x.\norg", "https://x.org\\@y.org", "https://x.org/?q=1", "https://x.org/#a"],
)  # fmt: skip
def test_what_is_no_usable_address_is_refused(text: str) -> None:
    assert "PAPERBOY_HUGGINGFACE_URL is" in refusal(HUGGINGFACE_URL=text)


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    text = refusal(HUGGINGFACE_URL="https://ada:hunter2@example.org")
    assert "may not hold a user name or a password" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("data/p.db", "data/p.db"),
        ("/srv/p.db", "/srv/p.db"),
        ("sqlite:///srv/p.db", "/srv/p.db"),
        ("SQLite:///srv/with%20space.db", "/srv/with space.db"),
        ("./odd?name#.db", "odd?name#.db"),
        ("C:\\p.db", "C:\\p.db"),
    ],
)
def test_the_database_is_a_path_or_an_sqlite_url(text: str, path: str) -> None:
    assert one("DATABASE", text) == Path(path)


def test_a_tilde_is_the_home_folder() -> None:
    assert one("DATABASE", "~/p.db") == Path.home() / "p.db"
    assert "there is no such home folder" in refusal(DATABASE="~nobody-of-that-name/p.db")


@pytest.mark.parametrize(
    "url", ["postgresql://ada:hunter2@db/p", "postgres://db/p", "postgresql+asyncpg://x:hunter2@db"]
)
def test_postgresql_comes_later_and_says_so_without_repeating_the_password(url: str) -> None:
    text = refusal(DATABASE=url)
    assert "PostgreSQL comes in a later version" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "text", ["mysql://db/p", "sqlite://p.db", "sqlite:p.db", "sqlite:///p?mode=ro", "http://x/p.db"]
)
def test_other_database_urls_are_refused(text: str) -> None:
    assert "it has to be the path of an SQLite file, or sqlite:///absolute/path" in refusal(DATABASE=text)


@pytest.mark.parametrize("text", [":memory:", "sqlite:///", "data/", "a\x00b", "a\nb"])
def test_the_database_has_to_be_a_file(text: str) -> None:
    assert "it has to name a file" in refusal(DATABASE=text)


def test_arxiv_may_be_asked_faster_only_on_this_machine() -> None:
    assert "arXiv asks everybody for 3 seconds or more" in refusal(ARXIV_INTERVAL="2.9")
    local = {"ARXIV_URL": "http://127.0.0.1:1/api", "ARXIV_RSS_URL": "http://localhost:1", "ARXIV_INTERVAL": "0"}
    assert read({PREFIX + name: value for name, value in local.items()}).arxiv_interval == 0
    assert "arXiv asks everybody" in refusal(**(local | {"ARXIV_RSS_URL": "https://rss.arxiv.org"}))


def test_sources_may_be_polled_within_the_minute_only_on_this_machine() -> None:
    assert "a source of others is asked once a minute at most" in refusal(POLL_MINUTES="0.99")
    local = {"HUGGINGFACE_URL": "http://127.0.0.1:1", "POLL_MINUTES": "0.005"}
    assert read({PREFIX + name: value for name, value in local.items()}).poll_minutes == 0.005
    assert read({f"{PREFIX}POLL_MINUTES": "0.5", f"{PREFIX}SOURCES": "sample"}).poll_minutes == 0.5
    assert "asked once a minute" in refusal(**(local | {"SOURCES": "huggingface,arxiv"}))
    assert "a number from 0.005 to 1440 (minutes)" in refusal(**(local | {"POLL_MINUTES": "0.001"}))


@pytest.mark.parametrize("text", ["ada@example.org", "https://example.org/bot?x=1"])
def test_a_contact_is_a_mail_or_web_address(text: str) -> None:
    assert one("CONTACT", text) == text


@pytest.mark.parametrize(
    "text", ["ada", "a@b\r\nX-Evil: 1", "a@b)", "https://a:b@c", "ädä@example.org", "a@" + "b" * 200]
)
def test_a_contact_that_would_break_a_header_is_refused(text: str) -> None:
    assert "PAPERBOY_CONTACT is" in refusal(CONTACT=text)


@pytest.mark.parametrize("text", ["Europe/Berlin", "UTC", "America/New_York"])
def test_a_time_zone_is_taken_by_its_name(text: str) -> None:
    assert one("TIMEZONE", text) == ZoneInfo(text).key


@pytest.mark.parametrize("text", ["Europe/Berlim", "Europe", "../etc/passwd", "/etc/localtime", "GMT+25", "a" * 300])
def test_what_is_no_time_zone_is_refused(text: str) -> None:
    assert "it has to be a time zone such as Europe/Berlin or UTC" in refusal(TIMEZONE=text)


def test_a_misspelt_time_zone_is_refused_with_the_likely_one() -> None:
    assert "did you mean Europe/Berlin?" in refusal(TIMEZONE="Europe/Berlim")


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("9:05", 545), ("23:59", 1439)])
def test_a_time_of_day_is_minutes_after_midnight(text: str, minutes: int) -> None:
    assert one("DIGEST_AT", text) == minutes


@pytest.mark.parametrize("text", ["24:00", "12:60", "9", "9am", "09:00:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    assert "a time of day from 00:00 to 23:59" in refusal(DIGEST_AT=text)


def test_choices_are_taken_in_any_case_and_refused_with_the_likely_one() -> None:
    assert (one("LOG_LEVEL", "debug"), one("LOG_FORMAT", "JSON"), one("EXAMPLES", "No")) == ("DEBUG", "json", False)
    assert "it has to be DEBUG, INFO, WARNING or ERROR, did you mean WARNING? Mend it" in refusal(LOG_LEVEL="warn")


@pytest.mark.parametrize("text", ["two words", "x" * 81, "a\x1b[31mb"])
def test_names_are_short_and_printable(text: str) -> None:
    assert "at most 80 characters without spaces" in refusal(USER=text)


@given(setting=st.sampled_from(KNOWN), text=st.text(max_size=200).filter(lambda t: "\0" not in t))
def test_any_text_is_taken_or_refused_in_one_printable_line(setting: Setting, text: str) -> None:
    said = ""
    try:
        read({setting.name: text})
    except ConfigError as error:
        said = str(error)
    assert said.isprintable()
