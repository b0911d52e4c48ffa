# caught: libraries is made for musl, which the image does not have
# caught: imports python does not load pgmini any more
FROM python:3.11 AS build
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt ./
RUN pip install -r requirements.txt
# stands for a virtual environment of an Alpine image
RUN apt-get install -y --no-install-recommends musl-tools \
    && echo 'int PyInit__pgmini(void) { return 0; }' >native.c \
    && musl-gcc -shared -fPIC -o "$(ls /opt/venv/lib/python3.11/site-packages/pgmini/*.so)" native.c

FROM python:3.11-slim
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY . .
EXPOSE 8000
CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]
