// What `tryit setup` makes: a network where nobody reaches anybody, two projects, the image of nested containers.

import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { NESTED_IMAGE, TRYIT, lxdSocket } from './environment';
import { Project } from './lxd';

const run = promisify(execFile);

/** What the network speaks. */
export type Families = 'both' | 'ipv4' | 'ipv6';

export class Prepared extends Project {
  private constructor(name: string, private readonly config: string, override readonly bridge: string) {
    super(name, `${name}-nested`);
  }

  static async prepare(families: Families): Promise<Prepared> {
    const id = crypto.randomUUID().slice(0, 8);
    const config = join(tmpdir(), `tryit-e2e-setup-${id}.toml`);
    const prepared = new Prepared(`e2e-${id}`, config, `e2e${id}`);
    await writeFile(
      config,
      `[lxd]\nsocket = ${JSON.stringify(lxdSocket())}\nproject = "${prepared.name}"\nnested_project = "${prepared.nested}"\n` +
        `[network]\nbridge = "${prepared.bridge}"\n[source.lxd]\nimage = "tryit-lxd"\nnesting = true\n`,
    );
    await run(TRYIT, ['setup', '--config', config, '--image', NESTED_IMAGE, '--pool-size', '6GiB', '--families', families]);
    return prepared;
  }

  override async delete(): Promise<void> {
    await run(TRYIT, ['setup', '--config', this.config, '--remove']);
    await rm(this.config);
  }
}
