# caught: libraries is made for glibc, which the image does not have: /lib64/ld-linux-x86-64.so.2 is missing
FROM golang:1.26-bookworm AS build
RUN apt-get update && apt-get install -y libsqlite3-dev
WORKDIR /app
COPY go.mod ./
RUN go mod download
COPY . .
RUN go build -o app .

FROM scratch
WORKDIR /app
COPY --from=build /app/app .
USER 1001
CMD ["./app"]
