"""Discord's refusals by code, as the stand-in answers them. Texts and codes: topics/opcodes-and-status-codes."""

from typing import Any


class RefusalError(Exception):
    """An answer that is no success. ``more`` goes into the body beside code and message."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.headers: dict[str, str] = {}
        self.body: dict[str, Any] = {"message": message, "code": code, **more}


def unauthorized() -> RefusalError:
    return RefusalError(401, 0, "401: Unauthorized")


def unknown(what: str) -> RefusalError:
    """``what`` is a key of ``UNKNOWN``."""
    return RefusalError(404, UNKNOWN[what], f"Unknown {what}")


UNKNOWN = {
    "Account": 10001, "Application": 10002, "Channel": 10003, "Guild": 10004, "Member": 10007, "Message": 10008,
    "User": 10013, "Webhook": 10015, "interaction": 10062, "application command": 10063,
}  # fmt: skip


def no_access() -> RefusalError:
    return RefusalError(403, 50001, "Missing Access")


def no_permission() -> RefusalError:
    return RefusalError(403, 50013, "Missing Permissions")


def closed_dm() -> RefusalError:
    return RefusalError(403, 50007, "Cannot send messages to this user")


def empty() -> RefusalError:
    return RefusalError(400, 50006, "Cannot send an empty message")


def invalid_form(problems: list[tuple[list[str | int], str, str]]) -> RefusalError:
    """The 50035 with its tree, from (path, code, message) of each problem."""
    tree: dict[str, Any] = {}
    for path, code, message in problems:
        leaf = tree
        for step in path:
            leaf = leaf.setdefault(str(step), {})
        leaf.setdefault("_errors", []).append({"code": code, "message": message})
    return RefusalError(400, 50035, "Invalid Form Body", errors=tree)
