// Expands deck.md and handout.html. On a line of its own:
//   {{code FILE | BEGINNING | ...}}     the declarations or statements of that file that begin so
//   {{both STEM | BEGINNING | ... || BEGINNING | ...}}   those of STEM.py, then those of STEM.cpp
//   {{script FILE}}                     a whole script
//   {{screen RUN | BEGINNING .. BEGINNING}}   a recorded run from the line that begins so to the one that begins so
//   {{figure NAME}}                     a drawing
//   {{words TERM | TERM}}, {{words}}    definitions of the glossary, or all of them
//   {{table FILE}}, {{list FILE}}       the first table or list of a Markdown file; `FILE 2` its second
//   {{rows FILE | CODE | CODE}}         a table of the rows of FILE that begin with that code
// and anywhere {{number NAME}}, a recorded number, and {{version}}. What is not found fails the build.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { charts } from './charts.mjs';
import { numbers, screen } from './data.mjs';

const here = (path) => new URL(path, import.meta.url);
const read = (path) => readFileSync(here(path), 'utf8');
const indent = (line) => line.length - line.trimStart().length;

/** The last line of what begins in line `first` of a C++ file: where its brackets are closed and it ends. */
function endOfCpp(lines, first) {
  let depth = 0;
  for (let last = first; last < lines.length; ++last) {
    const code = lines[last].replace(/\/\/.*|"(\\.|[^"])*"/g, '');
    for (const c of code) depth += '{('.includes(c) ? 1 : '})'.includes(c) ? -1 : 0;
    if (depth === 0 && /[;}]\s*$/.test(code)) return last;
  }
}

/** The same in a Python file: where its brackets are closed and no line that follows is indented further. */
function endOfPython(lines, first) {
  let depth = 0, last;
  for (let i = first; i < lines.length; ++i) {
    if (i > first && depth === 0 && lines[i].trim() && indent(lines[i]) <= indent(lines[first])) break;
    for (const c of lines[i].replace(/#.*|"(\\.|[^"])*"/g, '')) depth += '[{('.includes(c) ? 1 : ']})'.includes(c) ? -1 : 0;
    if (lines[i].trim()) last = i;
  }
  return last;
}

/** The declaration or statement in `file` whose first line begins with `beginning`; `A >> B`: from A to the end of B. */
export function region(file, beginning) {
  const lines = read(`../${file}`).split('\n');
  const end = file.endsWith('.py') ? endOfPython : endOfCpp;
  const begins = (words, from) => {
    const found = lines.findIndex((line, i) => i >= from && line.trim() && `${line} ${lines[i + 1]?.trim()}`.trimStart().startsWith(words));
    if (found < 0) throw new Error(`slides: nothing in ${file} begins with "${words}"`);
    return found;
  };
  const [from, to] = beginning.split(' >> ');
  const first = begins(from, 0);
  const last = end(lines, to ? begins(to, first + 1) : first);
  if (last === undefined) throw new Error(`slides: "${beginning}" in ${file} does not end`);
  return lines.slice(first, last + 1).map((line) => line.slice(Math.min(indent(lines[first]), indent(line)))).join('\n');
}

/** Several of them, with a blank line around each declaration. */
export function regions(file, beginnings) {
  const source = `\n${read(`../${file}`)}`;
  const isStatement = beginnings.map((each) => !source.includes(`\n${each.split(' >> ')[0]}`));
  return beginnings.map((each, i) =>
    (i === 0 ? '' : isStatement[i] && isStatement[i - 1] ? '\n' : '\n\n') + region(file, each)).join('');
}

const fenced = (file, beginnings) =>
  ['```' + (file.endsWith('.py') ? 'python' : 'cpp'), regions(file, beginnings), '```'].join('\n');

/** What {{both STEM | ...}} asks for: [[file, beginnings], [file, beginnings]]. */
export function pair(words) {
  const [python, cpp] = words.split(' || ');
  const [stem, ...beginnings] = python.split(' | ');
  if (!cpp || beginnings.length === 0) throw new Error(`slides: {{both ${words}}} does not name parts of both files`);
  return [[`${stem}.py`, beginnings], [`${stem}.cpp`, cpp.split(' | ')]];
}

function both(words) {
  return pair(words).map(([file, beginnings]) => {
    const language = file.endsWith('.py') ? 'Python' : 'C++';
    if (regions(file, beginnings).split('\n').at(-1).length > 72)
      throw new Error(`slides: the last line of ${beginnings.at(-1)} in ${file} leaves no place for the word ${language}`);
    return `<div class="code">\n<p class="language">${language}</p>\n\n${fenced(file, beginnings)}\n\n</div>`;
  }).join('\n\n');
}

export const script = (file) => read(`../${file}`).trimEnd();

/** Lines of a recorded run; without a range, all of them. */
function lines(run, range) {
  const all = screen(run);
  const begins = (words, from) => {
    const found = all.findIndex((line, i) => i >= from && line.trimStart().startsWith(words));
    if (found < 0) throw new Error(`slides: no line of data/${run}.txt begins with "${words}"`);
    return found;
  };
  const [from, to] = range ? range.split(' .. ') : [];
  const first = from ? begins(from, 0) : 0;
  return ['```text', ...all.slice(first, to ? begins(to, first) + 1 : undefined), '```'].join('\n');
}

/** The glossary: {term: definition}. */
function glossary() {
  const items = read('../exercises/words.md').split('```')[0].split(/\n- /).slice(1);
  return Object.fromEntries(items.map((item) => /^\*\*(.*?)\*\*: ([^]*)$/.exec(item.trim().replace(/\s*\n\s*/g, ' ')).slice(1)));
}

function words(terms) {
  const all = glossary();
  return (terms ?? Object.keys(all)).map((term) => {
    if (!all[term]) throw new Error(`slides: exercises/words.md does not define "${term}"`);
    return `- **${term}**: ${all[term]}`;
  }).join('\n');
}

/** The table or the list with that number, from 1, of a Markdown file. */
function part(kind, file, number = 1) {
  const blocks = read(`../${file}`).replace(/^```[^]*?^```$/gm, '').split(/\n\s*\n/);
  const found = blocks.filter((block) => (kind === 'table' ? /^\|/ : /^(-|\d+\.) /).test(block.trimStart()))[number - 1];
  if (!found) throw new Error(`slides: ${file} has no ${kind} ${number}`);
  return found.trim().replace(/\s*\n +/g, ' '); // an item on one line, as Marp breaks lines where the text does
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

/** A table of the rows of a Markdown file whose first cell begins with that code. */
function rows(file, beginnings) {
  const lines = read(`../${file}`).split('\n');
  const chosen = beginnings.map((each) => {
    const found = lines.findIndex((line) => line.startsWith(`| \`${each}`));
    if (found < 0) throw new Error(`slides: no row of a table in ${file} begins with "${each}"`);
    return found;
  });
  const head = lines.slice(0, chosen[0]).findLastIndex((line) => /^\|-/.test(line));
  return [lines[head - 1], lines[head], ...chosen.map((each) => lines[each])].join('\n');
}

const version = /project\(mpworkshop VERSION (\S+)/.exec(read('../CMakeLists.txt'))[1];

export function expand(text) {
  return text
    .replace(/^\{\{code (.*?)\}\}$/gm, (_, words) => {
      const [file, ...beginnings] = words.split(' | ');
      return fenced(file, beginnings);
    })
    .replace(/^\{\{both (.*?)\}\}$/gm, (_, words) => both(words))
    .replace(/^\{\{script (\S+)\}\}$/gm, (_, file) => ['```sh', script(file), '```'].join('\n'))
    .replace(/^\{\{screen (\S+)(?: \| (.*?))?\}\}$/gm, (_, run, range) => lines(run, range))
    .replace(/^\{\{figure (\S+)\}\}$/gm, (_, name) => figure(name))
    .replace(/^\{\{words(?: (.*?))?\}\}$/gm, (_, terms) => words(terms?.split(' | ')))
    .replace(/^\{\{(table|list) (\S+)(?: (\d+))?\}\}$/gm, (_, kind, file, number) => part(kind, file, number))
    .replace(/^\{\{rows (.*?)\}\}$/gm, (_, words) => rows(words.split(' | ')[0], words.split(' | ').slice(1)))
    .replace(/\{\{version\}\}/g, version)
    .replace(/\{\{number (\S+)\}\}/g, (_, name) => {
      if (!numbers[name]) throw new Error(`slides: data.mjs has no number ${name}`);
      return numbers[name]();
    });
}

/** The deck as Marp's Markdown. The foot of each page has the version, then the part. */
export const deck = () => expand(read('deck.md').replace(/^<!-- footer: "(.*)" -->$/gm, '<!-- footer: "mpworkshop {{version}} · $1" -->'));

/** What the committed files were built from. */
export function sourcesHash() {
  const hash = createHash('sha256');
  for (const part of [deck(), expand(read('handout.html')),
    ...['theme.css', 'build.mjs', 'marp.config.cjs', 'package-lock.json'].map(read)])
    hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 32);
}
