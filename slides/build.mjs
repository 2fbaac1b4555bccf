// Builds mpworkshop.html, mpworkshop.pdf, handout-a4.pdf and handout-letter.pdf from deck.md and handout.html.
// build.mjs [FOLDER]: into that folder, not beside the sources. Needs Debian's chromium, and no network.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import { browser } from './browser.mjs';
import { deck, expand, sourcesHash } from './deck.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = resolve(process.argv[2] ?? here);
const work = mkdtempSync(join(tmpdir(), 'mpworkshop-slides-'));
const sources = `sources-${sourcesHash()}`;

try {
  const header = `---\nmarp: true\ntheme: mpworkshop\npaginate: true\nmath: mathjax\nlang: en\n` +
    `title: "mpworkshop: parallel programming, one exercise at a time"\nauthor: the mpworkshop authors\n` +
    `keywords: ${sources}\nfooter: ${expand('mpworkshop {{version}}')}\n---\n\n`;
  const markdown = join(work, 'deck.md');
  writeFileSync(markdown, header + deck());
  const marp = (...words) =>
    execFileSync(process.execPath, [join(here, 'node_modules/@marp-team/marp-cli/marp-cli.js'), markdown,
      '--config-file', join(here, 'marp.config.cjs'), '--theme-set', join(here, 'theme.css'), ...words],
    { cwd: work, stdio: ['ignore', 'inherit', 'pipe'] });
  const page = join(out, 'mpworkshop.html');
  marp('--output', page);
  writeFileSync(page, readFileSync(page, 'utf8').replace('<head>', `<head><meta name="keywords" content="${sources}">`));
  marp('--pdf', '--pdf-outlines', '--pdf-outlines.pages=false', '--output', join(out, 'mpworkshop.pdf'));
  await handout();
} catch (error) {
  if (error.stderr) process.stderr.write(error.stderr);
  else console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true });
}

async function handout() {
  const markup = new MarkdownIt({ html: true });
  const html = expand(readFileSync(join(here, 'handout.html'), 'utf8'))
    .replace(/<markdown>([^]*?)<\/markdown>/g, (_, text) => markup.render(text))
    .replace('{{sources}}', sources);
  const chromium = await browser();
  try {
    const page = await chromium.newPage();
    await page.setContent(html);
    for (const format of ['a4', 'letter'])
      await page.pdf({ path: join(out, `handout-${format}.pdf`), format, tagged: true, outline: true, printBackground: true });
  } finally {
    await chromium.close();
  }
}
