# caught: writes the command writes /var/lib/notes/starts at start, and user 1001 cannot
# caught: start exits with
FROM python:3.11
ENV NOTES_DATA=/var/lib/notes
RUN mkdir -p /var/lib/notes
WORKDIR /srv/notes
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN groupadd -g 1001 app && useradd -u 1001 -g app -m app
USER 1001
EXPOSE 8000
HEALTHCHECK --interval=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/')"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "notes:app"]
