// Writes the locks of the GPU container anew from requirements/*.in: newest versions that fit, with hashes.
import { spawnSync } from 'node:child_process'
import { CONTAINER, containerTool, setUpContainerTools } from './container-tools.ts'

/** Loaded only on a GPU: what the tests do without, 1.2 GB. */
const FOR_A_GPU = ['triton', 'nvidia-cuda-nvrtc-cu12', 'nvidia-cusolver-cu12', 'nvidia-nvtx-cu12']
/** The image takes them from their vendors, with the CUDA that fits. */
const FROM_VENDORS = [
  ...[
    'torch',
    'torchvision',
    'triton',
    'nvidia-cublas-cu12',
    'nvidia-cuda-cupti-cu12',
    'nvidia-cuda-nvrtc-cu12',
  ],
  ...['nvidia-cuda-runtime-cu12', 'nvidia-cudnn-cu12', 'nvidia-cufft-cu12', 'nvidia-curand-cu12'],
  ...[
    'nvidia-cusolver-cu12',
    'nvidia-cusparse-cu12',
    'nvidia-nccl-cu12',
    'nvidia-nvjitlink-cu12',
    'nvidia-nvtx-cu12',
  ],
]

setUpContainerTools()
lock('sam3', [])
lock('test', FOR_A_GPU, ['--constraint', 'requirements/sam3.lock'])
lock('sam3d', FROM_VENDORS)

function lock(name: string, leftOut: readonly string[], more: readonly string[] = []): void {
  const args = [
    ...['pip', 'compile', '--quiet', '--generate-hashes', '--no-header', '--no-annotate', '--upgrade'],
    ...['--python-version', '3.11', '--python-platform', 'x86_64-unknown-linux-gnu', ...more],
    ...leftOut.flatMap((each) => ['--no-emit-package', each]),
    ...[`requirements/${name}.in`, '--output-file', `requirements/${name}.lock`],
  ]
  const { status } = spawnSync(containerTool('uv'), args, { cwd: CONTAINER, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
