import { readFileSync } from 'node:fs'
import fastify from 'fastify'
import mustache from 'mustache'

const page = readFileSync('views/index.mustache', 'utf8')
const app = fastify()
app.get('/', async () => mustache.render(page, { name: 'mustache' }))
app.listen({ port: 3000, host: '0.0.0.0' })
