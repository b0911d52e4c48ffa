# caught: config the HEALTHCHECK is lost
FROM python:3.11
ENV NOTES_DATA=/var/lib/notes
RUN mkdir -p /var/lib/notes
WORKDIR /srv/notes
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "notes:app"]
