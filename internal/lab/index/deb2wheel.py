"""deb2wheel.py DEBS OUT: turns the .deb files of Python packages into pure wheels, as a folder that pip takes for an index.

Compiled modules are left out: what is packaged here has a fallback in Python.
"""
import base64, hashlib, io, re, subprocess, sys, tempfile, zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

debs, out = map(Path, sys.argv[1:3])


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def undebian(wheel):
    """Debian's setuptools asks its distutils for an option that only Debian's own Python has: those lines go."""
    if not wheel.name.startswith("setuptools"):
        return wheel.read_bytes()
    b = io.BytesIO()
    with zipfile.ZipFile(wheel) as i, zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as o:
        for n in i.namelist():
            d = i.read(n)
            if n.startswith("setuptools/command/install_"):
                d = re.sub(rb"^( +)self\.set_undefined_options\('install',\('(?:install_layout|prefix_option)'.*", rb"\1pass", d, flags=re.M)
            o.writestr(zipfile.ZipInfo(n, (2020, 1, 1, 0, 0, 0)), d)
    return b.getvalue()


def put(name, file, content):
    folder = out / normal(name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content)


def wheel(deb):
    with tempfile.TemporaryDirectory() as t:
        subprocess.run(["dpkg", "-x", str(deb), t], check=True)
        ready = list(Path(t, "usr/share/python-wheels").glob("*.whl"))  # python3-setuptools-whl and the like
        for w in ready:
            put(w.name.split("-")[0], w.name, undebian(w))
        root = Path(t, "usr/lib/python3/dist-packages")
        infos = [p for p in root.glob("*-info") if p.suffix in (".egg-info", ".dist-info")]
        if ready or not infos:
            return bool(ready)
        info = infos[0]
        about = PathDistribution(info)
        name, version = about.metadata["Name"], about.metadata["Version"]
        stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}"
        inside = stem + ".dist-info"
        files = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*")
                 if p.is_file() and info not in p.parents and p != info and p.suffix != ".so"}
        # dh_python3 strips the requirements and leaves them in the package's own Depends
        depends = subprocess.check_output(["dpkg-deb", "-f", str(deb), "Depends"], text=True)
        needs = [n for x in re.split(r"[,|]", depends)
                 if (n := x.split("(")[0].split(":")[0].strip().removeprefix("python3-")) in here and n != normal(name)]
        meta = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"] + [f"Requires-Dist: {r}" for r in dict.fromkeys(needs)]
        files[inside + "/METADATA"] = ("\n".join(meta) + "\n").encode()
        files[inside + "/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: deb2wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        if points := about.read_text("entry_points.txt"):
            files[inside + "/entry_points.txt"] = points.encode()
        record = "".join(f"{n},sha256={base64.urlsafe_b64encode(hashlib.sha256(b).digest()).rstrip(b'=').decode()},{len(b)}\n" for n, b in files.items())
        files[inside + "/RECORD"] = (record + f"{inside}/RECORD,,\n").encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
            for n, b in files.items():
                z.writestr(zipfile.ZipInfo(n, (2020, 1, 1, 0, 0, 0)), b)
        put(name, f"{stem}-py3-none-any.whl", packed.getvalue())
        return True


here = {f.name.split("_")[0].removeprefix("python3-") for f in debs.glob("*.deb")} - {"setuptools"}
for deb in sorted(debs.glob("*.deb")):
    wheel(deb) or print("skipped", deb.name)
