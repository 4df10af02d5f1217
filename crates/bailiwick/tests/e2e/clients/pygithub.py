"""What a script with PyGithub does against GitHub, against us: nothing but the base URL differs."""

import os

from github import Auth, Github, GithubException, UnknownObjectException

base_url = os.environ["URL"] + "/api/v3"
hub = Github(base_url=base_url, auth=Auth.Token(os.environ["TOKEN"]), retry=None)
narrow = Github(base_url=base_url, auth=Auth.Token(os.environ["NARROW"]), retry=None)


def status_of(call):
    try:
        call()
    except GithubException as error:
        return error.status
    raise AssertionError("it must be refused")


assert hub.get_user().login == "bob"
site = hub.get_repo("acme/site")
assert site.private and site.full_name == "acme/site"
assert site.owner.login == "acme"

issue = site.create_issue("From PyGithub", body="a body")
issue.create_comment("a comment")
assert [comment.body for comment in issue.get_comments()] == ["a comment"]
issue.edit(state="closed")
assert site.get_issue(issue.number).state == "closed"
assert any(found.title == "From PyGithub" for found in site.get_issues(state="all"))

assert "main" in [branch.name for branch in site.get_branches()]
head = site.get_branch("main").commit.sha
site.create_git_ref("refs/heads/pygithub", head)
made = site.create_file("pygithub.txt", "Add", "one\n", branch="pygithub")
found = site.get_contents("pygithub.txt", ref="pygithub")
assert found.decoded_content == b"one\n"
site.update_file("pygithub.txt", "Change", "two\n", found.sha, branch="pygithub")
found = site.get_contents("pygithub.txt", ref="pygithub")
site.delete_file("pygithub.txt", "Delete", found.sha, branch="pygithub")
assert site.get_commits(sha="pygithub")[0].commit.message == "Delete"
assert site.get_readme().decoded_content.startswith(b"# acme/site")

try:
    hub.get_repo("acme/nothing")
    raise AssertionError("there is no such repository")
except UnknownObjectException as error:
    assert error.data["message"] == "Not Found"
assert status_of(lambda: narrow.get_repo("acme/site").get_contents("README.md")) == 403
assert status_of(lambda: narrow.get_repo("acme/site").create_issue("no")) == 403
assert status_of(lambda: Github(base_url=base_url, auth=Auth.Token("nonsense"), retry=None).get_user().login) == 401
assert hub.get_rate_limit().raw_data["resources"]["core"]["limit"] > 0
print("pygithub is content")
