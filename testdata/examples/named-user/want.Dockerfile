FROM ubuntu:20.04

# The inventory runs as a user of its own.
RUN groupadd -g 1001 inventory && useradd -u 1001 -g inventory -m inventory

WORKDIR /app
COPY . /app
RUN chown -R inventory /app

USER 1001
CMD ["bash", "report.sh"]
