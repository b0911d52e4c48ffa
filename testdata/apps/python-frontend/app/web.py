from flask import Flask

app = Flask(__name__, static_folder="dist")


@app.get("/")
def index():
    return app.send_static_file("index.html")
