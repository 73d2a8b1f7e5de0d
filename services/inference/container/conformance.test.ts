/** The container's own server and SAM 3 worker with tiny random weights; a fake stands where the GPU would work. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { engineFacts } from '@gen3d/shared/engines'
import { behindEndpoint } from '../conformance/endpoint.contract.ts'
import { asProcess } from '../conformance/process.contract.ts'
import { describeEngine } from '../conformance/suite.contract.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const python = process.env.GEN3D_CONTAINER_PYTHON
if (!python) throw new Error('GEN3D_CONTAINER_PYTHON names no Python. Run: pnpm test:container')

const folder = mkdtempSync(join(tmpdir(), 'gen3d-tiny-'))
execFileSync(python, [here('./tests/make_tiny_weights.py'), folder], {
  stdio: ['ignore', 'ignore', 'inherit'],
})

const env = {
  // One thread: the machine's cores are shared by both processes of the suite.
  OMP_NUM_THREADS: '1',
  PYTHONWARNINGS: 'ignore',
  // Kept, or torch is parsed anew by each process; but not in the source, which is the image’s.
  PYTHONPYCACHEPREFIX: process.env.PYTHONPYCACHEPREFIX ?? join(folder, 'pycache'),
}
const start = { command: [python, here('./tests/fake_gpu/serve_with_fake_gpu.py'), folder] as const, env }
const { formats, textPrompts } = engineFacts('sam3d')
const target = { ...start, engineName: 'tiny-sam3', formats, textPrompts, faulty: start }

describeEngine('the container’s process with a tiny random SAM 3 and a fake GPU worker', target, asProcess)
describeEngine('the same behind the local endpoint', target, behindEndpoint)
