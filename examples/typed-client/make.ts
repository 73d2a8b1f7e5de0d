/**
 * A photo and a mask in, a mesh out: a program of another project, with Gen3D's typed client.
 *   node dist/make.js photo.jpg mask.png object.glb
 * GEN3D_PAGE: address of the deployment's page; GEN3D_EMAIL and GEN3D_PASSWORD: an account of it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { createAuth } from '@gen3d/client/auth'
import { type Client, createClient } from '@gen3d/client/client'
import { uploadPhoto } from '@gen3d/client/upload'
import { waitForJob } from '@gen3d/client/wait'

async function signIn(page: string, email: string, password: string): Promise<Client> {
  // The page's own config.json says where the API and the user pool are.
  const config = await (await fetch(new URL('config.json', page))).json()
  const endpoint = config.cognito_endpoint ?? `https://cognito-idp.${config.region}.amazonaws.com`
  const auth = createAuth({ endpoint, clientId: config.app_client_id })
  const answer = await auth.signIn(email, password)
  if (answer.kind !== 'tokens') throw new Error(`The account asks for ${answer.kind} first: use the page.`)
  let { tokens } = answer
  return createClient({
    apiUrl: config.api_url,
    idToken: async () => {
      // A minute before the end, so that no call starts with a token that ends on the way.
      if (tokens.expiresAt - 60_000 < Date.now()) tokens = await auth.refresh(tokens.refreshToken)
      return tokens.idToken
    },
  })
}

function need(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`Set ${name}.`)
  return value
}

const [photoPath, maskPath, outPath] = process.argv.slice(2)
if (!outPath) throw new Error('Usage: node dist/make.js photo.jpg mask.png object.glb')

const client = await signIn(need('GEN3D_PAGE'), need('GEN3D_EMAIL'), need('GEN3D_PASSWORD'))
const photo = await readFile(photoPath)
const { session_id, upload } = await client.createUpload({
  file_name: photoPath,
  content_type: 'image/jpeg',
  size_bytes: photo.length,
})
await uploadPhoto(upload, new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }))
await client.initialize({ session_id })

const { job_id } = await client.reconstruct({
  session_id,
  masks: [{ png_base64: (await readFile(maskPath)).toString('base64'), name: 'object' }],
  options: { quality: 'draft', formats: ['glb'] },
})
const job = await waitForJob(client, job_id, {
  onStatus: ({ state, progress }) => console.log(state, progress ?? ''),
})
if (!job.result || !('objects' in job.result)) throw new Error(job.error?.message ?? `It ended ${job.state}.`)

const file = job.result.objects[0].files.find(({ format }) => format === 'glb')
if (!file) throw new Error('The result has no GLB.')
const answer = await fetch(file.url)
if (!answer.ok) throw new Error(`The file answered ${answer.status}.`)
await writeFile(outPath, new Uint8Array(await answer.arrayBuffer()))
console.log(`${outPath}: ${file.size_bytes} bytes, ${file.unit}, ${file.frame}`)
