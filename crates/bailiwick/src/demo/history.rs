//! What the demo's repositories hold: commits, branches, tags and issues.

use super::people::Person;

/// One commit.
pub struct Change {
    /// Who made it.
    pub author: Person,
    /// When.
    pub at: &'static str,
    /// Its message.
    pub message: &'static str,
    /// The files it writes.
    pub files: &'static [(&'static str, &'static str)],
}

/// The commits of a repository.
pub struct History {
    /// On the main branch.
    pub changes: &'static [Change],
    /// Branches with one commit on top of it.
    pub branches: &'static [(&'static str, Change)],
    /// Tags at its end.
    pub tags: &'static [&'static str],
}

/// An issue.
pub struct Issue {
    /// Who opens it.
    pub author: Person,
    /// Its title.
    pub title: &'static str,
    /// Its text.
    pub body: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What is said to it.
    pub comments: &'static [(Person, &'static str)],
}

/// A repository.
pub struct Repository {
    /// Who owns it.
    pub owner: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Who sees it.
    pub visibility: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its commits.
    pub history: History,
    /// Its issues.
    pub issues: &'static [Issue],
}

/// The labels that the issues use, with their colours.
pub const LABELS: &[(&str, &str)] = &[
    ("bug", "d73a4a"),
    ("question", "d876e3"),
    ("enhancement", "a2eeef"),
];

const WORKFLOW: &str = "name: ci
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make test
";

const fn change(
    author: Person,
    at: &'static str,
    message: &'static str,
    files: &'static [(&'static str, &'static str)],
) -> Change {
    Change {
        author,
        at,
        message,
        files,
    }
}

/// Every repository.
pub const REPOSITORIES: &[Repository] = &[
    Repository {
        owner: "acme",
        name: "www",
        visibility: "public",
        description: "What everybody may read",
        history: History {
            changes: &[
                change(
                    Person::Alice,
                    "2026-01-05T09:00:00Z",
                    "Start the public pages",
                    &[
                        ("README.md", "# acme/www\n\nThe public pages of Acme.\n"),
                        (
                            "index.html",
                            "<!doctype html>\n<title>Acme</title>\n<h1>Acme makes everything</h1>\n",
                        ),
                    ],
                ),
                change(
                    Person::Bob,
                    "2026-01-06T10:30:00Z",
                    "Say how to reach us",
                    &[(
                        "contact.html",
                        "<!doctype html>\n<title>Contact</title>\n<p>Write to hello@example.com</p>\n",
                    )],
                ),
            ],
            branches: &[],
            tags: &["v1.0.0"],
        },
        issues: &[Issue {
            author: Person::Mallory,
            title: "The front page does not say what Acme makes",
            body: "It says everything. What is that?",
            labels: &[],
            comments: &[(Person::Bob, "Anvils, mostly.")],
        }],
    },
    Repository {
        owner: "acme",
        name: "site",
        visibility: "private",
        description: "The shop",
        history: History {
            changes: &[
                change(
                    Person::Alice,
                    "2026-01-07T09:00:00Z",
                    "Start the shop",
                    &[
                        (
                            "README.md",
                            "# acme/site\n\nThe shop of Acme. `make test` tests it.\n",
                        ),
                        ("Makefile", "test:\n\t./check.sh\n"),
                        ("check.sh", "#!/bin/sh\ngrep -q anvil src/catalogue.txt\n"),
                        ("src/catalogue.txt", "anvil\nrope\n"),
                    ],
                ),
                change(
                    Person::Bob,
                    "2026-01-08T11:15:00Z",
                    "Test each push",
                    &[(".github/workflows/ci.yml", WORKFLOW)],
                ),
                change(
                    Person::Bob,
                    "2026-01-09T14:45:00Z",
                    "Sell birdseed",
                    &[("src/catalogue.txt", "anvil\nrope\nbirdseed\n")],
                ),
            ],
            branches: &[(
                "rockets",
                change(
                    Person::Carol,
                    "2026-01-12T08:20:00Z",
                    "Sell rockets",
                    &[("src/catalogue.txt", "anvil\nrope\nbirdseed\nrocket\n")],
                ),
            )],
            tags: &["v0.1.0", "v0.2.0"],
        },
        issues: &[
            Issue {
                author: Person::Bob,
                title: "Checkout fails with an empty cart",
                body: "Steps: open the cart, remove everything, press *pay*.",
                labels: &["bug"],
                comments: &[
                    (Person::Carol, "I see it too, since birdseed is sold."),
                    (Person::Alice, "Then let us not sell nothing."),
                ],
            },
            Issue {
                author: Person::Carol,
                title: "May I sell rockets?",
                body: "The branch `rockets` is ready.",
                labels: &["question", "enhancement"],
                comments: &[(Person::Alice, "Ask the lab first: acme-labs/rocket.")],
            },
        ],
    },
    Repository {
        owner: "acme",
        name: "handbook",
        visibility: "internal",
        description: "How we work",
        history: History {
            changes: &[
                change(
                    Person::Alice,
                    "2026-01-13T09:00:00Z",
                    "Write down how we work",
                    &[
                        (
                            "README.md",
                            "# Handbook\n\n1. Ask.\n2. Write the answer down here.\n",
                        ),
                        (
                            "tokens.md",
                            "# Tokens\n\nAsk for what you need, for as long as you need it.\n",
                        ),
                    ],
                ),
                change(
                    Person::Bob,
                    "2026-01-14T16:00:00Z",
                    "Explain reviews",
                    &[(
                        "reviews.md",
                        "# Reviews\n\nTwo pairs of eyes see more than one.\n",
                    )],
                ),
            ],
            branches: &[],
            tags: &[],
        },
        issues: &[Issue {
            author: Person::Bob,
            title: "Who approves tokens on holidays?",
            body: "The page on tokens does not say.",
            labels: &["question"],
            comments: &[],
        }],
    },
    Repository {
        owner: "acme-labs",
        name: "rocket",
        visibility: "private",
        description: "Not for sale yet",
        history: History {
            changes: &[
                change(
                    Person::Alice,
                    "2026-01-15T09:00:00Z",
                    "Light the fuse",
                    &[
                        ("README.md", "# acme-labs/rocket\n\nStand back.\n"),
                        ("fuse.txt", "length: 30 cm\n"),
                    ],
                ),
                change(
                    Person::Alice,
                    "2026-01-15T09:01:00Z",
                    "Make the fuse longer",
                    &[("fuse.txt", "length: 300 cm\n")],
                ),
            ],
            branches: &[],
            tags: &[],
        },
        issues: &[Issue {
            author: Person::Alice,
            title: "The rocket comes back",
            body: "It is not meant to.",
            labels: &["bug"],
            comments: &[],
        }],
    },
    Repository {
        owner: "bob",
        name: "dotfiles",
        visibility: "public",
        description: "Bob's settings",
        history: History {
            changes: &[
                change(
                    Person::Bob,
                    "2026-01-16T20:00:00Z",
                    "Keep my settings",
                    &[
                        ("README.md", "# dotfiles\n\nMine. Take what you like.\n"),
                        (".gitconfig", "[init]\n\tdefaultBranch = main\n"),
                    ],
                ),
                change(
                    Person::Bob,
                    "2026-01-17T21:30:00Z",
                    "Sign nothing by default",
                    &[(
                        ".gitconfig",
                        "[init]\n\tdefaultBranch = main\n[commit]\n\tgpgSign = false\n",
                    )],
                ),
            ],
            branches: &[],
            tags: &[],
        },
        issues: &[],
    },
];
