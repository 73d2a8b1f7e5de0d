/** The API page: one static HTML file made of openapi.json at build time. No script, no stranger, nothing to load but its style. */
import { type Row, type Schema, toRows } from './schema-rows.ts'

interface Content {
  readonly content?: { readonly 'application/json'?: { readonly schema: Schema } }
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security?: readonly unknown[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>
}

export interface OpenApi {
  readonly openapi: string
  readonly info: { readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>
  }
}

/** Nothing runs on this page, and it asks for its style and its icon only. */
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const text = (value: string) => value.replace(/[&<>"]/g, (sign) => ESCAPES[sign])
/** A path may break after each of its parts. */
const path = (value: string) => text(value).replaceAll(/([/.\]])(?=.)/g, '$1<wbr>')

function table(rows: readonly Row[], caption: string): string {
  const body = rows.map(
    ({ path: name, type, required, about }) =>
      `<tr><th scope="row"><code>${path(name)}</code>${required ? '' : ' <small>optional</small>'}</th>` +
      `<td>${text(type)}${about === '' ? '' : `<small>${text(about)}</small>`}</td></tr>`,
  )
  return `<table><caption>${text(caption)}</caption><tbody>${body.join('')}</tbody></table>`
}

/** Body and answer start closed where they are long: a page is read by its routes. */
const OPEN_UP_TO = 8

function fold(summary: string, rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const open = rows.length <= OPEN_UP_TO ? ' open' : ''
  return `<details${open}><summary>${text(summary)}</summary>${table(rows, summary)}</details>`
}

const schemaOf = (content: Content | undefined) => content?.content?.['application/json']?.schema

/** How a shell asks for it; `$API` and `$ID_TOKEN` are explained at the top. */
function example(method: string, route: string, operation: Operation): string {
  const lines = [`curl -X ${method.toUpperCase()} "$API${route}"`]
  if (operation.security?.length !== 0) lines.push('-H "Authorization: Bearer $ID_TOKEN"')
  if (operation.requestBody) lines.push("-H 'Content-Type: application/json'", '-d @body.json')
  return lines.join(' \\\n  ')
}

function section(route: string, method: string, operation: Operation): string {
  const parameters = operation.parameters.map(({ name, in: place, required, schema }) => ({
    ...{ path: name, type: schema.type ?? '', required: required ?? false, about: `in the ${place}` },
  }))
  const body = schemaOf(operation.requestBody)
  const [status, answer] = Object.entries(operation.responses)[0]
  const answered = schemaOf(answer)
  const open = operation.security?.length === 0
  return `<section id="${operation.operationId}">
<h2><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span> <code>${path(route)}</code></a></h2>
<p>${text(operation.summary)}${open ? ' <small class="tag">no sign-in</small>' : ''}</p>
<p class="hint">In the typed client: <code>client.${operation.operationId}</code></p>
${parameters.length > 0 ? table(parameters, 'Parameters') : ''}
${body ? fold('Body', toRows(body)) : ''}
${answered ? fold(`Answer ${status}`, toRows(answered)) : ''}
<pre tabindex="0"><code>${text(example(method, route, operation))}</code></pre>
</section>`
}

/** `styles`: the address of the page's style, from the page. */
export function toApiPage(api: OpenApi, styles: string): string {
  const operations = Object.entries(api.paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route, method, operation })),
  )
  const links = operations.map(
    ({ route, method, operation }) =>
      `<li><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span> ${path(route)}</a></li>`,
  )
  const errors = api.components.schemas.ErrorResponse
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${POLICY}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta name="referrer" content="no-referrer" />
<meta name="description" content="Every route of Gen3D’s API: what it takes, what it answers." />
<title>API · Gen3D</title>
<link rel="icon" href="./icon.svg" type="image/svg+xml" />
<link rel="stylesheet" href="${styles}" />
</head>
<body class="api">
<header><a href="./">Gen3D</a></header>
<nav aria-label="Routes"><ul>${links.join('')}<li><a href="#errors">Errors</a></li></ul></nav>
<main>
<h1>The API</h1>
<p>${text(api.info.description)} Version ${text(api.info.version)}, OpenAPI ${text(api.openapi)}; this page is made of <a href="./openapi.json">openapi.json</a>.</p>
<p><code>$API</code> is <code>api_url</code> of this deployment’s <a href="./config.json">config.json</a>. <code>$ID_TOKEN</code>: ${text(api.components.securitySchemes.idToken.description)} It comes from the user pool named there, by USER_PASSWORD_AUTH for <code>app_client_id</code>. Bodies and answers are JSON; instants are RFC 3339 in UTC.</p>
${operations.map(({ route, method, operation }) => section(route, method, operation)).join('\n')}
<section id="errors">
<h2>Errors</h2>
<p>Every error answers with this body. Its message is a sentence for the person; the code is for programs. A 429 says when to try again (<code>retry_at</code>, and the header <code>Retry-After</code>).</p>
${table(toRows(errors), 'Body of an error')}
</section>
</main>
</body>
</html>
`
}
