-- What a delivery asks for, until it was done. done_at is 0 until then, and tries
-- counts attempts; the others keep off it until taken_until.
ALTER TABLE delivery ADD COLUMN payload TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN done_at BIGINT NOT NULL DEFAULT 1;
ALTER TABLE delivery ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN taken_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX delivery_pending ON delivery (done_at, received_at);

-- What somebody asked for in a comment, until it was done: a Wish, '' if nothing.
ALTER TABLE changeset ADD COLUMN wish TEXT NOT NULL DEFAULT '';
