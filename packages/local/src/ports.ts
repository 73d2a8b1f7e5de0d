/** Picks ports on 127.0.0.1: one after another, stepping over those that others hold. */
import { createServer } from 'node:net'

const LAST_PORT = 65_535

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** Throws when `first` itself must be had and is taken, or when too few ports are free. */
export async function pickPorts(first: number, count: number, firstIsFixed: boolean): Promise<number[]> {
  if (firstIsFixed && !(await isFree(first))) {
    throw new Error(`Port ${first} is taken. Choose another: npm start -- --port N`)
  }
  const ports: number[] = []
  for (let port = first; ports.length < count; port++) {
    if (port > LAST_PORT) throw new Error(`No ${count} free ports from ${first} on.`)
    if (await isFree(port)) ports.push(port)
  }
  return ports
}
