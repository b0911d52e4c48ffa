#!/bin/sh
# Builds a real Gitea into the folder $1, for the tests: the program, and the
# templates and locales that it reads. It needs Go's module proxy, and takes minutes.
set -eu
version=v1.26.0
mkdir -p "$1"
[ ! -e "$1/$version/gitea" ] || exit 0
dir=$(cd / && GOFLAGS=-mod=mod go mod download -json "code.gitea.io/gitea@$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
rm -rf "$1/$version.part"
cp -r "$dir" "$1/$version.part"
chmod -R u+w "$1/$version.part"
(cd "$1/$version.part" && go build -tags "sqlite sqlite_unlock_notify" -o gitea .)
mv "$1/$version.part" "$1/$version"
