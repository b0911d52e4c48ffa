const express = require('express')

const app = express()
app.get('/', (_, res) => res.send('hello from express\n'))
app.listen(3000)
