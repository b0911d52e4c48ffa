# caught: config the variable NOTES_DATA was "/var/lib/notes" and is "/tmp"
FROM python:3.11
ENV NOTES_DATA=/tmp
RUN mkdir -p /var/lib/notes
WORKDIR /srv/notes
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
EXPOSE 8000
HEALTHCHECK --interval=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/')"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "notes:app"]
