"""Says hello, and that the client library of PostgreSQL loads."""

import flask
import psycopg2

app = flask.Flask(__name__)


@app.get("/")
def hello():
    return {"hello": "world", "libpq": psycopg2.extensions.libpq_version()}
