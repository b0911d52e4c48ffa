-- Who started or ended the campaign last: what workers write is done for them.
ALTER TABLE campaign ADD COLUMN who TEXT NOT NULL DEFAULT '';
