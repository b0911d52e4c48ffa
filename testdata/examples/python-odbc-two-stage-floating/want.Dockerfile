# Build
FROM python:3.10-slim AS build

ENV DEBIAN_FRONTEND=noninteractive

# Compilers and headers
RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential \
    libpq-dev \
    unixodbc-dev \
    libaio1 \
    curl \
    gnupg \
    unzip \
    && apt-get clean && rm -rf /var/lib/apt/lists/*

# SQL Server
RUN curl https://packages.microsoft.com/keys/microsoft-2025.asc | gpg --dearmor -o /usr/share/keyrings/microsoft-prod.gpg && \
    echo "deb [arch=amd64,arm64,armhf signed-by=/usr/share/keyrings/microsoft-prod.gpg] https://packages.microsoft.com/debian/13/prod trixie main" > /etc/apt/sources.list.d/mssql-release.list && \
    apt-get update && ACCEPT_EULA=Y apt-get install -y --no-install-recommends msodbcsql17

# Oracle
RUN curl -o instantclient.zip https://download.oracle.com/otn_software/linux/instantclient/2113000/instantclient-basiclite-linux.x64-21.13.0.0.0dbru.zip && \
    unzip instantclient.zip -d /opt/oracle && \
    rm instantclient.zip && \
    echo "/opt/oracle/instantclient_21_13" > /etc/ld.so.conf.d/oracle-instantclient.conf && ldconfig

WORKDIR /app

# Dependencies
COPY requirements.txt /app/
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
RUN pip install --no-cache-dir -r requirements.txt

# The application
COPY . /app/

# Run
FROM python:3.10-slim

# Libraries
RUN apt-get update && apt-get install -y --no-install-recommends \
    libpq5 \
    unixodbc \
    libaio1 && \
    rm -rf /var/lib/apt/lists/*

# Oracle
COPY --from=build /opt/oracle /opt/oracle
RUN ln -s libaio.so.1t64 /usr/lib/x86_64-linux-gnu/libaio.so.1
RUN echo "/opt/oracle/instantclient_21_13" > /etc/ld.so.conf.d/oracle-instantclient.conf && ldconfig

# SQL Server
COPY --from=build /usr/share/keyrings/microsoft-prod.gpg /usr/share/keyrings/
COPY --from=build /etc/apt/sources.list.d/mssql-release.list /etc/apt/sources.list.d/
RUN apt-get update && \
    ACCEPT_EULA=Y apt-get install -y --no-install-recommends msodbcsql17 && \
    rm -rf /var/lib/apt/lists/*

# The application with its dependencies
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY --from=build /app /app

RUN groupadd -g 1001 app && useradd -u 1001 -g app -m app
USER 1001
EXPOSE 8080
CMD ["gunicorn", "--bind", "0.0.0.0:8080", "app:app"]
