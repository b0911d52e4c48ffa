import configparser
import os
import sys

from flask import Flask

words = configparser.ConfigParser()
app = Flask(__name__)


@app.route("/")
def hello():
    return words["words"]["hello"]


def main():
    with open(os.path.join(sys.prefix, "share/greet/words.ini")) as f:
        words.read_file(f)
    app.run(host="0.0.0.0", port=5050)
