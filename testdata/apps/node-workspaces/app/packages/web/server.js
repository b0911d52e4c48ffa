// Says how long two days are.
const http = require("http");
const { long } = require("@days/days");

http.createServer((req, res) => res.end(`${long(2)} ms\n`)).listen(3000);
process.on("SIGTERM", () => process.exit(0));
