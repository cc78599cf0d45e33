"""Slack as a platform, on slack-bolt: Socket Mode or HTTP, one workspace or many."""

from adapters import Options
from adapters.slack.platform import Slack

__all__ = ["Slack", "build"]


def build(options: Options) -> Slack:
    """Slack with the settings there are. Raises ``ConfigError`` when they do not suffice. Opens nothing."""
    return Slack(options)
