"""Answers with the state of the three databases behind the stock service."""

import os

import flask
import oracledb
import psycopg2
import pyodbc

app = flask.Flask(__name__)


def connections():
    yield "stock", lambda: psycopg2.connect(os.environ["STOCK_DSN"])
    yield "ledger", lambda: pyodbc.connect(os.environ["LEDGER_DSN"])
    yield "orders", lambda: oracledb.connect(os.environ["ORDERS_DSN"])


@app.get("/health")
def health():
    oracledb.init_oracle_client()
    state = {}
    for name, connect in connections():
        connect().close()
        state[name] = "up"
    return state
