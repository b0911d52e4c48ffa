#!/bin/sh
# make.sh INDEX OUT : small stand-ins for a Python and a Ruby package index:
# pure-Python packages of Debian as wheels, and the sources of this folder.
set -eu
index=$1 out=$2
mkdir -p /debs "$out/simple" "$out/gems/gems"
cd /debs
apt-get -o APT::Sandbox::User=root download -qq python3-flask python3-werkzeug python3-jinja2 python3-markupsafe \
  python3-click python3-itsdangerous gunicorn python3-gunicorn python3-setuptools-whl python3-wheel-whl python3-pip-whl
python3 "$index/deb2wheel.py" /debs "$out/simple"
for d in "$index"/python/*/; do
  n=$(basename "$d"); v=$(sed -n 's/.*version="\([^"]*\)".*/\1/p' "$d/setup.py")
  mkdir -p "$out/simple/$n"
  tar -C "$index/python" --transform "s#^$n#$n-$v#" -czf "$out/simple/$n/$n-$v.tar.gz" "$n"
done
for d in "$index"/ruby/*/; do
  (cd "$d" && gem build -q ./*.gemspec && mv ./*.gem "$out/gems/gems/")
done
cd "$out/gems" && gem generate_index --quiet
