-- Issues, labels, comments, commit statuses and checks.

CREATE TABLE label (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  color TEXT NOT NULL,
  description TEXT
) STRICT;
CREATE UNIQUE INDEX label_repository_id_folded_key ON label (repository_id, folded);

CREATE TABLE issue (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  number INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT,
  state TEXT NOT NULL,
  state_reason TEXT,
  user_id INTEGER NOT NULL REFERENCES account (id),
  locked INTEGER NOT NULL,
  lock_reason TEXT,
  closed_at INTEGER,
  closed_by INTEGER,
  comments INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX issue_repository_id_number_key ON issue (repository_id, number);

CREATE TABLE issue_label (
  issue_id INTEGER NOT NULL REFERENCES issue (id),
  label_id INTEGER NOT NULL REFERENCES label (id),
  PRIMARY KEY (issue_id, label_id)
) STRICT;
CREATE INDEX issue_label_label ON issue_label (label_id);

CREATE TABLE issue_assignee (
  issue_id INTEGER NOT NULL REFERENCES issue (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  PRIMARY KEY (issue_id, user_id)
) STRICT;
CREATE INDEX issue_assignee_user ON issue_assignee (user_id);

CREATE TABLE issue_comment (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  issue_id INTEGER NOT NULL REFERENCES issue (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX issue_comment_issue ON issue_comment (issue_id, id);
CREATE INDEX issue_comment_repository ON issue_comment (repository_id, id);

CREATE TABLE commit_status (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  sha TEXT NOT NULL,
  state TEXT NOT NULL,
  context TEXT NOT NULL,
  description TEXT,
  target_url TEXT,
  creator_id INTEGER NOT NULL REFERENCES account (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX commit_status_sha ON commit_status (repository_id, sha, id);

CREATE TABLE check_suite (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  head_sha TEXT NOT NULL,
  head_branch TEXT,
  status TEXT NOT NULL,
  conclusion TEXT,
  creator_id INTEGER NOT NULL REFERENCES account (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX check_suite_sha ON check_suite (repository_id, head_sha, id);

CREATE TABLE check_run (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  suite_id INTEGER NOT NULL REFERENCES check_suite (id),
  head_sha TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  conclusion TEXT,
  external_id TEXT,
  details_url TEXT,
  started_at INTEGER,
  completed_at INTEGER,
  output TEXT NOT NULL,
  annotations TEXT NOT NULL,
  creator_id INTEGER NOT NULL REFERENCES account (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX check_run_sha ON check_run (repository_id, head_sha, id);
CREATE INDEX check_run_suite ON check_run (suite_id, id);
