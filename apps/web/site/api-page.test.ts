import { readFileSync } from 'node:fs'
import { toOpenApi } from '@gen3d/shared/openapi'
import { ROUTE_NAMES, ROUTES } from '@gen3d/shared/routes'
import { expect, it } from 'vitest'
import { type OpenApi, toApiPage } from './api-page.ts'
import { describeType, toRows } from './schema-rows.ts'

const api = toOpenApi() as OpenApi
const page = toApiPage(api, './assets/api.css')
const words = page.replaceAll('<wbr>', '')

it('says every route with its method, its summary and its name in the typed client', () => {
  for (const name of ROUTE_NAMES) {
    const { method, path, summary } = ROUTES[name]
    expect(words).toContain(`<section id="${name}">`)
    expect(words).toContain(`${method}</span> <code>${path}</code>`)
    expect(words).toContain(summary)
    expect(words).toContain(`client.${name}`)
  }
  expect(page.match(/class="tag"/g)).toHaveLength(Object.values(ROUTES).filter((r) => 'public' in r).length)
})

it('runs nothing, asks no stranger and has no style of its own inside', () => {
  expect(page).not.toMatch(/<script|\son\w+=|\sstyle=|<style/)
  expect(page.match(/(?:href|src)="([^"#][^"]*)"/g)?.filter((link) => !link.includes('"./'))).toEqual([])
  expect(page).toContain("default-src 'none'")
})

it('has one section an id, and every link inside leads to one', () => {
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1])
  expect(new Set(ids).size).toBe(ids.length)
  for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id)
})

it('says types in words, down to the fields of lists', () => {
  expect(describeType({ anyOf: [{ type: 'number' }, { type: 'null' }] })).toBe('number or null')
  expect(describeType({ type: 'array', items: { type: 'number' }, minItems: 3, maxItems: 3 })).toBe(
    '3 × number',
  )
  const rows = toRows({
    type: 'object',
    required: ['files'],
    properties: {
      files: {
        type: 'array',
        items: { type: 'object', properties: { url: { type: 'string', description: 'signed' } } },
      },
      days: { type: 'integer', minimum: 1, maximum: 30 },
    },
  })
  expect(rows).toEqual([
    { path: 'files', type: 'list of object', required: true, about: '' },
    { path: 'files[].url', type: 'string', required: false, about: 'signed' },
    { path: 'days', type: 'integer', required: false, about: '1 to 30' },
  ])
})

it('is made of the committed openapi.json, which is that of the contract', () => {
  const committed = new URL('../../../packages/shared/generated/openapi.json', import.meta.url)
  expect(toApiPage(JSON.parse(readFileSync(committed, 'utf8')), './assets/api.css')).toBe(page)
})
