import os

import psycopg2.extensions
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return {"uid": os.getuid(), "libpq": psycopg2.extensions.libpq_version()}
