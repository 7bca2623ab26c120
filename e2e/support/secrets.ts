// Tokens of sessions and operators are 32 random bytes in base64url, wherever they stand and whatever stands around them.

const TOKEN = /^.*(?<![\w-])(?:tryit_op_)?[\w-]{43}(?![\w-]).*$/m;

/** The first line with something in it that has the shape of a token. */
export function secretIn(log: string): string | undefined {
  return TOKEN.exec(log)?.[0];
}
