// Says how long a day is.
const http = require("http");
const ms = require("ms");

http.createServer((req, res) => res.end(`${ms("1 day")} ms, as ${process.getuid()}\n`)).listen(3000);
process.on("SIGTERM", () => process.exit(0));
