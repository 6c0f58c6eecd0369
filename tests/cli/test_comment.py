"""The comment on a pull request, against a server that gives the answers of GitHub's and GitLab's documentation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli import comment, console
from tests.cli.recorded_service import ANSWERS, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOUND, NO_COMMENT = "github: comments, ours among them", "github: comments, one page"
TEXT = "**1 limit loosened**\n\n| a | b |\n"


@pytest.fixture
def service() -> Iterator[Service]:
    opened = Service()
    yield opened
    opened.close()
    assert not opened.left, "a recorded answer was not asked for"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, without waiting."""
    seconds: list[float] = []
    monkeypatch.setattr(comment, "_sleep", seconds.append)
    for name in ("GITLAB_CI", "GITHUB_ACTIONS", "GITHUB_TOKEN", "GITLAB_TOKEN", "GITHUB_EVENT_PATH"):
        monkeypatch.delenv(name, raising=False)
    console.begin()
    return seconds


@pytest.fixture
def github(service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """A job of a pull request, with the variables of a runner of GitHub."""

    def begin(head: str | None = "acme/shop", token: str | None = "ghs_1", event: str = "pull_request") -> None:
        repo = None if head is None else {"full_name": head}
        pull = {"number": 7, "head": {"ref": "october", "repo": repo}, "base": {"repo": {"full_name": "acme/shop"}}}
        path = tmp_path / "event.json"
        happened = {"action": "synchronize", "number": 7, "pull_request": pull} if event == "pull_request" else {}
        path.write_text(json.dumps(happened), encoding="utf-8")
        variables = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": service.api,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REPOSITORY": "acme/shop",
        }
        for name, value in (variables | ({"GITHUB_TOKEN": token} if token else {})).items():
            monkeypatch.setenv(name, value)

    return begin


@pytest.fixture
def gitlab(service: Service, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A job of a merge request, with the variables of a runner of GitLab."""

    def begin(source: str = "42", token: str | None = "glpat-1", number: str | None = "7") -> None:
        variables = {"CI": "true", "GITLAB_CI": "true", "CI_API_V4_URL": service.api}
        if number:
            variables |= {
                "CI_MERGE_REQUEST_IID": number,
                "CI_MERGE_REQUEST_PROJECT_ID": "42",
                "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source,
            }
        for name, value in (variables | ({"GITLAB_TOKEN": token} if token else {})).items():
            monkeypatch.setenv(name, value)

    return begin


def posted(service: Service) -> list[str]:
    return [each.body["body"] for each in service.asked if each.body is not None]


def test_the_first_comment_is_written(
    service: Service, github: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    github()
    service.answers(NO_COMMENT, "github: created")
    comment.post(TEXT)
    assert posted(service) == [f"<!-- funnelcli diff -->\n{TEXT.strip()}\n"]
    assert {each.headers["authorization"] for each in service.asked} == {"Bearer ghs_1"}
    assert capsys.readouterr().err == "funnelcli: note: comment on acme/shop#7: written\n"


def test_the_next_one_takes_its_place_and_no_strangers(service: Service, github: Callable[..., None]) -> None:
    """A comment with the mark that a stranger has written is not ours: he could change it back."""
    github()
    service.answers(FOUND, "github: changed")
    comment.post(TEXT)
    assert len(posted(service)) == 1


def test_it_is_found_on_a_later_page(service: Service, github: Callable[..., None]) -> None:
    github()
    service.answers("github: comments, the first of two pages", "github: comments, the second page", "github: changed")
    comment.post(TEXT)


def test_a_page_elsewhere_is_not_told_the_token(service: Service, github: Callable[..., None]) -> None:
    github()
    service.answers("github: comments, a page that leads elsewhere", "github: created")
    comment.post(TEXT)


def test_what_says_the_same_is_left_alone(
    service: Service, github: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    github()
    service.answers(FOUND)
    comment.post("1 limit loosened")
    assert "unchanged" in capsys.readouterr().err


def test_without_a_change_nothing_is_written(
    service: Service, github: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    github()
    service.answers(NO_COMMENT)
    comment.post(None)
    assert "not needed" in capsys.readouterr().err


def test_a_comment_that_no_longer_holds_says_so(service: Service, github: Callable[..., None]) -> None:
    github()
    service.answers(FOUND, "github: changed")
    comment.post(None)
    assert posted(service) == [f"<!-- funnelcli diff -->\n{comment.NOTHING_LEFT}\n"]


@pytest.mark.parametrize("key", ["shops", "-->\n# heading", "<b>", "a--b"])
def test_another_key_is_another_comment(service: Service, github: Callable[..., None], key: str) -> None:
    github()
    service.answers(FOUND, "github: created")
    comment.post(TEXT, key)
    mark, _, rest = posted(service)[0].partition("\n")
    assert mark.startswith("<!-- funnelcli diff: ")
    assert mark.index("-->") == len(mark) - 3
    assert rest == f"{TEXT.strip()}\n"


@pytest.mark.parametrize("head", ["mallory/shop", None])
def test_a_fork_may_not_and_the_job_goes_on(
    service: Service, github: Callable[..., None], capsys: pytest.CaptureFixture[str], head: str | None
) -> None:
    github(head=head)
    service.answers(NO_COMMENT, "github: the token may not")
    comment.post(TEXT)
    said = capsys.readouterr().err
    assert "Resource not accessible by integration (403)" in said
    assert "fork" in said
    assert console.code is console.ExitCode.OK


def test_a_job_without_the_right_is_told_which(service: Service, github: Callable[..., None]) -> None:
    github()
    service.answers(NO_COMMENT, "github: the token may not")
    with pytest.raises(console.Refused, match=r"refused to comment on acme/shop#7: Resource not accessible") as refused:
        comment.post(TEXT)
    assert refused.value.help == "give the job permissions: pull-requests: write"


@pytest.mark.parametrize(
    ("answer", "help_"),
    [
        ("github: bad credentials", "GITHUB_TOKEN: ${{ github.token }}"),
        ("github: not found", "pull-requests: write"),
        ("github: moved", "has moved"),
    ],
)
def test_what_the_service_refuses_is_told(
    service: Service, github: Callable[..., None], answer: str, help_: str
) -> None:
    github()
    service.answers(answer)
    with pytest.raises(console.Refused) as refused:
        comment.post(TEXT)
    assert ANSWERS[answer]["body"]["message"] in refused.value.what
    assert help_ in refused.value.help


def test_a_busy_service_is_given_time(service: Service, github: Callable[..., None], waits: list[float]) -> None:
    github()
    service.answers("github: out of order, reading", NO_COMMENT, "github: secondary rate limit", "github: created")
    comment.post(TEXT)
    assert waits == [2.0, 3.0]


def test_it_is_not_given_time_for_ever(service: Service, github: Callable[..., None], waits: list[float]) -> None:
    github()
    service.answers(*["github: out of order, reading"] * 4)
    with pytest.raises(console.Refused, match=r"Bad Gateway \(502\)"):
        comment.post(TEXT)
    assert len(waits) == 3


def test_what_may_have_been_written_is_not_written_again(
    service: Service, github: Callable[..., None], waits: list[float]
) -> None:
    github()
    service.answers(NO_COMMENT, "github: out of order, writing")
    with pytest.raises(console.Refused):
        comment.post(TEXT)
    assert waits == []


def test_a_service_that_is_not_there(
    service: Service, github: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    github()
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    with pytest.raises(console.Refused, match=r"cannot reach GitHub at http://127\.0\.0\.1:9: "):
        comment.post(TEXT)


@pytest.mark.parametrize("answer", ["github: what is no list", "github: what is no JSON"])
def test_an_answer_that_is_not_the_services_is_refused(
    service: Service, github: Callable[..., None], answer: str
) -> None:
    github()
    service.answers(answer)
    with pytest.raises(console.Refused, match="does not answer as the API of GitHub does"):
        comment.post(TEXT)


def test_an_answer_that_is_not_gitlabs_is_refused(service: Service, gitlab: Callable[..., None]) -> None:
    gitlab()
    service.answers("gitlab: what is no user")
    with pytest.raises(console.Refused, match="does not answer as the API of GitLab does"):
        comment.post(TEXT)


def test_a_text_too_long_is_refused_before_anything_is_asked(service: Service, github: Callable[..., None]) -> None:
    github()
    with pytest.raises(console.Refused, match="at most 65,536"):
        comment.post("x" * 65_536)
    assert service.asked == []


def test_a_push_has_no_comment(
    service: Service, github: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    github(event="push")
    comment.post(TEXT)
    assert service.asked == []
    assert capsys.readouterr().err == "funnelcli: note: no comment: no pull request\n"


def test_a_job_without_a_token_is_told_where_it_comes_from(github: Callable[..., None]) -> None:
    github(token=None)
    with pytest.raises(console.Refused, match="no token") as refused:
        comment.post(TEXT)
    assert "GITHUB_TOKEN: ${{ github.token }}" in refused.value.help


def test_outside_of_a_job_the_text_can_be_had_otherwise() -> None:
    with pytest.raises(console.Refused, match="no job") as refused:
        comment.post(TEXT)
    assert "--format markdown" in refused.value.help


def test_an_event_that_cannot_be_read(github: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    github()
    monkeypatch.setenv("GITHUB_EVENT_PATH", "/nowhere/event.json")
    with pytest.raises(console.Refused, match="cannot read the event"):
        comment.post(TEXT)


def test_gitlab_writes_its_own(service: Service, gitlab: Callable[..., None]) -> None:
    gitlab()
    service.answers("gitlab: who we are", "gitlab: notes", "gitlab: created")
    comment.post(TEXT)
    assert {each.headers["private-token"] for each in service.asked} == {"glpat-1"}


def test_gitlab_changes_its_own(service: Service, gitlab: Callable[..., None]) -> None:
    gitlab()
    service.answers("gitlab: who we are", "gitlab: notes, ours among them", "gitlab: changed")
    comment.post(TEXT)


def test_gitlab_tells_what_its_token_lacks(service: Service, gitlab: Callable[..., None]) -> None:
    gitlab()
    service.answers("gitlab: who we are", "gitlab: notes", "gitlab: insufficient scope")
    with pytest.raises(console.Refused, match=r"merge request !7: insufficient_scope \(403\)") as refused:
        comment.post(TEXT)
    assert "scope api" in refused.value.help


def test_gitlab_tells_of_a_token_that_is_over(service: Service, gitlab: Callable[..., None]) -> None:
    gitlab()
    service.answers("gitlab: unauthorized")
    with pytest.raises(console.Refused, match="401 Unauthorized") as refused:
        comment.post(TEXT)
    assert "renew GITLAB_TOKEN" in refused.value.help


def test_gitlab_gives_a_fork_no_token_and_the_job_goes_on(
    gitlab: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    gitlab(source="77", token=None)
    comment.post(TEXT)
    assert "fork" in capsys.readouterr().err
    assert console.code is console.ExitCode.OK


def test_gitlab_without_a_token_is_told_which(gitlab: Callable[..., None]) -> None:
    gitlab(token=None)
    with pytest.raises(console.Refused) as refused:
        comment.post(TEXT)
    assert "project access token" in refused.value.help


def test_a_branch_of_gitlab_has_no_comment(gitlab: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    gitlab(number=None)
    comment.post(TEXT)
    assert "no pull request" in capsys.readouterr().err
