const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** One XML element: text is escaped, an array holds elements that are already made. */
export function element(name: string, content: string | readonly string[], namespace?: string): string {
  const inner = typeof content === 'string' ? escapeXml(content) : content.join('')
  return `<${name}${namespace ? ` xmlns="${namespace}"` : ''}>${inner}</${name}>`
}

/** A whole answer of S3: declaration, root element in S3's namespace. */
export function s3Document(root: string, children: readonly string[]): string {
  return XML_DECLARATION + element(root, children, 'http://s3.amazonaws.com/doc/2006-03-01/')
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/**
 * The contents of every element of that name in a document whose elements of one name never nest, which is all that
 * S3 accepts as a request (`DeleteObjects`, `CompleteMultipartUpload`).
 */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map((m) => m[1])
}

/** The unescaped text of the first element of that name, if there is one. */
export function textOf(xml: string, name: string): string | undefined {
  const [raw] = elementsOf(xml, name)
  return raw === undefined ? undefined : unescapeXml(raw)
}

// Control characters cannot stand in XML 1.0, except as references that S3 sends as well.
function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (name.startsWith('#x') || name.startsWith('#X'))
      return String.fromCodePoint(Number.parseInt(name.slice(2), 16))
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)))
    return ENTITIES[name] ?? whole
  })
}
