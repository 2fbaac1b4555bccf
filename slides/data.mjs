// What was recorded: data/NAME.json, data/NAME.txt and data/NAME.trace.json, and the numbers that the slides say.
import { existsSync, readFileSync } from 'node:fs';

const at = (name) => new URL(`data/${name}`, import.meta.url);

export const json = (name) => JSON.parse(readFileSync(at(`${name}.json`), 'utf8'));

/** The lines of a run as its user saw them, the command first. */
export function screen(name) {
  if (!existsSync(at(`${name}.txt`))) throw new Error(`slides: there is no data/${name}.txt; run slides/record ${name}`);
  return readFileSync(at(`${name}.txt`), 'utf8').trimEnd().split('\n');
}

/** The lanes of a run: [{name, bars: [{name, kind, begin, end}]}], times in seconds. */
export function lanes(name) {
  const found = new Map();
  for (const event of json(`${name}.trace`).traceEvents) {
    if (event.ph === 'M' && event.name === 'thread_name')
      found.set(event.tid, { name: event.args.name.replace(/ \(.*/, ''), bars: [] });
    if (event.ph === 'X')
      found.get(event.tid).bars.push(
        { name: event.name, kind: event.cat, begin: event.ts / 1e6, end: (event.ts + event.dur) / 1e6 });
  }
  return [...found.values()];
}

export function duration(seconds) {
  for (const [unit, name] of [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']])
    if (seconds >= unit || name === 'ns') return `${Number((seconds / unit).toPrecision(3))} ${name}`;
}

const timing = (run, name) => json(run).timings.find((each) => each.name === name).wall_s;
const price = (name) => json('price').result.prices.find((each) => each.name === name).median_s;

/** Words of the one line of a run's screen that `pattern` fits. A number beside a screen is that screen's. */
function words(name, pattern) {
  const line = screen(name).find((each) => pattern.test(each));
  if (!line) throw new Error(`slides: no line of data/${name}.txt fits ${pattern}`);
  return pattern.exec(line).slice(1);
}
const compared = () => words('compare', /^B  A +([\d.]+) +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ % +(-?[\d.]+) %/);
const lost = () => screen('race').map((line) => /([\d.]+) % lost/.exec(line)?.[1]).filter(Boolean).map(Number);

/** Numbers in the text: {{number NAME}}. */
export const numbers = {
  'machine': () => {
    const { cpu, usable, compiler } = json('pi-parallel').machine;
    return `${cpu}, ${usable} CPUs, ${compiler}`;
  },
  'io-loop': () => duration(timing('threads-io', 'loop')),
  'io-threads': () => duration(timing('threads-io', 'threads')),
  'race-lost': () => `${Math.round(Math.max(...lost()))} %`,
  'speedup': () => compared()[0],
  'karp-flatt': () => `${compared()[1]} %`,
  'task': () => duration(price('task')),
  'process': () => duration(price('process')),
  'ranks-start': () => /takes (\S+ \S+) more/.exec(screen('scale-ranks').join(' '))[1],
  'thread': () => duration(price('thread')),
};
