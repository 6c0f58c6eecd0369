"""One comment on a pull request: written once, and from then on changed in place.

GitHub: https://docs.github.com/rest/issues/comments. GitLab: https://docs.gitlab.com/api/notes. Both list comments
page by page, the next one in the header `Link`. Which pull request it is, and by which token it is written on, the
variables of the job say.
"""

from __future__ import annotations

import json
import os
import re
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from funnelcli.cli import console
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.cli.console import Refused

Answer = TypeVar("Answer")
Done = Literal["written", "updated", "unchanged", "not needed"]
"""What became of the comment."""
NOTHING_LEFT = "Nothing about the funnels changes any more."
"""What the comment says when a later push has taken all changes back."""
_MARK = "<!-- funnelcli diff{} -->"
_SECONDS = 30
_TRIES = 4
_LONGEST_WAIT = 60.0
_BUSY = {429, 502, 503, 504}
"""Statuses of a server that asks for patience."""
_INSIDERS = {"OWNER", "MEMBER", "COLLABORATOR"}
"""Who may write to a repository on GitHub: a comment of anybody else is not changed, since he could change it back."""
_NEXT = re.compile(r'<([^<>]+)>;[^,]*\brel="?next"?')


class Discussion(NamedTuple):
    """Where comments of one pull request are: the list of them, how one is changed, and what each request says.

    `api` is the address that all others begin with, `one` that of a comment by its number, `who` of the account that
    speaks, where that is asked. `from_fork` says that the job may be without the right to comment.
    """

    service: Literal["GitHub", "GitLab"]
    name: str
    api: str
    comments: str
    one: str
    change: Literal["PATCH", "PUT"]
    headers: dict[str, str]
    longest: int
    who: str | None = None
    from_fork: bool = False


class _OfAFork(console.Refused):
    """A job of a fork's pull request, which has no right to comment."""


def post(text: str | None, key: str = "") -> None:
    """Make the comment of this job's pull request say the text, and say what became of it; `None` is nothing to say.

    A job of a fork goes on without: its log and its summary have the same text.
    """
    try:
        where = discussion()
        said = f"comment on {where.name}: {keep(where, text, key)}" if where else "no comment: no pull request"
    except _OfAFork as refused:
        said = f"no comment: {refused.what}; {refused.help}"
    console.note(f"note: {said}")


def discussion() -> Discussion | None:
    """The pull request that this job is of; `None` where it is of none, such as a push to a branch.

    Outside of a job, or where it has no token, it is refused.
    """
    if os.environ.get("GITLAB_CI") == "true":
        return _on_gitlab()
    if os.environ.get("GITHUB_ACTIONS") == "true":
        return _on_github()
    help_ = "run it in a job of GitHub or GitLab; here, --format markdown prints the text of the comment"
    raise console.Refused("a comment needs a pull request, and this is no job of one", help_)


def keep(where: Discussion, text: str | None, key: str = "") -> Done:
    """Make the pull request's comment say the text; `None` is that nothing is to be said.

    The first of several comments is the one. `key` tells it from others of the same program, such as those of another
    folder.
    """
    mark = _MARK.format(f": {_plain(key)}" if key else "")
    body = f"{mark}\n{NOTHING_LEFT if text is None else text.strip()}\n"
    if len(body) > where.longest:
        what = f"the text has {len(body):,} characters, and a comment of {where.service} at most {where.longest:,}"
        raise console.Refused(what, "name fewer PATHS, or print it with --format markdown into the summary of the job")
    for number, before in _ours(where, mark):
        if _same(before, body):
            return "unchanged"
        _ask(where, where.change, f"{where.one}/{number}", {"body": body})
        return "updated"
    if text is None:
        return "not needed"
    _ask(where, "POST", where.comments, {"body": body})
    return "written"


def _on_github() -> Discussion | None:
    repository = _given("GITHUB_REPOSITORY", os.environ.get("GITHUB_REPOSITORY"))
    pull = _event().get("pull_request") or {}
    number = pull.get("number")
    if number is None:
        return None
    name = f"{repository}#{number}"
    head, base = (((pull.get(side) or {}).get("repo") or {}).get("full_name") for side in ("head", "base"))
    from_fork = bool(pull) and head != base  # of a fork that was deleted since, there is no head
    token = os.environ.get("GITHUB_TOKEN")
    if not token:
        help_ = "give the step env: GITHUB_TOKEN: ${{ github.token }}, and the job permissions: pull-requests: write"
        raise _of(from_fork, f"there is no token to comment on {name} with", help_)
    api = (os.environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    issues = f"{api}/repos/{repository}/issues"
    return Discussion(
        "GitHub",
        name,
        api,
        f"{issues}/{number}/comments",
        f"{issues}/comments",
        "PATCH",
        headers,
        longest=65_536,
        from_fork=from_fork,
    )


def _event() -> dict[str, Any]:
    """What happened, as the runner of GitHub has written it down."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as stream:
            event = json.load(stream)
    except (OSError, ValueError) as error:
        what = f"cannot read the event of the job, {quoted(path)}: {error}"
        raise console.Refused(what, "see GITHUB_EVENT_PATH") from error
    return event if isinstance(event, dict) else {}


def _on_gitlab() -> Discussion | None:
    number = os.environ.get("CI_MERGE_REQUEST_IID")
    if not number:
        return None
    name = f"merge request !{number}"
    # a merge request of a fork is discussed at the project that it goes to
    project = _given("CI_MERGE_REQUEST_PROJECT_ID", os.environ.get("CI_MERGE_REQUEST_PROJECT_ID"))
    from_fork = os.environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", project) != project
    token = os.environ.get("GITLAB_TOKEN")
    if not token:
        what = f"there is no token to comment on {name} with: a job's own may not"
        help_ = "make a project access token (role Reporter, scope api), and add it as the masked variable GITLAB_TOKEN"
        raise _of(from_fork, what, help_)
    api = _given("CI_API_V4_URL", os.environ.get("CI_API_V4_URL")).rstrip("/")
    notes = f"{api}/projects/{project}/merge_requests/{number}/notes"
    return Discussion(
        "GitLab",
        name,
        api,
        notes,
        notes,
        "PUT",
        {"Accept": "application/json", "PRIVATE-TOKEN": token},
        longest=1_000_000,
        who=f"{api}/user",
        from_fork=from_fork,
    )


def _given(name: str, value: str | None) -> str:
    """The value of a variable that every runner sets."""
    if not value:
        raise console.Refused(f"the job has no {name}", "set it as the runner does, or print --format markdown")
    return value


def _plain(key: str) -> str:
    """A key that cannot end the mark that it stands in."""
    return re.sub(r"[^\w./ -]|--+", "_", key)


def _same(before: str, now: str) -> bool:
    """Whether a comment says the same: services trim it, and write other ends of lines."""
    return before.replace("\r\n", "\n").strip() == now.strip()


def _ours(where: Discussion, mark: str) -> Iterator[tuple[int, str]]:
    """Number and text of the comments that begin with the mark, and that no stranger has written."""
    us = _answer(where, dict, _ask(where, "GET", where.who)[0]).get("id") if where.who else None
    page: str | None = f"{where.comments}?per_page=100" + ("&sort=asc&order_by=created_at" if where.who else "")
    while page is not None:
        comments, page = _ask(where, "GET", page)
        for each in _answer(where, list, comments):
            author = each.get("user") or each.get("author") or {}
            if where.who:
                is_ours = author.get("id") == us
            else:
                is_ours = author.get("type") == "Bot" or each.get("author_association") in _INSIDERS
            if is_ours and (each.get("body") or "").startswith(mark):
                yield each["id"], each["body"]


def _answer(where: Discussion, form: type[Answer], answer: Any) -> Answer:
    """An answer of the form that the API has; another one is refused."""
    if not isinstance(answer, form):
        raise _misread(where)
    return answer


def _read(where: Discussion, data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise _misread(where) from error


def _misread(where: Discussion) -> Refused:
    what = f"{where.api} does not answer as the API of {where.service} does"
    return console.Refused(what, "check its address in the variables of the job")


class _NoWayOn(HTTPRedirectHandler):
    """No address but the one that was asked is told the token."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _ask(where: Discussion, method: str, address: str, data: dict[str, str] | None = None) -> tuple[Any, str | None]:
    """The answer to a request, and the address of its next page; what is refused is told with what helps."""
    opener = build_opener(_NoWayOn)
    content = None if data is None else json.dumps(data).encode()
    headers = where.headers | {"User-Agent": "funnelcli"} | ({"Content-Type": "application/json"} if content else {})
    for left in reversed(range(_TRIES)):
        try:
            request = Request(address, content, headers, method=method)  # noqa: S310  # of the variables of the job
            with opener.open(request, timeout=_SECONDS) as answer:
                return _read(where, answer.read()), _next_page(where, answer.headers.get("Link", ""))
        except HTTPError as error:
            pause = _pause(error, _TRIES - left)
            may_be_written = method == "POST" and error.code > 500
            if not left or pause is None or may_be_written:
                raise _refused(where, error) from error
        except (URLError, HTTPException, OSError) as error:
            why = getattr(error, "reason", error)
            what = f"cannot reach {where.service} at {where.api}: {why}"
            raise console.Refused(what, "try again; --format markdown prints the text of the comment") from error
        _sleep(pause)
    raise AssertionError("the last try returns or raises")


def _pause(error: HTTPError, tries: int) -> float | None:
    """Seconds to wait until the request is made again; `None` where that would not help."""
    asked = error.headers.get("Retry-After", "")
    if error.code not in _BUSY and not (error.code == 403 and asked):
        return None
    return min(float(asked), _LONGEST_WAIT) if asked.isdigit() else 2.0**tries


def _sleep(seconds: float) -> None:
    import time

    time.sleep(seconds)


def _next_page(where: Discussion, link: str) -> str | None:
    """The address of the next page, if it is one of the same server."""
    found = _NEXT.search(link)
    if found is None or urlsplit(found[1])[:2] != urlsplit(where.api)[:2]:
        return None
    return found[1]


_HELP = {
    ("GitHub", 401): "the token is not valid, or has expired: give the step env: GITHUB_TOKEN: ${{ github.token }}",
    ("GitHub", 403): "give the job permissions: pull-requests: write",
    ("GitHub", 404): "give the job permissions: pull-requests: write, and a token of this repository",
    ("GitLab", 401): "the token is not valid, or has expired: renew GITLAB_TOKEN",
    ("GitLab", 403): "GITLAB_TOKEN needs the scope api and the role Reporter in this project",
    ("GitLab", 404): "GITLAB_TOKEN needs the scope api and the role Reporter in this project",
}


def _refused(where: Discussion, error: HTTPError) -> Refused:
    """What a service said, and what helps."""
    try:
        said = json.load(error)
        reason = str(said.get("message") or said.get("error") or error.reason)
    except (ValueError, AttributeError, OSError):
        reason = str(error.reason)
    what = f"{where.service} has refused to comment on {where.name}: {reason} ({error.code})"
    otherwise = "the repository has moved: see its new address" if error.code < 400 else "try again"
    is_no_right = where.from_fork and error.code in (403, 404)
    return _of(is_no_right, what, _HELP.get((where.service, error.code), otherwise))


def _of(from_fork: bool, what: str, help_text: str) -> Refused:
    """What is refused; of a fork, there is nothing that helps but to look elsewhere."""
    if from_fork:
        return _OfAFork(what, "a job of a fork has no right to; the text is in its log and summary")
    return console.Refused(what, help_text)
