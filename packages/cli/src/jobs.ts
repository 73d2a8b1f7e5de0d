import { randomUUID } from 'node:crypto'
import { type Options, onePositional } from './arguments.ts'
import type { Command } from './command.ts'
import { connect } from './connection.ts'
import { DEPLOYMENT_OPTIONS } from './deployment.ts'
import { downloadFiles } from './download-files.ts'
import { EXIT, usageError } from './errors.ts'
import { followJob, toReconstructResult } from './follow-job.ts'
import { OUTPUT_OPTION } from './make.ts'
import { planEverything, planOutputs, toOutput } from './outputs.ts'
import { describeJob, reportJob, reportMade } from './report.ts'

const WAIT_OPTION = {
  wait: { help: 'Waits for its end; exit code 4 when it fails.' },
} as const satisfies Options

export const status: Command = {
  summary: 'Show a job: its state, its progress, its files.',
  usage: 'gen3d status JOB [--wait]',
  options: { ...WAIT_OPTION, ...DEPLOYMENT_OPTIONS },
  examples: ['gen3d status JOB', 'gen3d status JOB --wait && gen3d download JOB', 'gen3d status JOB --json'],
  async run(args, terminal) {
    const jobId = onePositional(args, 'JOB')
    const client = await connect(args, terminal)
    const job = args.has('wait')
      ? await followJob(client, jobId, terminal)
      : (await client.readStatus(jobId, { signal: terminal.signal })).status
    terminal.out(args.has('json') ? JSON.stringify(job) : describeJob(job))
    return EXIT.ok
  },
}

export const download: Command = {
  summary: 'Download the files of a finished job.',
  usage: 'gen3d download JOB [-o FILE … | --into FOLDER]',
  options: {
    output: OUTPUT_OPTION,
    into: { value: 'FOLDER', help: 'Takes every file, named after its object (default: this folder).' },
    ...DEPLOYMENT_OPTIONS,
  },
  examples: ['gen3d download JOB -o chair.glb -o chair.ply', 'gen3d download JOB --into chair'],
  async run(args, terminal) {
    const jobId = onePositional(args, 'JOB')
    const outputs = args.getAll('output').map(toOutput)
    if (outputs.length > 0 && args.has('into')) throw usageError('Give either -o or --into.')
    const client = await connect(args, terminal)
    const { status: job } = await client.readStatus(jobId, { signal: terminal.signal })
    const result = toReconstructResult(job)
    const plan =
      outputs.length > 0 ? planOutputs(outputs, result) : planEverything(args.get('into') ?? '.', result)
    await downloadFiles(plan, terminal)
    reportMade(job, plan, args, terminal)
    return EXIT.ok
  },
}

export const cancel: Command = {
  summary: 'Stop a job that has not ended.',
  usage: 'gen3d cancel JOB',
  options: DEPLOYMENT_OPTIONS,
  examples: ['gen3d cancel JOB'],
  async run(args, terminal) {
    const jobId = onePositional(args, 'JOB')
    const client = await connect(args, terminal)
    const job = await client.cancelJob(jobId, { signal: terminal.signal })
    terminal.out(args.has('json') ? JSON.stringify(job) : describeJob(job))
    return EXIT.ok
  },
}

export const retry: Command = {
  summary: 'Make a new job like one that failed, expired or was cancelled.',
  usage: 'gen3d retry JOB [--wait]',
  options: { ...WAIT_OPTION, ...DEPLOYMENT_OPTIONS },
  examples: ['gen3d retry JOB', 'gen3d retry JOB --wait --json'],
  async run(args, terminal) {
    const jobId = onePositional(args, 'JOB')
    const client = await connect(args, terminal)
    const job = await client.retryJob(jobId, { signal: terminal.signal, idempotencyKey: randomUUID() })
    if (!args.has('wait')) {
      reportJob(job, args, terminal)
      return EXIT.ok
    }
    const ended = await followJob(client, job.job_id, terminal)
    terminal.out(args.has('json') ? JSON.stringify(ended) : describeJob(ended))
    return EXIT.ok
  },
}
