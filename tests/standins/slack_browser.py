"""A person's browser that installs the app: from the app's own page to Slack's and back with a code."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urljoin, urlsplit

from aiohttp import ClientResponse, ClientSession

from tests.standins.slack_hands import Hands
from tests.standins.slack_oauth import with_query
from tests.standins.slack_world import Enterprise, Team


@dataclass(frozen=True)
class Page:
    """What the browser shows in the end. ``url`` is where it is."""

    status: int
    text: str
    url: str


class Browser(Hands):
    async def visit_install(self, page: str, place: Team | Enterprise | None, *, remember: bool = True) -> Page:
        """Open the app's install page and agree to install it at a place, or cancel for None.

        ``remember``: the browser keeps cookies. Whatever the app's public name, it is reached where ``page`` is.
        """
        async with ClientSession() as session:
            async with session.get(page, allow_redirects=False) as response:
                asks = await self._asks(response)
                cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in _cookies(response).items())
            back = _at(page, await self._choose(session, asks, place))
            headers = {"Cookie": cookies} if remember and cookies else {}
            async with session.get(back, headers=headers) as response:
                return Page(response.status, await response.text(), back)

    async def agree(self, asks: str, place: Team | Enterprise) -> str:
        """Agree on Slack's page at this address; gives the code that the app would be sent."""
        async with ClientSession() as session:
            back = await self._choose(session, asks, place)
        return parse_qs(urlsplit(back).query)["code"][0]

    async def _choose(self, session: ClientSession, asks: str, place: Team | Enterprise | None) -> str:
        choice = {"place": place.id if place else "deny"}
        async with session.get(with_query(asks, choice), allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            return response.headers["Location"]

    async def _asks(self, response: ClientResponse) -> str:
        """The address of Slack's page, from a redirect or the first link to it."""
        if "Location" in response.headers:
            return urljoin(str(response.url), response.headers["Location"])
        text = await response.text()
        start = text.index(f"{self.url}/oauth/v2/authorize")
        return text[start : text.index('"', start)].replace("&amp;", "&")


def _at(page: str, url: str) -> str:
    origin = urlsplit(page)
    return urlsplit(url)._replace(scheme=origin.scheme, netloc=origin.netloc).geturl()


def _cookies(response: ClientResponse) -> SimpleCookie:
    """Also those marked for secure connections only, which this one is not."""
    found = SimpleCookie()
    for line in response.headers.getall("Set-Cookie", []):
        found.load(line)
    return found
