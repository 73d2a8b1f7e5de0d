// Preloaded into commands that ask for AWS's own host names (the site, the API, the user pool): on this machine they lead
// where GEN3D_HOSTS says, a JSON of origin to origin. It stands for DNS; the command is the unchanged one.
const hosts = JSON.parse(process.env.GEN3D_HOSTS ?? '{}')
const { fetch } = globalThis

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  const origin = hosts[url.origin]
  if (!origin) return fetch(input, init)
  const place = `${origin}${url.pathname}${url.search}`
  return fetch(input instanceof Request ? new Request(place, input) : place, init)
}
