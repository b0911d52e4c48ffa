import os

import pgmini
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return {"uid": os.getuid(), "libpq": pgmini.libpq_version()}
