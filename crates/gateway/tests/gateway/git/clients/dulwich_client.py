"""Clones, commits and pushes with dulwich: ADDRESS TOKEN DIRECTORY. Prints the new commit."""

import pathlib
import sys

from dulwich import porcelain

address, token, directory = sys.argv[1:]
where = pathlib.Path(directory)
porcelain.clone(address, str(where), username="x-access-token", password=token, errstream=sys.stderr.buffer)
(where / "from-dulwich").write_text("hello\n")
porcelain.add(str(where), paths=[str(where / "from-dulwich")])
commit = porcelain.commit(
    str(where),
    message=b"from dulwich",
    author=b"Bob <bob@example.org>",
    committer=b"Bob <bob@example.org>",
)
porcelain.push(
    str(where),
    address,
    refspecs=[b"refs/heads/main:refs/heads/dulwich"],
    username="x-access-token",
    password=token,
    outstream=sys.stderr.buffer,
    errstream=sys.stderr.buffer,
)
print(commit.decode())
