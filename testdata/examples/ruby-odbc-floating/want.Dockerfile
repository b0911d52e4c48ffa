FROM ruby:3.2 AS build

ENV DEBIAN_FRONTEND=noninteractive

RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential \
    libpq-dev \
    unixodbc-dev \
    libaio1

# SQL Server
RUN curl -sS https://packages.microsoft.com/keys/microsoft-2025.asc | gpg --dearmor -o /usr/share/keyrings/microsoft-prod.gpg && \
    echo "deb [arch=amd64,arm64,armhf signed-by=/usr/share/keyrings/microsoft-prod.gpg] https://packages.microsoft.com/debian/13/prod trixie main" > /etc/apt/sources.list.d/mssql-release.list && \
    apt-get update && ACCEPT_EULA=Y apt-get install -y --no-install-recommends msodbcsql17

# Oracle
RUN curl -sSo /tmp/instantclient.zip https://download.oracle.com/otn_software/linux/instantclient/2113000/instantclient-basiclite-linux.x64-21.13.0.0.0dbru.zip && \
    unzip -q /tmp/instantclient.zip -d /opt/oracle && \
    rm /tmp/instantclient.zip && \
    echo /opt/oracle/instantclient_21_13 > /etc/ld.so.conf.d/oracle-instantclient.conf && \
    ldconfig

WORKDIR /app

COPY Gemfile Gemfile.lock ./
RUN bundle install

FROM ruby:3.2-slim
ENV DEBIAN_FRONTEND=noninteractive

RUN apt-get update && \
    apt-get install -y --no-install-recommends libaio1 libodbc2 libodbccr2 libodbcinst2 libpq5 unixodbc && \
    rm -rf /var/lib/apt/lists/*

COPY --from=build /usr/share/keyrings/microsoft-prod.gpg /usr/share/keyrings/
COPY --from=build /etc/apt/sources.list.d/mssql-release.list /etc/apt/sources.list.d/
RUN apt-get update && \
    ACCEPT_EULA=Y apt-get install -y --no-install-recommends msodbcsql17 && \
    rm -rf /var/lib/apt/lists/*

COPY --from=build /opt/oracle /opt/oracle
RUN echo /opt/oracle/instantclient_21_13 > /etc/ld.so.conf.d/oracle-instantclient.conf && ldconfig

WORKDIR /app
RUN ln -s libaio.so.1t64 /usr/lib/x86_64-linux-gnu/libaio.so.1
COPY --from=build /usr/local/bundle /usr/local/bundle

COPY . .

RUN groupadd -g 1001 app && useradd -u 1001 -g app -m app
USER 1001
EXPOSE 9292
CMD ["bundle", "exec", "puma", "--port", "9292"]
