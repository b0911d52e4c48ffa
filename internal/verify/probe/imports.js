const fs = require("fs"), path = require("path");
let names = process.argv.slice(1);
process.argv.length = 1; // a module that is a command reads its arguments when it is loaded
if (!names.length) {
  try { names = Object.keys(JSON.parse(fs.readFileSync("package.json", "utf8")).dependencies || {}); } catch {}
}
const result = {};
(async () => {
  for (const name of names) {
    try {
      require(require.resolve(name, { paths: [process.cwd()] }));
      result[name] = "";
    } catch (e) {
      result[name] = String(e && e.message || e).split("\n")[0];
      if (e && (e.code === "ERR_REQUIRE_ESM" || e.code === "ERR_PACKAGE_PATH_NOT_EXPORTED")) {
        const dir = path.join(process.cwd(), "node_modules", name);
        if (fs.existsSync(dir)) result[name] = "";
      }
    }
  }
  process.stdout.write("\n" + JSON.stringify(result) + "\n", () => process.exit(0));
})();
