// Expands deck.md: a line {{code FILE | BEGINNING | ...}} becomes the declarations of that file that begin so,
// {{script FILE}} the whole of a script, {{screen RUN FIRST..LAST}} lines of a recorded run (negative: from its end),
// {{figure NAME}} a drawing, and {{number NAME}}, anywhere, a recorded number.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { charts } from './charts.mjs';
import { numbers, screen } from './data.mjs';

const here = (path) => new URL(path, import.meta.url);
const read = (path) => readFileSync(here(path), 'utf8');

/** The declaration in `file` whose first line begins with `beginning`, up to its last brace or semicolon. */
export function region(file, beginning) {
  const lines = read(`../${file}`).split('\n');
  const first = lines.findIndex((line, i) => `${line} ${lines[i + 1]?.trim()}`.startsWith(beginning));
  if (first < 0) throw new Error(`slides: nothing in ${file} begins with "${beginning}"`);
  let depth = 0;
  for (let last = first; last < lines.length; ++last) {
    const code = lines[last].replace(/\/\/.*|"(\\.|[^"])*"/g, '');
    for (const c of code) depth += '{('.includes(c) ? 1 : '})'.includes(c) ? -1 : 0;
    if (depth === 0 && /[;}]\s*$/.test(code)) return lines.slice(first, last + 1).join('\n');
  }
  throw new Error(`slides: "${beginning}" in ${file} does not end`);
}

function code(file, beginnings) {
  const language = file.endsWith('.py') ? 'python' : 'cpp';
  return ['```' + language, beginnings.map((each) => region(file, each)).join('\n\n'), '```'].join('\n');
}

export const script = (file) => read(`../${file}`).trimEnd();

function lines(run, range) {
  const all = screen(run);
  const place = (word) => (word < 0 ? all.length + Number(word) : Number(word));
  const [first, last] = range ? range.split('..') : [0, all.length - 1];
  const shown = all.slice(place(first), place(last) + 1);
  if (shown.length === 0) throw new Error(`slides: {{screen ${run} ${range}}} has no line`);
  return ['```text', ...shown, '```'].join('\n');
}

function figure(name) {
  const path = here(`diagrams/${name}.svg`);
  const svg = existsSync(path) ? readFileSync(path, 'utf8') : charts[name]?.();
  if (!svg) throw new Error(`slides: there is no diagrams/${name}.svg, and charts.mjs does not draw ${name}`);
  const title = /<title>(.*?)<\/title>/s.exec(svg)?.[1];
  if (!title) throw new Error(`slides: the figure ${name} has no <title> to be read aloud`);
  const labelled = svg.replace(/<svg/, `<svg role="img" aria-label="${title.replace(/"/g, '&quot;')}"`);
  return `<figure>\n${labelled.replace(/\n\s*\n/g, '\n').trim()}\n</figure>`;
}

export function expand(text) {
  return text
    .replace(/^\{\{code (.*?)\}\}$/gm, (_, words) => {
      const [file, ...beginnings] = words.split(' | ');
      return code(file.trim(), beginnings);
    })
    .replace(/^\{\{script (\S+)\}\}$/gm, (_, file) => ['```sh', script(file), '```'].join('\n'))
    .replace(/^\{\{screen (\S+)(?: (\S+))?\}\}$/gm, (_, run, range) => lines(run, range))
    .replace(/^\{\{figure (\S+)\}\}$/gm, (_, name) => figure(name))
    .replace(/\{\{number (\S+)\}\}/g, (_, name) => {
      if (!numbers[name]) throw new Error(`slides: data.mjs has no number ${name}`);
      return numbers[name]();
    });
}

/** The deck as Marp's Markdown. */
export const deck = () => expand(read('deck.md'));

/** A part of README.md, between its heading and the next of the same rank. */
export function readme(heading) {
  const rank = /^#+/.exec(heading)[0];
  const text = read('../README.md');
  const begin = text.indexOf(`\n${heading}\n`);
  if (begin < 0) throw new Error(`slides: README.md has no heading "${heading}"`);
  const rest = text.slice(begin + heading.length + 2);
  const end = rest.search(new RegExp(`^${rank} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** What the committed files were built from. */
export function sourcesHash() {
  const hash = createHash('sha256');
  for (const part of [deck(), expand(read('handout.html')), readme('## Python and mp, side by side'),
    ...['theme.css', 'build.mjs', 'marp.config.cjs', 'package-lock.json'].map(read)])
    hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 32);
}
