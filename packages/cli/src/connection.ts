import { AuthError, createAuth, type Tokens } from '@gen3d/client/auth'
import { type Client, createClient } from '@gen3d/client/client'
import type { Arguments } from './arguments.ts'
import { type Deployment, findDeployment } from './deployment.ts'
import { CliError, EXIT } from './errors.ts'
import { loadAccounts } from './saved-accounts.ts'
import type { Terminal } from './terminal.ts'

/** A token is renewed when it has less than this to live. */
const MARGIN_MS = 60_000

/** A client of the deployment that the options name, signed in; throws CliError with exit code 3 when that fails. */
export async function connect(args: Arguments, terminal: Terminal): Promise<Client> {
  const deployment = await findDeployment(args, terminal)
  let tokens: Tokens | null = null
  return createClient({
    apiUrl: deployment.apiUrl,
    async idToken() {
      if (!tokens || tokens.expiresAt - MARGIN_MS < Date.now())
        tokens = await freshTokens(deployment, terminal)
      return tokens.idToken
    },
  })
}

async function freshTokens(deployment: Deployment, terminal: Terminal): Promise<Tokens> {
  const auth = createAuth({ endpoint: deployment.cognitoEndpoint, clientId: deployment.clientId })
  const { deployments } = await loadAccounts(terminal.env)
  const saved = deployments[deployment.apiUrl]
  try {
    if (saved) return await auth.refresh(saved.refresh_token)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
  }
  if (deployment.account) {
    const answer = await auth.signIn(deployment.account.email, deployment.account.password)
    if (answer.kind === 'tokens') return answer.tokens
  }
  throw new CliError(
    `${saved ? 'Your sign-in has ended' : 'You are not signed in'}. Run gen3d login --api ${deployment.apiUrl}.`,
    EXIT.notSignedIn,
  )
}
