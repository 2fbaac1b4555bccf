// What was recorded: data/NAME.json, data/NAME.txt and data/NAME.trace.json, and the numbers that the slides quote.
import { existsSync, readFileSync } from 'node:fs';

const at = (name) => new URL(`data/${name}`, import.meta.url);

/** A recorded run; of `compare` and `scale`, what they measured and the machine. */
export function json(name) {
  const run = JSON.parse(readFileSync(at(`${name}.json`), 'utf8'));
  return run.result?.rows ? { ...run.result, machine: run.machine } : run;
}

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
/** The row `B  A` of the table of `compare`. */
function compared() {
  const [speedup, low, high, , karpFlatt] =
    words('compare', /^B  A +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +[\d.]+ % +(-|-?[\d.]+ %)/);
  return { speedup, low, high, karpFlatt };
}

const interval = (low, high) => `95 % interval: ${low} to ${high}`;

/** What a speedup says that is above the ideal, or whose interval is. It is measured, and shown as it is. */
export function aboveIdeal(speedup, low, high, ideal) {
  if (Number(low) > ideal)
    return `The whole interval is above the ideal of ${ideal}: either the serial runs were disturbed, or more cache helped.`;
  if (Number(speedup) > ideal) return `This is above the ideal of ${ideal}, but the interval contains the ideal: the difference is scatter.`;
  if (Number(high) > ideal) return `The interval reaches above the ideal of ${ideal}, because the measured times scatter.`;
  return '';
}

/** The speedup of `scale` with as many workers as CPUs. */
export function scaled() {
  const { rows, machine } = json('scale');
  const row = rows.find((each) => Number(each.workers) === machine.usable);
  return { speedup: row.speedup, low: row.speedup_low, high: row.speedup_high, karpFlatt: row.karp_flatt, cpus: machine.usable };
}
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
  'speedup': () => { const { speedup, low, high } = compared(); return `${speedup} (${interval(low, high)})`; },
  'karp-flatt': () => compared().karpFlatt,
  'above-ideal': () => { const { speedup, low, high } = compared(); return aboveIdeal(speedup, low, high, 2); },
  'scale-result': () => {
    const { speedup, low, high, cpus } = scaled();
    const [shown, from, to] = [speedup, low, high].map((each) => each?.toFixed(2));
    return `With ${cpus} workers the speedup is ${shown}${from ? ` (${interval(from, to)}).` : '.'} ${aboveIdeal(shown, from, to, cpus)}`.trim();
  },
  'task': () => duration(price('task')),
  'process': () => duration(price('process')),
  'ranks-start': () => {
    const outside = (workers) => { const row = json('scale-ranks').rows.find((each) => each.workers === workers); return row.median_s - row.work_s; };
    return duration(Number((outside('2') - outside('serial')).toPrecision(2)));
  },
  // Too few runs for an interval are no verdict.
  'ranks-runs': () => {
    const { runs } = json('scale-ranks').rows[0];
    return runs < 6 ? `Here each command ran ${runs === 1 ? 'only once' : `only ${runs} times`}: no verdict.` : '';
  },
  'thread': () => duration(price('thread')),
};
