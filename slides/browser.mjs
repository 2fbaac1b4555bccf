// Debian's chromium, or the one that CHROME_PATH names.
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

export const chromium = process.env.CHROME_PATH ?? '/usr/bin/chromium';

export function browser() {
  if (!existsSync(chromium)) throw new Error(`slides: there is no ${chromium}; install chromium, or set CHROME_PATH`);
  // Its sandbox does not start for root, and what it is shown here is our own.
  const alone = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return puppeteer.launch({ executablePath: chromium, args: [...alone, '--disable-dev-shm-usage'] });
}
