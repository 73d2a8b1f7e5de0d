import { randomInt } from 'node:crypto'
import { isCallError } from '@gen3d/aws/admin/account'
import { CliError } from '../errors.ts'
import { outputsOf, type Place } from './deployed.ts'

const LETTERS = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#%+:=?@']
const LENGTH = 20

/** A password that the user pool's policy takes: 20 characters, each kind at least once. */
export function makePassword(pick: (below: number) => number = randomInt): string {
  const one = (alphabet: string) => alphabet[pick(alphabet.length)]
  const all = LETTERS.join('')
  const picked = [...LETTERS.map(one), ...Array.from({ length: LENGTH - LETTERS.length }, () => one(all))]
  for (let i = picked.length - 1; i > 0; i--) {
    const j = pick(i + 1)
    ;[picked[i], picked[j]] = [picked[j], picked[i]]
  }
  return picked.join('')
}

/** Makes a confirmed user with a generated password, or gives the one there is a new password. No mail goes out. */
export async function ensureUser(place: Place, email: string, force: boolean): Promise<string> {
  if (place.stage === 'prod' && !force)
    throw new CliError(
      'In prod people get their own invitation. To make a test user there all the same, add --force.',
    )
  const { UserPoolId } = await outputsOf(place, 'foundation')
  const call = (operation: string, input: object) =>
    place.account.json('cognito', `AWSCognitoIdentityProviderService.${operation}`, {
      UserPoolId,
      Username: email,
      ...input,
    })
  try {
    await call('AdminCreateUser', {
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
      ],
    })
  } catch (error) {
    if (!isCallError(error, 'UsernameExistsException')) throw error
  }
  const password = makePassword()
  await call('AdminSetUserPassword', { Password: password, Permanent: true })
  return password
}
