import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { BodyTooLarge, readBody, sendJson, serveLoopback } from './server.ts'

it('answers on 127.0.0.1, turns a thrown error into a bare 500 and stops', async () => {
  const errors: unknown[] = []
  const server = await serveLoopback({
    name: 'test',
    port: 0,
    onError: (error) => errors.push(error),
    handle: (request, response) => {
      if (request.url === '/broken') throw new Error('secret')
      sendJson(response, 200, { ok: true })
    },
  })
  expect(await (await fetch(server.endpoint)).json()).toEqual({ ok: true })
  const broken = await fetch(`${server.endpoint}/broken`)
  expect([broken.status, await broken.text()]).toEqual([500, 'Internal error.\n'])
  expect(errors).toHaveLength(1)
  await server.stop()
  await expect(fetch(server.endpoint)).rejects.toThrow()
})

it('says that a port is taken', async () => {
  const server = await serveLoopback({
    name: 'first',
    port: 0,
    handle: () => {},
  })
  await expect(serveLoopback({ name: 'second', port: server.port, handle: () => {} })).rejects.toThrow(
    `second cannot listen on 127.0.0.1:${server.port}: the port is taken; choose another.`,
  )
  await server.stop()
})

it('refuses a host name that only resolves to this machine', async () => {
  const server = await serveLoopback({
    name: 'test',
    port: 0,
    handle: (_, response) => void response.end('in'),
  })
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    )
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('end', () => resolve(text))
  })
  expect(answer).toMatch(/^HTTP\/1.1 421/)
  await server.stop()
})

it('answers a request whose body is too long', async () => {
  const server = await serveLoopback({
    name: 'test',
    port: 0,
    handle: async (request, response) => {
      try {
        sendJson(response, 200, (await readBody(request, 10)).length)
      } catch (error) {
        sendJson(response, error instanceof BodyTooLarge ? 413 : 500, String(error))
      }
    },
  })
  const post = (body: string) => fetch(server.endpoint, { method: 'POST', body })
  expect(await (await post('0123456789')).json()).toBe(10)
  expect((await post('x'.repeat(1_000_000))).status).toBe(413)
  await server.stop()
})
