// The configuration of a service under test.

import { TUTORIALS } from './environment';
import type { Project } from './lxd';
import type { Families } from './prepared';

/** What a test wants to be different. */
export interface Options {
  /** The tutorial behind `/`. */
  tutorial?: string;
  /** Keys of `[session]`. */
  session?: Partial<Record<'per_address' | 'per_network' | 'per_hour' | 'max' | 'extensions', number>> & { duration?: string };
  /** Keys of `[queue]`. */
  queue?: Partial<Record<'max' | 'claim_seconds', number>>;
  /** Origins that may show `/e/…` in a frame. */
  frameAncestors?: string[];
  /** A command of every container that keeps its start waiting until it succeeds. */
  ready?: string[];
  /** Containers of each source that wait for visitors; none unless a test is about them. */
  pool?: number;
  /** Lets visitors link sessions, on a network that speaks this. */
  link?: Families;
  /** LXD's socket, where it is another one. */
  socket?: string;
}

/** Limits that several tests at once can't meet. */
const ROOMY = { per_address: 100, per_network: 100, per_hour: 1000, max: 100 };

/** The text of a `tryit.toml`. `operator` are the lines that `tryit token create` printed. */
export function toml(options: Options, port: number, socket: string, project: Project, operator: string): string {
  // A JSON number, string or list of strings is one of TOML too.
  const table = (keys: object) => Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const session = table({ ...ROOMY, ...options.session, ...(options.link && { link: true }) });
  const queue = table(options.queue ?? {});
  const ready = options.ready ? `ready = ${JSON.stringify(options.ready)}` : '';
  return `
listen = "127.0.0.1:${port}"
database = "tryit.db"
frame_ancestors = ${JSON.stringify(options.frameAncestors ?? ["'self'"])}
[server]
workers = 2
[lxd]
socket = ${JSON.stringify(options.socket ?? socket)}
project = "${project.name}"
nested_project = "${project.nested}"
${project.bridge ? `[network]\nbridge = "${project.bridge}"` : ''}
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
[queue]
${queue.join('\n')}
[tutorials]
directory = ${JSON.stringify(TUTORIALS)}
default = "${options.tutorial ?? 'tour'}"
${operator}`;
}
