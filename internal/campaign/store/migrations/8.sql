-- What the owner and the repository have configured, and which files could not be
-- read: a line each.
ALTER TABLE changeset ADD COLUMN settings TEXT NOT NULL DEFAULT '';
ALTER TABLE changeset ADD COLUMN unread TEXT NOT NULL DEFAULT '';

-- The number of the newest comment below the pull request that was seen; below 0 it is
-- not known which were heeded before.
ALTER TABLE changeset ADD COLUMN heard BIGINT NOT NULL DEFAULT 0;
UPDATE changeset SET heard = -1 WHERE pull > 0;
