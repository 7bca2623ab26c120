// What a page costs on the wire: the bodies of all answers, compressed as they come.

import type { Page } from '@playwright/test';

export class Traffic {
  private bytes = 0;
  private atPost?: number;

  private constructor() {}

  /** Counts from now on, from a cold cache. */
  static async of(page: Page): Promise<Traffic> {
    const traffic = new Traffic();
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    await network.send('Network.clearBrowserCache');
    network.on('Network.dataReceived', ({ encodedDataLength }) => (traffic.bytes += encodedDataLength));
    network.on('Network.webSocketFrameReceived', ({ response }) => (traffic.bytes += response.payloadData.length));
    network.on('Network.requestWillBeSent', ({ request }) => {
      if (request.method === 'POST') traffic.atPost ??= traffic.bytes;
    });
    return traffic;
  }

  /** KiB so far. */
  get kib(): number {
    return this.bytes / 1024;
  }

  /** KiB until the first POST. */
  get kibUntilPost(): number {
    if (this.atPost === undefined) throw new Error('the page sent no POST');
    return this.atPost / 1024;
  }
}
