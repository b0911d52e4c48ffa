#!/bin/sh
# relocate-python.sh OUT : Debian's python3.11 under OUT/usr/local, laid out as the official python image has it
set -eu
out=$1; l=$out/usr/local; mkdir -p /x /d "$l/bin" "$l/lib" "$l/include" "$out/etc" "$out/usr/share"
cd /d; apt-get -o APT::Sandbox::User=root download -qq python3.11 python3.11-minimal libpython3.11-stdlib libpython3.11-minimal libpython3.11 libpython3.11-dev \
  python3.11-venv python3-distutils python3-lib2to3 python3-pip-whl python3-setuptools-whl python3-wheel-whl
for f in *.deb; do dpkg -x "$f" /x; done
cp -a /x/usr/lib/python3.11 "$l/lib/"; rm -rf "$l"/lib/python3.11/config-3.11-*/*.a "$l/lib/python3.11/EXTERNALLY-MANAGED"
cp -a /x/usr/include/python3.11 "$l/include/"; cp /x/usr/include/x86_64-linux-gnu/python3.11/pyconfig.h "$l/include/python3.11/"
cp -a /x/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0 "$l/lib/"; ln -s libpython3.11.so.1.0 "$l/lib/libpython3.11.so.1"; ln -s libpython3.11.so.1.0 "$l/lib/libpython3.11.so"
cp /x/usr/bin/python3.11 "$l/bin/"; ln -s python3.11 "$l/bin/python3"; ln -s python3 "$l/bin/python"
cp -a /x/usr/share/python-wheels "$out/usr/share/"
p=$l/lib/python3.11; rm -f "$p/sitecustomize.py"
# the site module is frozen into the binary (editing site.py does nothing), so site-packages is added here
cat >"$p/sitecustomize.py" <<'PY'
import site, sys
if sys.prefix == sys.base_prefix and not sys.flags.no_site:
    _d = sys.prefix + "/lib/python%d.%d/site-packages" % sys.version_info[:2]
    site.addsitedir(_d)
    site.getsitepackages = lambda prefixes=None, _d=_d: [_d]
    del _d
PY
sed -i -e "s/'DEB_PYTHON_INSTALL_LAYOUT', 'posix_local'/'LAB_UNUSED', 'posix_prefix'/" \
  -e "s/prefix_scheme = 'posix_local'/prefix_scheme = 'posix_prefix'/" "$p/sysconfig.py"
sed -i -e "s#'/usr/include/python3.11'#'/usr/local/include/python3.11'#; s#'/usr/lib/python3.11/#'/usr/local/lib/python3.11/#; s#^ 'prefix': '/usr'# 'prefix': '/usr/local'#; s#^ 'LIBDIR': .*# 'LIBDIR': '/usr/local/lib',#" "$p"/_sysconfigdata__*.py
sed -i -e '/^    _ensurepip_is_disabled_in_debian_for_system()$/d' "$p/ensurepip/__init__.py"
sp=$p/site-packages; mkdir -p "$sp"; for w in pip setuptools wheel; do unzip -q -o "$out"/usr/share/python-wheels/$w-*.whl -d "$sp"; done
for n in pip pip3 pip3.11; do printf '#!/usr/local/bin/python3.11\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n' >"$l/bin/$n"; chmod 755 "$l/bin/$n"; done
