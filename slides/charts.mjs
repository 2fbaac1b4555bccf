// Figures that are drawn from recorded runs or from a formula: SVG, 1160 px wide, all text 24 px.
import { duration, json, lanes, scaled } from './data.mjs';

const ink = '#1f2328', muted = '#57606a', line = '#d0d7de', blue = '#0a5aa8', orange = '#a84300', green = '#1a7037';
const width = 1160;

const svg = (height, title, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">\n<title>${title}</title>\n` +
  `${parts.flat(Infinity).join('\n')}\n</svg>`;
const round = (x) => Number(x.toFixed(1));
const rect = (x, y, w, h, fill, more = '') =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(w, 1))}" height="${round(h)}" fill="${fill}" ${more}/>`;
const text = (x, y, words, { anchor = 'start', fill = ink, bold = false, mono = false } = {}) =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}"${bold ? ' font-weight="bold"' : ''}` +
  `${mono ? ' class="mono"' : ''}>${String(words).replace(/&/g, '&amp;').replace(/</g, '&lt;')}</text>`;
const stroke = (x1, y1, x2, y2, color = line, more = '') =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${color}" stroke-width="2" ${more}/>`;
const path = (points, color, more = '') =>
  `<polyline points="${points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}" fill="none" stroke="${color}" stroke-width="3" ${more}/>`;

/** Ticks at 1, 2 or 5 times a power of ten, six at most. */
function ticks(most) {
  const rough = most / 6, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

function timeAxis(left, top, y, most, scale) {
  return ticks(most).map((t) => [stroke(left + t * scale, top, left + t * scale, y),
    text(left + t * scale, y + 28, t === 0 ? '0' : duration(t), { anchor: 'middle', fill: muted })]);
}

/** Rows of bars over one time axis: [{name, bars: [{begin, end, fill}]}]. */
function timeline(title, rows, most, { rowHeight = 34, legend = [] } = {}) {
  const left = 190, scale = (width - left - 50) / most, bottom = rows.length * rowHeight + 8;
  return svg(bottom + (legend.length ? 84 : 44), title, [
    timeAxis(left, 0, bottom, most, scale),
    rows.map((row, i) => [text(0, i * rowHeight + rowHeight / 2 + 9, row.name),
      row.bars.map((bar) =>
        rect(left + bar.begin * scale, i * rowHeight + 4, (bar.end - bar.begin) * scale, rowHeight - 8, bar.fill))]),
    legend.map(([fill, words], i) => [rect(left + i * 330, bottom + 50, 24, 24, fill), text(left + i * 330 + 34, bottom + 71, words)]),
  ]);
}

function bars(title, rows, { left = 400, format, most = Math.max(...rows.map((row) => row.value)), rowHeight = 48 } = {}) {
  return svg(rows.length * rowHeight + 4, title, rows.map((row, i) => {
    const w = (width - left - 140) * row.value / most, y = i * rowHeight;
    return [text(0, y + 33, row.name), rect(left, y + 8, w, rowHeight - 14, row.fill ?? blue),
      text(left + w + 12, y + 33, format(row.value))];
  }));
}

function waiting() {
  const rows = lanes('threads-io').map(({ name, bars: all }) =>
    ({ name, bars: all.map((bar) => ({ ...bar, fill: bar.name === 'loop' ? orange : blue })) }));
  return timeline('Eight tasks that wait two seconds each: in a loop one after the other for sixteen seconds, then in ' +
    'eight threads all at once for two', rows, 18.2, { legend: [[orange, 'in a loop'], [blue, 'a thread each']] });
}

function turns() {
  const { runs } = json('concurrency').result;
  const rows = runs.flatMap((run) => run.ran.map((ran, task) => ({
    name: `${run.cpus} CPU${run.cpus > 1 ? 's' : ''}, task ${task + 1}`,
    bars: ran.map(([begin, end]) => ({ begin, end, fill: task ? orange : blue })),
  })));
  return timeline('On one CPU two tasks take turns; on two CPUs they run at the same time and take half as long',
    rows, Math.max(...rows.flatMap((row) => row.bars.map((bar) => bar.end))) * 1.02, { rowHeight: 52 });
}

function lostUpdate() {
  const { steps, counted, expected } = json('race').result.unlucky_order;
  const x = [60, 500, 800], row = 62;
  return svg(90 + row * steps.length + 62, `Two threads load the same count, and both store it plus one: it is ${counted} where it should be ${expected}`, [
    text(x[0], 32, 'thread 1', { bold: true, fill: blue }), text(x[1], 32, 'the count', { bold: true }),
    text(x[2], 32, 'thread 2', { bold: true, fill: orange }), stroke(0, 50, width, 50),
    steps.map((step, i) => {
      const y = 68 + i * row, own = step.thread === 1, store = step.step === 'store';
      const before = i === 0 ? 1 : steps.slice(0, i).filter((each) => each.step === 'store').at(-1)?.value ?? 1;
      const at = own ? x[0] : x[2];
      return [rect(at, y, 280, row - 14, own ? '#e6f0fa' : '#fdeee3', `stroke="${own ? blue : orange}" stroke-width="2"`),
        text(at + 20, y + 33, store ? `store ${step.value - 1} + 1 = ${step.value}` : `load: ${step.value}`),
        text(x[1] + 40, y + 33, store ? step.value : before, { bold: store })];
    }),
    text(x[1], 68 + steps.length * row + 40, `counted ${counted}, and ${expected} references exist`, { bold: true, fill: orange }),
  ]);
}

function cures() {
  const { careless_ns: careless, cures: all } = json('race').result;
  const names = { mutex: 'a mutex', atomic: 'an atomic addition', adjacent: 'a counter each, side by side', padded: 'a counter each, kept apart' };
  return bars('What an update of a count costs in each of two threads: without protection, with a mutex, atomically, and with a counter each',
    [{ name: 'no protection: wrong', value: careless, fill: orange },
      ...all.map((cure) => ({ name: names[cure.name], value: cure.update_ns }))],
    { format: (ns) => duration(ns * 1e-9) });
}

function gil() {
  const { threads_locked: locked, threads_free: free, processes, seconds } = json('gil').result;
  const ways = [['threads, one lock', locked], ['threads, no lock', free], ['processes, a lock each', processes]];
  const rows = ways.flatMap(([name, way]) => [
    { name, value: way.computing.wall_s, fill: orange }, { name: '', value: way.waiting.wall_s, fill: blue }]);
  const left = 330, most = Math.max(...rows.map((row) => row.value)), row = 46;
  return svg(rows.length * row + 60, `Two tasks of ${duration(seconds)}: under one lock computing takes twice as long as without it, while waiting is as fast in all three ways`, [
    rows.map((each, i) => {
      const y = i * row + Math.floor(i / 2) * 8, w = (width - left - 140) * each.value / most;
      return [text(0, y + 30, each.name), rect(left, y + 4, w, row - 8, each.fill), text(left + w + 12, y + 31, duration(each.value))];
    }),
    rect(left, rows.length * row + 30, 24, 24, orange), text(left + 34, rows.length * row + 51, 'both compute'),
    rect(left + 270, rows.length * row + 30, 24, 24, blue), text(left + 304, rows.length * row + 51, 'both wait'),
  ]);
}

function chunks() {
  const { alike, skewed } = json('chunks').result;
  const left = 170, row = 56, scale = (width - left - 250) / Math.max(...skewed.map((each) => each.wall_s));
  return svg(alike.length * row + 98, 'The time of 32 tasks for each chunk size, all alike and with one that takes twenty times as long: chunks that are too large leave workers idle', [
    text(0, 30, 'chunksize', { fill: muted }),
    alike.map((each, i) => {
      const y = 44 + i * row, w = each.wall_s * scale, v = skewed[i].wall_s * scale;
      return [text(100, y + 34, each.chunksize, { anchor: 'end' }),
        rect(left, y, w, 22, blue), rect(left, y + 24, v, 22, orange),
        text(left + Math.max(w, v) + 14, y + 34, `${duration(skewed[i].wall_s)}, ${Math.round(100 * skewed[i].idle)} % idle`)];
    }),
    rect(left, 12, 24, 24, blue), text(left + 34, 33, 'all alike'),
    rect(left + 220, 12, 24, 24, orange), text(left + 254, 33, 'one is 20 times as long (time and idle share on the right)'),
  ]);
}

function prices() {
  const names = { call: 'a function call', atomic: 'an atomic addition', map_item: 'an item of a map', lock: 'a lock that is free',
    contended_lock: 'a lock that two want', pipe: 'a byte there and back', thread: 'a thread, start and join',
    task: 'a task, worker awake', task_asleep: 'a task, worker asleep', process: 'a process, start and join' };
  const { prices: all } = json('price').result;
  const left = 380, decade = (width - left - 130) / 6.7, at = (s) => left + (Math.log10(s) + 9) * decade, row = 45;
  const bottom = all.length * row + 6;
  return svg(bottom + 36, 'What things cost, from a function call to a process, on a scale where each line is ten times the one before', [
    [-9, -8, -7, -6, -5, -4, -3].map((p) => [stroke(at(10 ** p), 0, at(10 ** p), bottom),
      text(at(10 ** p), bottom + 28, duration(10 ** p), { anchor: 'middle', fill: muted })]),
    all.map((each, i) => [text(0, i * row + 32, names[each.name]),
      rect(left, i * row + 10, at(each.median_s) - left, row - 18, each.median_s < 1e-6 ? green : each.median_s < 1e-4 ? blue : orange),
      text(at(each.median_s) + 12, i * row + 33, duration(each.median_s))]),
  ]);
}

function piTimeline() {
  const fills = { work: blue, start: line, wait: '#e6eaee' };
  const rows = lanes('pi-parallel').filter((lane) => lane.name.startsWith('worker'))
    .map((lane) => ({ name: lane.name, bars: lane.bars.map((bar) => ({ ...bar, fill: fills[bar.kind] ?? blue })) }));
  return timeline('Two workers of pi-parallel: both start, then compute at the same time until the end',
    rows, Math.max(...rows.flatMap((row) => row.bars.map((bar) => bar.end))) * 1.01,
    { rowHeight: 56, legend: [[blue, 'computing'], [line, 'starting'], ['#e6eaee', 'waiting']] });
}

function plot({ left = 90, right = 330, height = 470, mostX, mostY, labelX, labelY, logX = false }) {
  const bottom = height - 74, x = (v) => left + (logX ? Math.log2(v) / Math.log2(mostX) : v / mostX) * (width - left - right);
  const y = (v) => bottom - v / mostY * (bottom - 20);
  return { x, y, height, axes: [
    ticks(mostY).map((v) => [stroke(left, y(v), width - right, y(v)), text(left - 14, y(v) + 8, v, { anchor: 'end', fill: muted })]),
    (logX ? Array.from({ length: Math.log2(mostX) + 1 }, (_, i) => 2 ** i) : ticks(mostX)).map((v) =>
      text(x(v), bottom + 32, v, { anchor: 'middle', fill: muted })),
    text((left + width - right) / 2, bottom + 66, labelX, { anchor: 'middle' }), text(left + 14, 20, labelY, { bold: true })] };
}

const amdahlOf = (share, workers) => 1 / (share + (1 - share) / workers); // G. Amdahl, AFIPS 30 (1967), 483-485

function speedup() {
  const { rows } = json('scale');
  const measured = rows.filter((row) => row.speedup !== null).map((row) => ({ ...row, workers: Number(row.workers) }));
  const { speedup: best, karpFlatt: share, cpus } = scaled();
  const most = Math.max(...measured.map((row) => row.workers));
  const highest = Math.max(cpus, ...measured.map((row) => row.speedup_high ?? row.speedup));
  const p = plot({ mostX: most, mostY: highest * 1.1, labelX: 'workers', labelY: 'speedup', logX: true, height: 400 });
  const upTo = Array.from({ length: 41 }, (_, i) => 2 ** (i / 40 * Math.log2(most)));
  const right = p.x(most) + 24;
  // A speedup above the ideal has no serial share that would explain it, so there is no curve then.
  const amdahls = share > 0 ? [[orange, `Amdahl, ${Number((100 * share).toPrecision(2))} % serial`]] : [];
  return svg(p.height, `The measured speedup of pi-parallel with 1 to ${most} workers on ${cpus} CPUs, with its 95 % intervals, compared with the ideal: it ends where the CPUs end`, [
    p.axes,
    path(upTo.map((w) => [p.x(w), p.y(Math.min(w, cpus))]), muted, 'stroke-dasharray="10 8"'),
    amdahls.map(([color]) => path(upTo.map((w) => [p.x(w), p.y(amdahlOf(share, Math.min(w, cpus)))]), color)),
    path(measured.map((row) => [p.x(row.workers), p.y(row.speedup)]), blue),
    measured.map((row) => [
      row.speedup_low === null ? [] : [[row.speedup_low, row.speedup_low], [row.speedup_high, row.speedup_high], [row.speedup_low, row.speedup_high]]
        .map(([from, to]) => stroke(p.x(row.workers) - (from === to ? 9 : 0), p.y(from), p.x(row.workers) + (from === to ? 9 : 0), p.y(to), blue)),
      `<circle cx="${round(p.x(row.workers))}" cy="${round(p.y(row.speedup))}" r="8" fill="${blue}"/>`]),
    [[muted, `ideal: ${cpus} CPUs`], ...amdahls, [blue, `measured: ${best.toFixed(2)} with ${cpus}`]]
      .map(([fill, words], i) => [stroke(right, 60 + i * 44, right + 30, 60 + i * 44, fill), text(right + 40, 68 + i * 44, words)]),
  ]);
}

function amdahl() {
  const p = plot({ mostX: 64, mostY: 64, labelX: 'workers', labelY: 'speedup', right: 330, height: 440 });
  const upTo = Array.from({ length: 64 }, (_, i) => i + 1);
  const curves = [[0, muted, 'nothing serial'], [0.01, green, '1 % serial'], [0.05, blue, '5 % serial'], [0.25, orange, '25 % serial']];
  return svg(p.height, 'Amdahl\'s law up to 64 workers: with 1 % of serial work 39 times as fast, with 5 % 15 times, with 25 % not even 4 times', [
    p.axes, curves.map(([share, color, words]) => [
      path(upTo.map((w) => [p.x(w), p.y(amdahlOf(share, w))]), color, share ? '' : 'stroke-dasharray="10 8"'),
      text(p.x(64) + 14, p.y(amdahlOf(share, 64)) + 8, `${words}: ${amdahlOf(share, 64).toFixed(share > 0.1 ? 1 : 0)}`, { fill: color })]),
  ]);
}

const curve = (x) => 4 / (1 + x * x);

function strips() {
  const p = plot({ mostX: 1, mostY: 4.2, labelX: 'x', labelY: '4 / (1 + x²)', right: 400, height: 430 });
  const n = 8;
  return svg(p.height, 'The area under 4 / (1 + x squared) from 0 to 1, cut into eight strips that are as high as the curve is in the middle of each', [
    Array.from({ length: n }, (_, i) => {
      const height = curve((i + 0.5) / n), x = p.x(i / n);
      return [rect(x, p.y(height), p.x((i + 1) / n) - x, p.y(0) - p.y(height), '#e6f0fa', `stroke="${blue}" stroke-width="2"`),
        `<circle cx="${round(p.x((i + 0.5) / n))}" cy="${round(p.y(height))}" r="5" fill="${blue}"/>`];
    }),
    p.axes,
    path(Array.from({ length: 61 }, (_, i) => [p.x(i / 60), p.y(curve(i / 60))]), orange),
    text(p.x(1) + 40, 120, 'width 1 / n'), text(p.x(1) + 40, 160, 'height at the middle:'), text(p.x(1) + 40, 200, 'x = (i + 0.5) / n'),
    text(p.x(1) + 40, 270, `n = ${n} gives ${(Array.from({ length: n }, (_, i) => curve((i + 0.5) / n)).reduce((a, b) => a + b) / n).toFixed(4)}`, { bold: true }),
  ]);
}

function splits() {
  const colors = ['#0a5aa8', '#a84300', '#1a7037', '#57606a'], n = 16, cell = (width - 180) / n;
  const row = (y, name, rankOf) => [text(0, y + 42, name), Array.from({ length: n }, (_, i) =>
    [rect(180 + i * cell, y, cell - 4, 64, colors[rankOf(i)]),
      text(180 + i * cell + (cell - 4) / 2, y + 41, rankOf(i), { anchor: 'middle', fill: '#ffffff', bold: true })])];
  return svg(250, 'Sixteen steps for four workers: cyclic, where worker rank takes rank, rank + 4, rank + 8 and so on; or in four blocks', [
    text(180, 26, 'step 0'), text(width - 4, 26, `step ${n - 1}`, { anchor: 'end' }),
    row(44, 'cyclic', (i) => i % 4), row(144, 'blocks', (i) => Math.floor(i / 4)),
    text(180, 242, 'the number is the rank of the worker that takes the step', { fill: muted })]);
}

export const charts = {
  waiting, turns, gil, cures, chunks, prices, speedup, amdahl, strips, splits,
  'lost-update': lostUpdate, 'pi-timeline': piTimeline,
};
