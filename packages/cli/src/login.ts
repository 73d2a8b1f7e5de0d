import { type Auth, AuthError, createAuth, type SignIn, type Tokens } from '@gen3d/client/auth'
import { type Arguments, noPositionals } from './arguments.ts'
import type { Command } from './command.ts'
import { DEPLOYMENT_OPTIONS, type Deployment, findDeployment, toAddress } from './deployment.ts'
import { CliError, EXIT } from './errors.ts'
import { ask, readLines } from './prompt.ts'
import { loadAccounts, saveAccounts } from './saved-accounts.ts'
import type { Terminal } from './terminal.ts'

export const login: Command = {
  summary: 'Sign in to a deployment and stay signed in.',
  usage: 'gen3d login [--api URL] [--email ADDRESS]',
  options: {
    ...DEPLOYMENT_OPTIONS,
    email: { value: 'ADDRESS', help: 'Your address (asked for when left out).' },
    'password-stdin': {
      help: 'Takes the password from standard input; a second line is the new password of a first sign-in.',
    },
    code: { value: 'DIGITS', help: 'The code of your authenticator, where the account asks for one.' },
    'client-id': {
      value: 'ID',
      help: 'The user pool’s app client, only where --api is the API’s own address.',
    },
  },
  examples: [
    'gen3d login --api https://gen3d.example.org',
    'gen3d login --api https://gen3d.example.org --email me@example.org --password-stdin < password.txt',
    'gen3d login   (with npm start running: its ready-made account)',
  ],
  async run(args, terminal) {
    noPositionals(args)
    const deployment = await findDeployment(args, terminal)
    const { email, tokens } = await signIn(args, deployment, terminal)
    const accounts = await loadAccounts(terminal.env)
    const address = args.get('api')
    const site = address === undefined ? null : toAddress(address)
    accounts.deployments[deployment.apiUrl] = {
      site_url: site === deployment.apiUrl ? null : site,
      cognito_endpoint: deployment.cognitoEndpoint,
      app_client_id: deployment.clientId,
      email,
      refresh_token: tokens.refreshToken,
    }
    await saveAccounts(terminal.env, { ...accounts, current: deployment.apiUrl }, terminal.signal)
    terminal.out(
      args.has('json')
        ? JSON.stringify({ api_url: deployment.apiUrl, email })
        : `Signed in to ${deployment.apiUrl} as ${email}.`,
    )
    return EXIT.ok
  },
}

export const logout: Command = {
  summary: 'Sign out here; the saved token is worth nothing afterwards.',
  usage: 'gen3d logout [--api URL]',
  options: DEPLOYMENT_OPTIONS,
  examples: ['gen3d logout'],
  async run(args, terminal) {
    noPositionals(args)
    const deployment = await findDeployment(args, terminal)
    const accounts = await loadAccounts(terminal.env)
    const { [deployment.apiUrl]: saved, ...others } = accounts.deployments
    if (!saved) throw new CliError(`You are not signed in to ${deployment.apiUrl}.`, EXIT.notSignedIn)
    const current = accounts.current === deployment.apiUrl ? null : accounts.current
    await saveAccounts(terminal.env, { version: 1, current, deployments: others }, terminal.signal)
    try {
      await createAuth({ endpoint: deployment.cognitoEndpoint, clientId: deployment.clientId }).signOut(
        saved.refresh_token,
      )
    } catch (error) {
      // An expired token is gone already; anything else leaves a token that still works elsewhere.
      if (!(error instanceof AuthError)) throw error
    }
    terminal.out(
      args.has('json')
        ? JSON.stringify({ api_url: deployment.apiUrl })
        : `Signed out of ${deployment.apiUrl}.`,
    )
    return EXIT.ok
  },
}

async function signIn(
  args: Arguments,
  deployment: Deployment,
  terminal: Terminal,
): Promise<{ email: string; tokens: Tokens }> {
  const auth = createAuth({ endpoint: deployment.cognitoEndpoint, clientId: deployment.clientId })
  const piped = args.has('password-stdin') ? await readLines(terminal) : null
  const readyMade = args.get('email') === undefined && !piped ? deployment.account : undefined
  const email =
    readyMade?.email ??
    args.get('email') ??
    (await ask(terminal, 'E-mail: ', { instead: 'Give your address with --email.' }))
  const password =
    readyMade?.password ??
    piped?.[0] ??
    (await ask(terminal, 'Password: ', {
      hidden: true,
      instead: 'Give the password with --password-stdin.',
    }))
  const answer = await auth.signIn(email, password)
  return { email, tokens: await answerChallenges(answer, { auth, email, args, terminal, piped }) }
}

async function answerChallenges(
  answer: SignIn,
  call: { auth: Auth; email: string; args: Arguments; terminal: Terminal; piped: string[] | null },
): Promise<Tokens> {
  const { auth, email, args, terminal, piped } = call
  if (answer.kind === 'tokens') return answer.tokens
  if (answer.kind === 'new_password') {
    const password =
      piped?.[1] ??
      (await ask(terminal, 'First sign-in. Choose a new password: ', {
        hidden: true,
        instead: 'This first sign-in needs a new password: give it as the second line of standard input.',
      }))
    return answerChallenges(await auth.answerNewPassword(email, answer.session, password), call)
  }
  const code =
    args.get('code') ??
    (await ask(terminal, 'Code of your authenticator: ', { instead: 'Give the code with --code.' }))
  return answerChallenges(await auth.answerTotp(email, answer.session, code), call)
}
