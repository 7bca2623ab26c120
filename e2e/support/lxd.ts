// LXD asked directly: a project for each service, so that no test meets the containers of another one.

import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { PATIENCE_MS, lxdSocket } from './environment';

/** An LXD project with the images and profiles of the default one. */
export class Project {
  /** The network that `tryit setup` made, where it did. */
  readonly bridge?: string;

  protected constructor(readonly name: string, readonly nested = name) {}

  static async create(): Promise<Project> {
    const name = `e2e-${crypto.randomUUID().slice(0, 8)}`;
    const config = { 'features.images': 'false', 'features.profiles': 'false' };
    await ask('POST', '/1.0/projects', { name, config });
    return new Project(name);
  }

  /** The names of its containers. */
  async instances(): Promise<string[]> {
    const urls = await ask<string[]>('GET', `/1.0/instances?project=${this.name}`);
    return urls.map((url) => new URL(url, 'http://lxd').pathname.split('/').at(-1)!);
  }

  /** Deletes it with everything in it. */
  async delete(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let refusals: PromiseRejectedResult[];
    do {
      // What the service began before it ended may still be under way, and then LXD refuses.
      const deleted = await Promise.allSettled((await this.instances()).map((name) => this.deleteInstance(name)));
      refusals = deleted.filter((one) => one.status === 'rejected');
      await sleep(refusals.length && 200);
    } while (refusals.length && Date.now() < deadline);
    if (refusals[0]) throw refusals[0].reason;
    await ask('DELETE', `/1.0/projects/${this.name}`);
  }

  private async deleteInstance(name: string): Promise<void> {
    const path = `/1.0/instances/${name}`;
    const project = `?project=${this.name}`;
    const { status } = await ask<{ status: string }>('GET', `${path}/state${project}`);
    if (status !== 'Stopped') {
      await ask('PUT', `${path}/state${project}`, { action: 'stop', force: true, timeout: 30 });
    }
    await ask('DELETE', path + project);
  }
}

interface Answer {
  type: 'sync' | 'async' | 'error';
  error: string;
  operation: string;
  metadata: unknown;
}

/** Any request; answers its `metadata`. Operations are awaited. */
async function ask<T = unknown>(method: string, path: string, body?: object): Promise<T> {
  let answer = await send(method, path, body);
  if (answer.type === 'async') {
    answer = await send('GET', `${answer.operation.split('?')[0]}/wait`);
    const { status, err } = answer.metadata as { status: string; err: string };
    if (status !== 'Success') throw new Error(`LXD: ${method} ${path}: ${err}`);
  }
  if (answer.type === 'error') throw new Error(`LXD: ${method} ${path}: ${answer.error}`);
  return answer.metadata as T;
}

function send(method: string, path: string, body?: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ socketPath: lxdSocket(), method, path, headers: { host: 'lxd' } }, async (response) => {
    try {
      resolve(JSON.parse((await response.toArray()).join('')) as Answer);
    } catch (error) {
      reject(error as Error);
    }
  });
  sent.on('error', reject);
  sent.end(body && JSON.stringify(body));
  return promise;
}
