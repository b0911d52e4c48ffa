"""Keeps notes in a file, and counts its starts."""
import configparser
import os
import pathlib

from flask import Flask

settings = configparser.ConfigParser()
settings.read_file(open("settings.ini"))
data = pathlib.Path(os.environ["NOTES_DATA"])
starts = data / "starts"
starts.write_text(str(int(starts.read_text()) + 1 if starts.exists() else 1))

app = Flask(__name__)


@app.get("/")
def index():
    return settings["notes"]["title"] + ", start " + starts.read_text()
