// The configuration of a service under test.

import { TUTORIALS } from './environment';

/** What a test wants to be different. */
export interface Options {
  /** The tutorial behind `/`. */
  tutorial?: string;
  /** Keys of `[session]`. */
  session?: Partial<Record<'per_address' | 'per_network' | 'per_hour' | 'max', number>>;
  /** Origins that may show `/e/…` in a frame. */
  frameAncestors?: string[];
  /** A command of every container that keeps its start waiting until it succeeds. */
  ready?: string[];
  /** Containers of each source that wait for visitors; none unless a test is about them. */
  pool?: number;
  /** LXD's socket, where it is another one. */
  socket?: string;
}

/** Limits that several tests at once can't meet. */
const ROOMY = { per_address: 100, per_network: 100, per_hour: 1000, max: 100 };

/** The text of a `tryit.toml`. `operator` are the lines that `tryit token create` printed. */
export function toml(options: Options, port: number, socket: string, project: string, operator: string): string {
  const session = Object.entries({ ...ROOMY, ...options.session }).map(([key, value]) => `${key} = ${value}`);
  // A JSON string or list of strings is one of TOML too.
  const ready = options.ready ? `ready = ${JSON.stringify(options.ready)}` : '';
  return `
listen = "127.0.0.1:${port}"
database = "tryit.db"
frame_ancestors = ${JSON.stringify(options.frameAncestors ?? ["'self'"])}
[server]
workers = 2
[lxd]
socket = ${JSON.stringify(options.socket ?? socket)}
project = "${project}"
[source.shell]
image = "tryit-shell"
image_ids = ["shell"]
${ready}
[source.lxd]
image = "tryit-lxd"
image_ids = ["lxd"]
nesting = true
ready = ["lxd-ready"]
[pool]
size = ${options.pool ?? 0}
[session]
${session.join('\n')}
[tutorials]
directory = ${JSON.stringify(TUTORIALS)}
default = "${options.tutorial ?? 'tour'}"
${operator}`;
}
