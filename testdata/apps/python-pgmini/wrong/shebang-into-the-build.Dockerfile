# caught: scripts /opt/venv/bin/gunicorn is run by /build/venv/bin/python
# caught: start not started
FROM python:3.11 AS build
WORKDIR /build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev
RUN python -m venv /build/venv
COPY requirements.txt ./
RUN /build/venv/bin/pip install -r requirements.txt

FROM python:3.11-slim
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
COPY --from=build /build/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY . .
EXPOSE 8000
CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]
