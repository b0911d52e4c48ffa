import importlib, json, re, sys
from importlib import metadata


def modules():
    """The top modules of what was installed by name: pip and uv leave REQUESTED (PEP 376) in those."""
    names = []
    for dist in metadata.distributions():
        name = (dist.metadata["Name"] or "").lower()
        if dist.read_text("REQUESTED") is None or name in ("pip", "setuptools", "wheel"):
            continue
        tops = (dist.read_text("top_level.txt") or "").split()
        for f in [] if tops else dist.files or []:
            parts = f.parts
            if len(parts) == 2 and parts[1] == "__init__.py" or len(parts) == 1 and f.suffix == ".py":
                tops.append(parts[0].removesuffix(".py"))
        names += [t for t in tops if re.fullmatch(r"[A-Za-z]\w*", t) and t not in ("test", "tests", "docs", "examples")]
    return sorted(set(names))


names = sys.argv[1:]
del sys.argv[1:]  # a module that is a command reads its arguments when it is loaded
result = {}
for name in names or modules():
    try:
        importlib.import_module(name)
        result[name] = ""
    except BaseException as e:
        result[name] = "%s: %s" % (type(e).__name__, e)
print("\n" + json.dumps(result))
