CREATE TABLE campaign (
  name       TEXT PRIMARY KEY,
  spec       TEXT NOT NULL,    -- the text of campaign.yaml
  path       TEXT NOT NULL,    -- where it was read
  forge      TEXT NOT NULL,    -- the address of the forge, without credentials
  state      TEXT NOT NULL,    -- a Stage
  created_at BIGINT NOT NULL,
  planned_at BIGINT NOT NULL,  -- when the selection was last listed
  rescan_at  BIGINT NOT NULL   -- when all repositories are to be looked at again, 0: not at all
);

-- Nothing is written while a scope is paused: a campaign, or '' for all.
CREATE TABLE pause (
  scope  TEXT PRIMARY KEY,
  who    TEXT NOT NULL,
  at     BIGINT NOT NULL,
  reason TEXT NOT NULL
);

CREATE TABLE changeset (
  campaign     TEXT NOT NULL REFERENCES campaign (name),
  repository   TEXT NOT NULL,
  organisation TEXT NOT NULL,
  selected     BIGINT NOT NULL,   -- 1 if the campaign still selects it
  state        TEXT NOT NULL,     -- a State
  phase        TEXT NOT NULL,     -- a Phase
  reason       TEXT NOT NULL,
  error        TEXT NOT NULL,
  attempts     BIGINT NOT NULL,   -- that failed since one did not
  desired      TEXT NOT NULL,     -- hash of what should be proposed
  proposed     TEXT NOT NULL,     -- hash of what the pull request holds
  base         TEXT NOT NULL,
  base_sha     TEXT NOT NULL,
  branch       TEXT NOT NULL,
  head_sha     TEXT NOT NULL,
  pull         BIGINT NOT NULL,   -- number of the pull request, 0: none
  pull_url     TEXT NOT NULL,
  title        TEXT NOT NULL,
  dockerfiles  BIGINT NOT NULL,   -- found
  files        BIGINT NOT NULL,   -- changed
  looked_at    BIGINT NOT NULL,
  due_at       BIGINT NOT NULL,   -- when to look again, 0: not by itself
  wakes        BIGINT NOT NULL,   -- how often somebody asked to look again
  recipe       TEXT NOT NULL,     -- hash of what the last look went by
  claim        TEXT NOT NULL,     -- under which somebody works on it, '': nobody does
  claimed_by   TEXT NOT NULL,
  claimed_until BIGINT NOT NULL,
  admitted_at  BIGINT NOT NULL,   -- when a pull request was let pass the caps
  changed_at   BIGINT NOT NULL,   -- when the state changed
  PRIMARY KEY (campaign, repository)
);
CREATE INDEX changeset_state ON changeset (campaign, state);
CREATE INDEX changeset_due ON changeset (due_at, campaign, repository);
CREATE INDEX changeset_claimed ON changeset (claimed_until);
CREATE INDEX changeset_repository ON changeset (repository);

-- The long texts of a changeset, apart so that lists stay light.
CREATE TABLE changeset_text (
  campaign   TEXT NOT NULL,
  repository TEXT NOT NULL,
  diff       TEXT NOT NULL,
  body       TEXT NOT NULL,  -- of the pull request, Markdown
  evidence   TEXT NOT NULL,  -- a JSON list of report.File, without their diffs
  PRIMARY KEY (campaign, repository)
);

-- How many Dockerfiles of a repository's base branch still need a fixer.
CREATE TABLE need (
  campaign    TEXT NOT NULL,
  repository  TEXT NOT NULL,
  fixer       TEXT NOT NULL,
  dockerfiles BIGINT NOT NULL,
  PRIMARY KEY (campaign, repository, fixer)
);

-- Every change of a state, for a burndown.
CREATE TABLE transition (
  id         {{id}},
  campaign   TEXT NOT NULL,
  repository TEXT NOT NULL,
  at         BIGINT NOT NULL,
  was        TEXT NOT NULL,  -- '' for a new changeset
  is_now     TEXT NOT NULL,
  need       BIGINT NOT NULL -- by how much the Dockerfiles that need something changed
);
CREATE INDEX transition_campaign ON transition (campaign, at);

-- Whom a limit has stopped, and until when.
CREATE TABLE identity (
  name          TEXT PRIMARY KEY,
  blocked_until BIGINT NOT NULL,
  reason        TEXT NOT NULL
);

-- Token buckets.
CREATE TABLE budget (
  identity   TEXT NOT NULL,
  bucket     TEXT NOT NULL,
  burst      DOUBLE PRECISION NOT NULL,
  per_second DOUBLE PRECISION NOT NULL,
  tokens     DOUBLE PRECISION NOT NULL,
  filled_at  BIGINT NOT NULL,
  PRIMARY KEY (identity, bucket)
);

CREATE TABLE audit (
  id         {{id}},
  at         BIGINT NOT NULL,
  who        TEXT NOT NULL,
  via        TEXT NOT NULL,
  identity   TEXT NOT NULL,
  campaign   TEXT NOT NULL,
  repository TEXT NOT NULL,
  action     TEXT NOT NULL,
  target     TEXT NOT NULL,
  request    TEXT NOT NULL,
  status     TEXT NOT NULL
);
CREATE INDEX audit_campaign ON audit (campaign, repository);

CREATE TABLE delivery (
  app         TEXT NOT NULL,
  guid        TEXT NOT NULL,
  event       TEXT NOT NULL,
  repository  TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (app, guid)
);

-- Rows to lock for what must be decided by one at a time.
CREATE TABLE turn (name TEXT PRIMARY KEY);
INSERT INTO turn (name) VALUES ('admit');
