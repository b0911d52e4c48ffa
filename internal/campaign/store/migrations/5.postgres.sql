-- What forges answered, so that asking again is free. It holds no credentials, and
-- may be emptied at any time.
CREATE TABLE answer (
  forge   TEXT NOT NULL,
  key     TEXT NOT NULL,
  value   BYTEA NOT NULL,  -- gzip
  bytes   BIGINT NOT NULL, -- of value and key
  used_at BIGINT NOT NULL,
  PRIMARY KEY (forge, key)
);
CREATE INDEX answer_used ON answer (used_at, bytes);
