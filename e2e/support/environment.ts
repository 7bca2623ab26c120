// Where things are, and how long they may take.

import { join, resolve } from 'node:path';

/** How long anything that a test waits for may take on a busy machine, in milliseconds. */
export const PATIENCE_MS = 45_000;

const root = resolve(import.meta.dirname, '../..');

/** The tutorials that ship. */
export const TUTORIALS = join(root, 'tutorials');

/** The program under test. */
export const TRYIT = process.env.TRYIT_TEST_BINARY ?? join(root, 'target/debug/tryit');

/** The image of containers with containers inside. */
export const NESTED_IMAGE = join(root, 'target/images/lxd.tar.gz');

/** What the tests leave behind: logs, screenshots, traces of failures. */
export const RESULTS = resolve(import.meta.dirname, '../results');

/** The socket of an LXD of the tests' own. Without one there is nothing to test against, and that is a failure. */
export function lxdSocket(): string {
  const socket = process.env.TRYIT_TEST_LXD_SOCKET;
  if (!socket) throw new Error('TRYIT_TEST_LXD_SOCKET names no LXD: see e2e/run.');
  return socket;
}
