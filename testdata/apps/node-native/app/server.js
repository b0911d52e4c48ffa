const http = require('http')
const Libpq = require('libpq')

const client = new Libpq()
http.createServer((_, res) => {
  client.connect('host=/nowhere', (err) => res.end('libpq says: ' + String(err).split('\n')[0] + '\n'))
}).listen(3000)
