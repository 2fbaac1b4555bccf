// Holds the pages of report and gather to what a reader needs: each is made by the program in DIR, opened from a file in a
// real browser without a network, and read by the program's own numbers.
//
//     node check.mjs PROGRAM
//
// Exits with 77 where it cannot: without chromium, or without the packages and a network.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const chromium = process.env.CHROME_PATH ?? '/usr/bin/chromium';
const program = process.argv[2];

function skip(why) {
  console.error(`pages: skipped: ${why}`);
  process.exit(77);
}

if (!program) {
  console.error('pages: give the program: node check.mjs build/release/mpworkshop');
  process.exit(2);
}
if (!existsSync(chromium)) skip('there is no chromium; .ci/setup slides installs it');
if (!existsSync(join(here, 'node_modules/axe-core')) &&
    spawnSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here, stdio: 'inherit' }).status !== 0)
  skip('npm could not install the packages of package-lock.json');
const puppeteer = (await import('puppeteer-core')).default;
const axe = readFileSync(join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');

let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log(`good    ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED  ${name}\n        ${String(error.message).slice(0, 4000).replace(/\n/g, '\n        ')}`);
  }
}
const none = (problems) => assert.equal(problems.length, 0, problems.join('\n'));

const folder = mkdtempSync(join(tmpdir(), 'mpworkshop-pages-'));
const run = (state, words, before = []) => execFileSync([...before, program][0], [...before, program].slice(1).concat(words),
  { encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: state }, stdio: ['ignore', 'pipe', 'pipe'] });
const recordOf = (state) => readFileSync(join(state, 'mpworkshop/runs.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const evil = '</script></title></svg><script>window.evil = 1</script>"\'><img src=x onerror="window.evil=1">\u202eabc\u0000\u001b[31m&lt;';

function writeLines(state, lines) {
  mkdirSync(join(state, 'mpworkshop'), { recursive: true });
  writeFileSync(join(state, 'mpworkshop/runs.jsonl'), lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)) + '\n').join(''));
}
const line = (name, facts = {}) => ({ schema: 'mpworkshop-record-1', id: '0123456789abcdef', kind: 'run', name, time: '2026-01-31T12:00:00Z',
  complete: true, machine: { cpu: 'a processor', cpus: 4, usable: 4, build: 'Release', version: '1' }, ...facts });

// Records: of real runs, of everything that a later version may add, of a stranger's garbage, and of nothing.
const real = join(folder, 'real'), full = join(folder, 'full'), hostile = join(folder, 'hostile'), empty = join(folder, 'empty');
const one = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];
for (const words of [['cores'], ['race', '--updates', '1e5', '--predict', '50'], ['map', '--timeline', '--predict', '2'], ['starmap', '--predict', '0.5'],
  ['concurrency'], ['chunks', '--seconds', '0.001'], ['pi-parallel', '1e6', '--backend', 'threads'],
  ['pi-parallel', '1e7', '-p', '4', '--timeline', '--predict', '2'], ['compare', 'pi', '1e6', '--runs', '6', '--predict', '2'],
  ['scale', 'pi', '1e6', '--runs', '6'], ['process-demo'], ['time', '--', 'true']])
  run(real, words);
// A task in two languages: as it is given, it is not done yet, so check exits with 1.
for (const language of [[], ['--python']]) {
  const tasks = join(folder, 'practice');
  run(real, ['practice', 'map', '--dir', tasks, '--quiet', ...language]);
  const checked = spawnSync(program, ['check', 'map', '--dir', tasks, '--quiet', ...language],
    { encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: real } });
  assert.equal(checked.status, 1, checked.stderr);
}
writeLines(full, [
  ...['map', 'scale', 'compare', 'starmap'].map((name, i) => line(name, { prediction: { question: 'How many times as fast?', unit: 'times as fast', said: 2 + i, was: 1.5 * (i + 1), because: null, sentence: `You said ${2 + i} times as fast. It was ${1.5 * (i + 1)} times.` } })),
  line('race', { prediction: { question: 'How many percent are lost?', unit: '%', said: 50, was: 0, because: null, sentence: 'You said 50 %. It was 0 %.' } }),
  line('chunks', { prediction: { question: 'How many times as fast?', unit: 'times as fast', said: 2, was: null, because: 'the machine is busy', sentence: 'You said 2 times as fast. What it was cannot be told: the machine is busy.' } }),
  line('scale', { result: { amdahl_serial_share: 0.04, verdict: 'Good.', rows: [1, 2, 4, 8].map((n) => ({ workers: `${n}`, speedup: n / (1 + 0.04 * n), speedup_low: n / (1.1 + 0.04 * n), speedup_high: n / (0.95 + 0.04 * n) })) } }),
  line('pi-parallel', { timeline: { seconds: 2.5, left_out: 3, lanes: Array.from({ length: 12 }, (_, i) => ({ name: `worker ${i}`, parts: 'sss' + 'wrrwi'.repeat(15) })) } }),
  line('map', { kind: 'check', language: 'C++', passed: true, findings: ['It builds.', { name: 'right', verdict: 'ok', sentence: 'All of 5 inputs.' }], code: 'int main() {\n\treturn 0; // <b> & "x"\n}\n' }),
  line('map', { kind: 'check', language: 'Python', passed: false, code: 'import multiprocessing\n' }),
  line('race', { kind: 'check', passed: false }),
]);
writeLines(hostile, [
  'garbage', '{"schema":', '\u0000\u0001', `{"schema":"mpworkshop-record-1","name":"${'x'.repeat(10_000_000)}"}`,
  ...['race', 'map', 'compare', 'scale', 'chunks', 'gil'].map((name) => line(name, { meaning: evil, options: { [evil]: evil },
    timings: [{ name: evil, wall_s: 1 }, { name: 'b', wall_s: 2 }, { name: 'c', wall_s: -1 }, 7, null],
    result: { [evil]: evil, verdict: evil, cautions: [evil], rows: [{ run: evil, command: evil, median_s: 1, workers: evil, speedup: 1 }, { run: 'x', command: 'y', median_s: 2, workers: 2, speedup: 1e9 }], cures: [{ name: evil, update_ns: 5 }, { name: evil, update_ns: 6 }] },
    timeline: { seconds: 1, lanes: [{ name: evil.slice(0, 30), parts: 'wsir '.repeat(16) }] }, machine: { cpu: evil, usable: 2, cpus: 2, build: evil.slice(0, 30) } })),
  line('map', { kind: 'check', passed: evil, findings: [evil], code: evil }),
]);
mkdirSync(join(empty, 'mpworkshop'), { recursive: true });

const pages = {};
for (const [name, state] of Object.entries({ real, full, hostile, empty })) {
  pages[name] = join(folder, `${name}.html`);
  run(state, ['report', pages[name], '--quiet']);
}

// A cgroup with the time of one CPU, where one can be made: of version 2 or 1, as root.
function cgroup() {
  const two = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const path = `/sys/fs/cgroup/${two ? '' : 'cpu/'}mpworkshop-pages-${process.pid}`;
  try {
    mkdirSync(path);
    if (two) writeFileSync(join(path, 'cpu.max'), '100000 100000');
    else writeFileSync(join(path, 'cpu.cfs_quota_us'), '100000');
    const before = ['sh', '-c', `echo $$ > ${path}/cgroup.procs && exec "$@"`, 'sh'];
    execFileSync(before[0], [...before.slice(1), 'true']);
    return { path, before };
  } catch (error) {
    console.log(`note    no learner runs in a cgroup, as none can be made: ${error.message}`);
    if (existsSync(path)) rmdirSync(path);
    return null;
  }
}
const group = cgroup();
if (group) process.on('exit', () => rmdirSync(group.path)); // empty by then

// A class: thirty real files of different machines and backends, a broken one, and strangers'.
const shared = join(folder, 'shared');
mkdirSync(shared);
for (let i = 0; i < 30; ++i) {
  const state = join(folder, `learner-${i}`), before = i % 3 === 0 ? one : group && i % 3 === 1 ? group.before : [];
  const backend = i % 2 === 0 ? 'processes' : 'threads';
  run(state, ['pi-parallel', '1e6', '--seed', `${i}`, '--backend', backend], before);
  if (i % 5 === 0) run(state, ['scale', 'pi', '1e6', '-p', '1,2', '--runs', '6', '--seed', `${i}`, '--backend', backend], before);
  else run(state, ['compare', 'pi', '1e6', '--runs', '6', '--seed', `${i}`, '--backend', backend], before);
  run(state, ['report', '--share', join(shared, `${i}.json`), '--for', `learner ${i}`], before);
}
run(full, ['report', '--share', join(shared, 'full.json'), '--for', 'Ren\u00e9e <b>']);
run(hostile, ['report', '--share', join(shared, 'hostile.json'), '--for', evil.slice(0, 60).replace(/\0/g, '')]);
writeFileSync(join(shared, 'broken.json'), '{"schema":"mpworkshop-share-1"');
writeFileSync(join(shared, 'newer.json'), '{"schema":"mpworkshop-share-9"}');
pages.class = join(folder, 'class.html');
run(empty, ['gather', shared, pages.class, '--quiet']);

// A class of a thousand: a shared file of a real run, with other identifiers, names and numbers.
const thousand = join(folder, 'thousand');
mkdirSync(thousand);
const pattern = readFileSync(join(shared, '0.json'), 'utf8');
for (let i = 0; i < 1000; ++i) {
  const each = JSON.parse(pattern);
  each.id = i.toString(16).padStart(16, '0');
  each.name = `A learner with quite a long name, number ${i}`;
  each.machine.usable = each.machine.cpus = [2, 4, 8, 16][i % 4];
  for (const one of each.runs) {
    if (one.name === 'scale') one.result.rows.forEach((row) => { if (row.speedup) row.speedup *= 0.5 + i / 1000; });
    one.prediction = { question: 'How many times as fast?', unit: ['times as fast', 's', '%'][i % 3], said: 1 + i % 7, was: 1 + i % 11, because: null, sentence: 'A few words.' };
  }
  writeFileSync(join(thousand, `${i}.json`), JSON.stringify(each));
}
pages.thousand = join(folder, 'thousand.html');
// By CPU time, which other programs do not change, and by the largest resident set of the one process.
const gathered = JSON.parse(execFileSync('python3', ['-c', `import json, os, resource, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
status = os.wait4(child, 0)
print(json.dumps({"status": status[1], "cpu_s": status[2].ru_utime + status[2].ru_stime, "bytes": status[2].ru_maxrss * 1024}))`,
  program, 'gather', thousand, pages.thousand], { encoding: 'utf8' }));
await check('thousand: gather takes at most 2 s and 200 MB', () => {
  assert.equal(gathered.status, 0);
  assert.ok(gathered.cpu_s < 2 && gathered.bytes < 200e6, JSON.stringify(gathered));
  console.log(`        ${gathered.cpu_s.toFixed(2)} s of CPU time, ${(gathered.bytes / 1e6).toFixed(0)} MB, a page of ${statSync(pages.thousand).size} bytes`);
});

const alone = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await puppeteer.launch({ executablePath: chromium, args: [...alone, '--disable-dev-shm-usage'] });
try {
  for (const [name, file] of Object.entries(pages)) {
    const page = await browser.newPage();
    const asked = [], said = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.setOfflineMode(true);
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(pathToFileURL(file).href);

    await check(`${name}: asks for nothing but itself`, () => none(asked.filter((url) => url !== pathToFileURL(file).href)));
    await check(`${name}: says nothing on the console`, () => none(said));
    await check(`${name}: is below 500 KB`, () => assert.ok(statSync(file).size < 500_000, `${statSync(file).size} bytes`));
    await check(`${name}: runs no script and has none`, async () =>
      assert.deepEqual(await page.evaluate(() => [window.evil ?? null, document.scripts.length, document.querySelectorAll('img, iframe, object, embed, link').length]), [null, 0, 0]));
    for (const width of [360, 800, 1280, 1600])
      await check(`${name}: has no overflow at ${width} pixels`, async () => {
        await page.setViewport({ width, height: 800 });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'the page scrolls sideways');
        none(await page.evaluate(() => [...document.querySelectorAll('h1, h2, p, dl, .scroll, pre, summary, li, nav')]
          .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1).map((element) => element.outerHTML.slice(0, 100))));
      });
    await check(`${name}: has every text of a picture inside it`, async () => {
      await page.setViewport({ width: 1280, height: 900 });
      none(await page.evaluate(() => [...document.querySelectorAll('svg text')].filter((text) => {
        const whole = text.closest('svg').getBoundingClientRect(), box = text.getBoundingClientRect();
        return box.left < whole.left - 1 || box.right > whole.right + 1 || box.top < whole.top - 1 || box.bottom > whole.bottom + 1;
      }).map((text) => `${text.closest('svg').querySelector('title').textContent}: ${text.textContent}`)));
    });
    for (const scheme of ['light', 'dark'])
      await check(`${name}: axe finds nothing, ${scheme}`, async () => {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.evaluate(() => document.querySelectorAll('details').forEach((each) => (each.open = true)));
        await page.evaluate(axe);
        const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        none(found.violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`));
        none(await page.evaluate(contrasts));
      });
    await check(`${name}: is reached by the keyboard`, async () => {
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    });
    for (const format of ['A4', 'Letter'])
      await check(`${name}: is printed on ${format}, pictures whole`, async () => {
        const pdf = join(folder, `${name}-${format}.pdf`);
        await page.pdf({ path: pdf, format });
        const info = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' });
        assert.match(info, format === 'A4' ? /A4/ : /letter/);
        // A picture that is cut has its title on one page and the end of its axis on the next.
        const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' }).split('\f');
        const titles = await page.evaluate(() => [...document.querySelectorAll('svg')].map((svg) => [...svg.querySelectorAll('text')].map((each) => each.textContent)));
        none(titles.filter((texts) => texts.length > 1 && /^[\w ,.:]+$/.test(texts[0] + texts.at(-1)) &&
          !text.some((sheet) => sheet.includes(texts[0]) && sheet.replace(/\s+/g, ' ').includes(texts.at(-1)))).map((texts) => `${texts[0]} ... ${texts.at(-1)}`));
      });
    await page.close();
  }

  const page = await browser.newPage();
  const cellsOf = async (file) => {
    await page.goto(pathToFileURL(file).href);
    return page.evaluate(() => [...document.querySelectorAll('table')].map((table) => ({ caption: table.caption.textContent, section: table.closest('section').querySelector('h2').textContent,
      rows: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)) })));
  };
  await check('real: the numbers of the page are those of the record', async () => {
    const tables = await cellsOf(pages.real);
    const of = (section, caption) => tables.find((table) => table.section === section && table.caption === caption);
    const last = (name) => recordOf(real).filter((each) => each.name === name && each.kind === 'run').at(-1); // a task has a name of an exercise
    for (const name of ['map', 'pi-parallel', 'starmap'])
      assert.deepEqual(of(name, 'Time of each part').rows.map((row) => Number(row[1])), last(name).timings.map((each) => each.wall_s), name);
    assert.deepEqual(of('scale', 'Speedup against the number of workers').rows.map((row) => row.map(Number)),
      last('scale').result.rows.filter((row) => row.speedup !== null).map((row) => [Number(row.workers), row.speedup, row.speedup_low ?? row.speedup, row.speedup_high ?? row.speedup]));
    assert.deepEqual(of('race', 'Time of one update').rows.slice(1).map((row) => Number(row[1])), last('race').result.cures.map((each) => each.update_ns));
    const compared = of('compare', 'Median of each command, from the least to the largest time');
    assert.deepEqual(compared.rows.map((row) => row.slice(1).map(Number)), last('compare').result.rows.map((row) => [row.median_s, row.min_s, row.max_s]));
  });
  // What the page shows of a number: six digits.
  const exact = (number) => (number === null ? 'cannot be told' : `${Number(number.toPrecision(6))}`);
  const shownOf = (text) => (text === 'cannot be told' ? text : `${Number(text)}`);
  const titles = { 'times as fast': 'speedup', s: 'seconds', '%': 'percent' };
  for (const [name, state] of Object.entries({ real, full }))
    await check(`${name}: the predictions of the page are those of the record`, async () => {
      const tables = (await cellsOf(pages[name])).filter((table) => table.section === 'Predictions');
      const lines = recordOf(state);
      const said = lines.filter((each) => each.prediction);
      assert.ok(said.length > 4, `${said.length} predictions`);
      const units = [...new Set(said.map((each) => each.prediction.unit))];
      assert.deepEqual(tables.map((table) => table.caption).sort(), units.map((unit) => `Prediction and measurement: ${titles[unit]}`).sort());
      for (const unit of units)
        assert.deepEqual(tables.find((table) => table.caption.endsWith(`: ${titles[unit]}`)).rows.map((row) => [row[0], ...row.slice(1, 3).map(shownOf)]),
          said.filter((each) => each.prediction.unit === unit).map((each) => [each.name, exact(each.prediction.said), exact(each.prediction.was)]), unit);
      const paragraphs = await page.evaluate(() => [...document.querySelectorAll('section')].map((section) =>
        [section.querySelector('h2').textContent, ...[...section.querySelectorAll('p')].map((p) => p.textContent)]));
      for (const each of said) // the last complete run of each is shown in full
        if (lines.filter((other) => other.name === each.name && other.kind === 'run').at(-1) === each)
          assert.ok(paragraphs.find(([heading]) => heading === each.name).some((text) => text.endsWith(each.prediction.sentence)), `${each.name}: ${each.prediction.sentence}`);
    });
  await check('real: a dot for each prediction that was measured', async () => {
    await page.goto(pathToFileURL(pages.real).href);
    const figures = await page.evaluate(() => [...document.querySelectorAll('figure')].filter((each) => each.querySelector('table caption').textContent.startsWith('Prediction')).map((figure) =>
      ({ dots: figure.querySelectorAll('svg .dot').length - 1, // and one in the key
        measured: [...figure.querySelector('table').tBodies[0].rows].map((row) => row.cells[2].textContent).filter((text) => text !== 'cannot be told').length })));
    assert.ok(figures.length > 1);
    for (const { dots, measured } of figures) assert.equal(dots, measured);
  });
  await check('real: the timelines of the page are those of the record', async () => {
    const tables = await cellsOf(pages.real);
    for (const name of ['map', 'pi-parallel']) {
      const { lanes } = recordOf(real).filter((each) => each.name === name && each.kind === 'run').at(-1).timeline;
      const share = (parts, mark) => Math.round((1000 * [...parts].filter((part) => part === mark).length) / parts.length) / 10;
      assert.deepEqual(tables.find((table) => table.section === name && table.caption.startsWith('What each worker did over time')).rows,
        lanes.map((lane) => [lane.name, ...['w', 'r', 's', 'i'].map((mark) => `${share(lane.parts, mark)}`)]), name);
    }
  });
  await check('real: a task in two languages stands twice, with its code', async () => {
    await page.goto(pathToFileURL(pages.real).href);
    const practice = await page.evaluate(() => [...document.querySelectorAll('section')].find((each) => each.querySelector('h2').textContent === 'Practice')?.textContent ?? '');
    for (const part of ['map, C++', 'map, Python', 'int main', 'import '])
      assert.ok(practice.includes(part), `${part} is not in ${practice.slice(0, 500)}`);
  });
  await check('real: each command is the one that was run, and no page has a path', async () => {
    await page.goto(pathToFileURL(pages.real).href);
    const commands = await page.evaluate(() => [...document.querySelectorAll('dt')].filter((each) => each.textContent === 'command').map((each) => each.nextElementSibling.textContent));
    for (const command of ['mpworkshop compare pi 1e6 --predict 2 --runs 6', 'mpworkshop pi-parallel 1e7 --processes 4 --timeline --predict 2', 'mpworkshop time COMMAND'])
      assert.ok(commands.includes(command), `${command} is not among ${commands.join('; ')}`);
    none(Object.entries(pages).filter(([name]) => name !== 'hostile').filter(([, file]) => [folder, program].some((path) => readFileSync(file, 'utf8').includes(path))).map(([name]) => name));
  });
  await check('real: bars are as long as their numbers', async () => {
    await page.goto(pathToFileURL(pages.real).href);
    const figures = await page.evaluate(() => [...document.querySelectorAll('figure')].filter((each) => each.querySelector('.bar')).map((figure) => ({
      bars: [...figure.querySelectorAll('.bar')].map((bar) => bar.width.baseVal.value), numbers: [...figure.querySelector('table').tBodies[0].rows].map((row) => Number(row.cells[1].textContent)) })));
    assert.ok(figures.length > 3);
    for (const { bars, numbers } of figures) {
      const scale = Math.max(...bars) / Math.max(...numbers);
      none(bars.map((bar, i) => [bar, Math.max(1, numbers[i] * scale)]).filter(([bar, wanted]) => Math.abs(bar - wanted) > 1).map(String));
    }
  });
  await check('hostile: every text is shown as text', async () => {
    await page.goto(pathToFileURL(pages.hostile).href);
    const text = await page.evaluate(() => document.body.textContent);
    assert.ok(text.includes('</script></title></svg><script>window.evil = 1</script>'));
    assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(text));
    assert.ok(text.includes('4 lines cannot be read'), text.slice(0, 300));
  });
  await check('class: has all of its people and names the files that it left out', async () => {
    const tables = await cellsOf(pages.class);
    const everyone = tables.find((table) => table.caption === 'Everyone').rows;
    assert.equal(everyone.length, 31, 'thirty, and one of the two with the same identifier');
    const left = tables.find((table) => table.caption === 'Files that were left out').rows;
    assert.deepEqual(left.map((row) => row[0]).sort(), ['broken.json', 'newer.json']);
    const speedups = tables.find((table) => table.caption === 'Best speedup of each machine').rows;
    const many = cpus().length > 1 ? (group ? 10 : 20) : 1; // the others have one CPU
    assert.ok(speedups.length >= many, `${speedups.length} speedups`);
    const usable = Object.fromEntries(everyone.map((row) => [row[0], Number(row[1])]));
    for (let i = 0; i < 30; ++i)
      if ((one.length && i % 3 === 0) || (group && i % 3 === 1)) assert.equal(usable[`learner ${i}`], 1, `learner ${i}`);
  });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
console.log(failed === 0 ? 'all good' : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

// Runs in the page: texts of pictures on their paper, which axe does not look at.
function contrasts() {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; // WCAG 2.2, relative luminance
  };
  const paper = luminance(getComputedStyle(document.documentElement).backgroundColor);
  return [...new Set([...document.querySelectorAll('svg text')].map((text) => getComputedStyle(text).fill))].filter((fill) => {
    const [high, low] = [luminance(fill), paper].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05) < 4.5;
  });
}
