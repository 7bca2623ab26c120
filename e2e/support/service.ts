// The real service: a process of its own, with a port, a directory and an LXD project of its own.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { type Options, toml } from './config';
import { PATIENCE_MS, RESULTS, TRYIT, lxdSocket } from './environment';
import { Project } from './lxd';
import { Prepared } from './prepared';
import { secretIn } from './secrets';

/** What a visitor left, as an operator reads it. */
export interface FeedbackItem {
  rating: number;
  message?: string;
  email?: string;
  email_consent: boolean;
  tutorial?: string;
}

/** What a service says of itself. */
type State = 'open' | 'full' | 'maintenance' | 'unavailable';

/** The environment without what would change the configuration. The log says all it can: no secret may be in it. */
const ENVIRONMENT = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRYIT_'))),
  TRYIT_LOG__LEVEL: 'debug',
};

export class Service {
  private process?: ChildProcess;

  private constructor(
    private readonly directory: string,
    readonly port: number,
    readonly project: Project,
    private readonly token: string,
  ) {}

  /** Starts one and waits until its state is `state`. */
  static async start(options: Options = {}, state: State = 'open'): Promise<Service> {
    const directory = await mkdtemp(join(tmpdir(), 'tryit-e2e-'));
    const project = options.link ? await Prepared.prepare(options.link) : await Project.create();
    const port = await freePort();
    const printed = await promisify(execFile)(TRYIT, ['token', 'create', '--name', 'e2e', '--scope', 'feedback:read', '--scope', 'maintenance:write']);
    const [token, ...operator] = printed.stdout.split('\n');
    await writeFile(join(directory, 'tryit.toml'), toml(options, port, lxdSocket(), project, operator.join('\n')));
    const service = new Service(directory, port, project, token!);
    await service.run(state);
    return service;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private get logName(): string {
    return `results/${basename(this.log)}`;
  }

  private get log(): string {
    return join(RESULTS, `service-${this.port}.log`);
  }

  /** Starts the process, on the port and the database that it had before. */
  async run(state: State = 'open'): Promise<void> {
    mkdirSync(RESULTS, { recursive: true });
    const log = openSync(this.log, 'a');
    this.process = spawn(TRYIT, ['serve', '--config', join(this.directory, 'tryit.toml')], {
      stdio: ['ignore', log, log],
      env: ENVIRONMENT,
    });
    const deadline = Date.now() + PATIENCE_MS;
    // There is nothing to wait on but the answer itself.
    while ((await this.state()) !== state) {
      if (this.process.exitCode !== null) throw new Error(`tryit ended: see ${this.logName}`);
      if (Date.now() > deadline) throw new Error(`tryit is not ${state}: see ${this.logName}`);
      await sleep(50);
    }
  }

  /** Ends the process without a warning. */
  async crash(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asks the process to end; answers its exit code. */
  async terminate(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Ends it and deletes everything that it made. A service that doesn't end by itself is a failure. */
  async stop(): Promise<void> {
    const code = this.process ? await this.terminate() : 0;
    await this.project.delete();
    await rm(this.directory, { recursive: true });
    if (code !== 0) throw new Error(`tryit ended with ${code}: see ${this.logName}`);
    const secret = secretIn(await readFile(this.log, 'utf8'));
    if (secret) throw new Error(`a token in the log, see ${this.logName}: ${secret}`);
  }

  /** The answer to an operator who asks for the feedback. */
  async askFeedback(token: string): Promise<Response> {
    return fetch(`${this.origin}/api/v1/operator/feedback`, { headers: { authorization: `Bearer ${token}` } });
  }

  /** The feedback, as the operator reads it. */
  async feedback(): Promise<FeedbackItem[]> {
    const answer = await this.askFeedback(this.token);
    if (!answer.ok) throw new Error(`the operator was answered ${answer.status}`);
    return ((await answer.json()) as { items: FeedbackItem[] }).items;
  }

  /** Closes the service to starts, or opens it again. */
  async maintain(on: boolean): Promise<void> {
    const answer = await fetch(`${this.origin}/api/v1/operator/maintenance`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ on }),
    });
    if (!answer.ok) throw new Error(`the operator was answered ${answer.status}`);
  }

  private async state(): Promise<string | undefined> {
    try {
      const answer = await fetch(`${this.origin}/api/v1/status`);
      return ((await answer.json()) as { state: string }).state;
    } catch {
      return undefined;
    }
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const process = this.process!;
    this.process = undefined;
    if (process.exitCode === null) {
      const ended = once(process, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) });
      process.kill(signal);
      await ended.catch(() => process.kill('SIGKILL'));
    }
    return process.exitCode;
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
