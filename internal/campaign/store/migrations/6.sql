CREATE TABLE ended_session (
	id       TEXT PRIMARY KEY,
	until_at BIGINT NOT NULL
);
