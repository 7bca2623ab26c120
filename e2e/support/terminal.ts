// The terminal as a visitor sees it: the rows of its screen.

import { type FrameLocator, type Locator, type Page, expect } from '@playwright/test';

/** What the prompt of root looks like, as the last thing on the screen. */
const PROMPT = /#$/;

export class Terminal {
  private readonly group: Locator;

  constructor(root: Page | FrameLocator, number = 1) {
    // On a phone it may be behind the guide, and is there nevertheless.
    this.group = root.getByRole('group', { name: new RegExp(`^Terminal ${number}\\b`), includeHidden: true });
  }

  /** Where keys go. */
  get input(): Locator {
    return this.group.getByRole('textbox', { includeHidden: true });
  }

  /** The screen's lines, without the empty ones at its end. */
  async text(): Promise<string> {
    const rows = await this.group.locator('.xterm-rows > div').allTextContents();
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n').trimEnd();
  }

  /** Waits until the screen shows something. Anchors match at lines with the flag `m`. */
  async shows(what: RegExp): Promise<void> {
    await expect.poll(() => this.text(), { message: `the terminal shows ${what}` }).toMatch(what);
  }

  /** Waits until the shell waits for a command. */
  async isReady(): Promise<void> {
    await this.shows(PROMPT);
  }

  /** Types a command and waits for what it prints; answers what `pattern` captures. */
  async ask(command: string, pattern: RegExp): Promise<string> {
    await this.input.focus();
    await this.input.pressSequentially(`${command}\n`);
    await this.shows(pattern);
    await this.isReady();
    return (await this.text()).match(pattern)?.[1] ?? '';
  }
}
