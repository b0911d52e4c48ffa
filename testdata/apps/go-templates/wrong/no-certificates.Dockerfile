# caught: certificates the certificates of the authorities are missing
# caught: files /src/templates/index.html is lost
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /usr/local/bin/server ./cmd/server

FROM scratch
WORKDIR /src
COPY --from=build /usr/local/bin/server /usr/local/bin/server
ENV PATH=/usr/local/bin
ENV PORT=8080
EXPOSE 8080
CMD ["server"]
