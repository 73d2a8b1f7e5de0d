/** `gen3d admin`: what an operator does with a deployment in AWS. Loaded only when it is called. */
import { resolve } from 'node:path'
import type { Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { EXIT, type ExitCode, usageError } from '../errors.ts'
import { readLines } from '../prompt.ts'
import type { Terminal } from '../terminal.ts'
import { openPlace, PLACE_OPTIONS } from './deployed.ts'

type Verb = (args: Arguments, terminal: Terminal) => Promise<ExitCode>

const VERBS: Readonly<Record<string, Verb>> = {
  async doctor(args, terminal) {
    const [{ examine }, { createOperator }, { openOutside }] = await Promise.all([
      import('./doctor.ts'),
      import('@gen3d/aws/admin/operator'),
      import('./outside.ts'),
    ])
    const place = openPlace(args, terminal)
    const findings = await examine(
      createOperator(place.account, place.stage),
      await openOutside(place, args, terminal),
    )
    if (args.has('json')) terminal.out(JSON.stringify(findings))
    else {
      for (const { check, ok, text, todo } of findings) {
        terminal.out(`${ok ? 'ok   ' : 'WRONG'} ${check.padEnd(13)} ${text}`)
        if (todo) terminal.out(`      ${''.padEnd(13)} ${ok ? '' : '-> '}${todo}`)
      }
    }
    return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failure
  },

  async image(args, terminal) {
    const { buildImage } = await import('./image.ts')
    const image = await buildImage(openPlace(args, terminal), terminal)
    terminal.out(image)
    terminal.note('The next sls deploy starts the endpoint with it.')
    return EXIT.ok
  },

  async weights(args, terminal) {
    const [{ putWeights, fetchWeights }, { prepareWeights }, { describeWeights, readWeightsManifest }] =
      await Promise.all([
        import('./weights.ts'),
        import('./prepare-weights.ts'),
        import('./weights-manifest.ts'),
      ])
    const from = args.get('from')
    if (!from === !args.has('token-stdin'))
      throw usageError('Say from where: --from FOLDER, or --token-stdin.')
    const token = from ? '' : (await readLines(terminal))[0].trim()
    if (!from && !token)
      throw usageError('Standard input holds no token: make one at https://huggingface.co/settings/tokens.')
    const place = openPlace(args, terminal)
    for (const line of describeWeights(readWeightsManifest())) terminal.note(line)
    const id = from
      ? await putWeights(place, await prepareWeights(resolve(terminal.folder, from), terminal), terminal)
      : await fetchWeights(place, token, terminal)
    terminal.out(id)
    terminal.note('The next sls deploy uses them.')
    return EXIT.ok
  },

  async user(args, terminal) {
    const { ensureUser } = await import('./user.ts')
    const email = args.positionals[1]
    if (!email?.includes('@')) throw usageError('Name the address: gen3d admin user ADDRESS --stage dev.')
    const password = await ensureUser(openPlace(args, terminal), email, args.has('force'))
    terminal.out(args.has('json') ? JSON.stringify({ email, password }) : `${email}\n${password}`)
    return EXIT.ok
  },

  async remove(args, terminal) {
    const { removeDeployment } = await import('./remove.ts')
    await removeDeployment(openPlace(args, terminal), args.get('confirm'), terminal)
    return EXIT.ok
  },
}

export const admin: Command = {
  summary: 'Look after a deployment in AWS: doctor, image, weights, user, remove.',
  usage:
    'gen3d admin doctor|image|weights|user ADDRESS|remove --stage NAME [--region REGION] [--profile NAME]',
  options: {
    ...PLACE_OPTIONS,
    from: { value: 'FOLDER', help: 'weights: the published files, in sam3 and sam3d, or converted ones.' },
    'token-stdin': { help: 'weights: has AWS fetch them with the publisher’s token from standard input.' },
    force: { help: 'user: also in prod.' },
    confirm: { value: 'NAME', help: 'remove: the stage’s name again, instead of being asked for it.' },
    email: { value: 'ADDRESS', help: 'doctor: tries a job as this person.' },
    'password-stdin': { help: 'doctor: takes the password from standard input.' },
  },
  examples: [
    'gen3d admin doctor --stage prod --region us-east-1',
    'gen3d admin user me@example.org --stage dev',
    'gen3d admin weights --from ./weights --stage prod',
    'gen3d admin image --stage prod',
    'gen3d admin remove --stage dev',
  ],
  async run(args, terminal) {
    const [verb, ...rest] = args.positionals
    if (!verb || !Object.hasOwn(VERBS, verb))
      throw usageError(`Say what to do: ${Object.keys(VERBS).join(', ')}.`)
    if (rest.length > (verb === 'user' ? 1 : 0)) throw usageError(`"${rest.at(-1)}" is one word too many.`)
    return VERBS[verb](args, terminal)
  },
}
