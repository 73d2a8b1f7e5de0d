import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { AwsError } from '../aws-error.ts'

// About 30 ms and 16 MiB a guess (N = 2^14, r = 8): Node's defaults, stated because stored hashes depend on them.
const cost: ScryptOptions = { N: 16_384, r: 8, p: 1 }
const hashBytes = 32

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** Hashes a password with a salt of its own: `SALT:KEY`, both base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `${salt.toString('base64')}:${(await derive(password, salt)).toString('base64')}`
}

// Compared with where there is no account, so that the answer takes as long as with one.
const nobodysHash = hashPassword(randomBytes(16).toString('hex'))

/** Says whether the password belongs to the hash; takes the same time without a hash. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [salt, key] = (hash ?? (await nobodysHash)).split(':').map((part) => Buffer.from(part, 'base64'))
  return timingSafeEqual(await derive(password, salt), key) && hash !== undefined
}

// Cognito's own list of symbols; a space inside counts too.
const symbols = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/

/** Throws Cognito's `InvalidPasswordException` for the first rule that the password breaks (8+, a, A, 1, !). */
export function checkPasswordPolicy(password: string): void {
  const rules: [boolean, string][] = [
    [password.length >= 8, 'Password not long enough'],
    [/[a-z]/.test(password), 'Password must have lowercase characters'],
    [/[A-Z]/.test(password), 'Password must have uppercase characters'],
    [/[0-9]/.test(password), 'Password must have numeric characters'],
    [symbols.test(password.trim()), 'Password must have symbol characters'],
  ]
  const broken = rules.find(([holds]) => !holds)
  if (broken) {
    throw new AwsError('InvalidPasswordException', `Password did not conform with policy: ${broken[1]}`)
  }
}

/** Makes a temporary password that the policy takes and that can be typed from a mail. */
export function makeTemporaryPassword(): string {
  const alphabets = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#%*+-=?']
  const pick = (alphabet: string) => alphabet[randomInt(alphabet.length)]
  const letters = [...alphabets, ...Array.from({ length: 8 }, () => alphabets[randomInt(3)])].map(pick)
  for (let at = letters.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1)
    ;[letters[at], letters[other]] = [letters[other], letters[at]]
  }
  return letters.join('')
}
