// Holds the slides to what a room needs: test.mjs builds them afresh, without a network, and measures each in chromium.
// Exits with 77, for ctest to skip it, where it cannot: without chromium, or without the packages and a network.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const required = process.env.MPWORKSHOP_SLIDES === 'required';

function skip(why) {
  console.error(`slides: ${why}`);
  process.exit(required ? 1 : 77);
}

if (!existsSync(process.env.CHROME_PATH ?? '/usr/bin/chromium')) skip('there is no chromium; .ci/setup slides installs it');
if (!existsSync(join(here, 'node_modules/puppeteer-core')) &&
    spawnSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here, stdio: 'inherit' }).status !== 0)
  skip('npm could not install the packages of package-lock.json');

const { browser } = await import('./browser.mjs');
const { aboveIdeal, json, scaled, screen } = await import('./data.mjs');
const { deck, expand, pair, region, regions, script, sourcesHash } = await import('./deck.mjs');

let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log(`good    ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED  ${name}\n        ${error.message.replace(/\n/g, '\n        ')}`);
  }
}
const none = (problems) => assert.equal(problems.length, 0, problems.join('\n'));
const pdf = (file, tool, ...words) => execFileSync(tool, [...words, file], { encoding: 'utf8' });

const files = ['mpworkshop.html', 'mpworkshop.pdf', 'handout-a4.pdf', 'handout-letter.pdf'];
const built = mkdtempSync(join(tmpdir(), 'mpworkshop-slides-'));
const slides = deck().split(/\n---\n/);
const title = (slide) => /^# (.*)$/m.exec(slide)[1];
const notes = (slide) => [...slide.matchAll(/<!--\n(.*?)-->/gs)].map((each) => each[1]);

try {
  await check('are built without a network', () => {
    const build = [process.execPath, join(here, 'build.mjs'), built];
    // A namespace without any interface, where this machine grants one.
    const namespace = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
    const alone = spawnSync(namespace[0], [...namespace.slice(1), 'true']).status === 0 ? namespace : [];
    if (alone.length === 0) console.log('note    this machine grants no namespace: they are built with its network');
    const [command, ...words] = [...alone, ...build];
    const run = spawnSync(command, words, { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    none(files.filter((file) => !existsSync(join(built, file))));
  });

  await check('that are committed are up to date', () => {
    const now = `sources-${sourcesHash()}`;
    assert.ok(readFileSync(join(here, 'mpworkshop.html'), 'utf8').includes(now), 'mpworkshop.html is older than its sources: npm run build');
    assert.match(pdf(join(here, 'mpworkshop.pdf'), 'pdfinfo'), new RegExp(now), 'mpworkshop.pdf is older than its sources: npm run build');
    for (const paper of ['a4', 'letter'])
      assert.match(pdf(join(here, `handout-${paper}.pdf`), 'pdfinfo'), new RegExp(now), `handout-${paper}.pdf is older than its sources`);
  });

  await check('take 110 to 120 minutes', () => {
    const found = slides.map((slide) => /^(\d+) min( at home)?$/m.exec(notes(slide)[0] ?? ''));
    none(slides.filter((_, i) => !(Number(found[i]?.[1]) > 0)).map((slide) => `${title(slide)}: the notes do not begin with "N min" or "N min at home"`));
    const sum = (those) => those.reduce((all, each) => all + Number(each[1]), 0);
    const shown = sum(found.filter((each) => !each[2]));
    assert.ok(shown >= 110 && shown <= 120, `they take ${shown} minutes`);
    const writing = sum(found.filter((_, i) => title(slides[i]).startsWith('Your turn: ')));
    assert.ok(writing >= 40, `of which people write code for ${writing} minutes`);
  });

  await check('say what to say, to type, to see, and what people ask', () => {
    none(slides.flatMap((slide) => ['Say', 'Type', 'See', 'Ask'].filter((word) => !new RegExp(`^${word}: .{5}`, 'm').test(notes(slide)[0] ?? ''))
      .map((word) => `${title(slide)}: no "${word}:"`)));
  });

  await check('show code as it is in the exercises, 17 lines at most', () => {
    const source = readFileSync(join(here, 'deck.md'), 'utf8');
    const pairs = [...source.matchAll(/^\{\{both (.*?)\}\}$/gm)].map((each) => pair(each[1]));
    const single = [...source.matchAll(/^\{\{code (.*?)\}\}$/gm)].map((each) => each[1].split(' | ')).map(([file, ...parts]) => [[file, parts]]);
    const html = readFileSync(join(built, 'mpworkshop.html'), 'utf8')
      .replace(/<[^>]+>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, '\'').replace(/&amp;/g, '&');
    for (const page of [...pairs, ...single]) {
      const codes = page.map(([file, beginnings]) => regions(file, beginnings));
      assert.ok(codes.join('\n').split('\n').length <= 17, `${page[0][0]}: too many lines`);
      for (const code of codes) assert.ok(html.includes(code), `the deck does not have this code of ${page[0][0]}: ${code.split('\n')[0]}`);
    }
    const exercises = readdirSync(join(here, '../exercises'), { recursive: true }).filter((file) => /^\w+\/\w+\.py$/.test(file));
    assert.ok(exercises.length >= 12);
    none(exercises.filter((file) => !pairs.some(([[python]]) => python === `exercises/${file}`)).map((file) => `no page has ${file} and its C++`));
  });

  await check('refuse code, output, terms, and tables that do not exist', () => {
    for (const wrong of ['{{both exercises/map/map | def nonsense( || double to_celsius(}}', '{{both exercises/map/map | def to_celsius(}}',
      '{{code exercises/map/map.cpp | nonsense}}', '{{screen map | nonsense}}', '{{words Nonsense}}', '{{table exercises/rules.md}}',
      '{{list exercises/rules.md 9}}', '{{rows README.md | nonsense}}', '{{figure nonsense}}', '{{number nonsense}}'])
      assert.throws(() => expand(wrong), /slides: /, wrong);
    assert.equal(region('exercises/map/map.py', 'with Pool(workers)'), 'with Pool(workers) as pool:\n    celsius = convert_in_a_pool(pool, fahrenheit)');
  });

  await check('explain a speedup above the ideal', () => {
    assert.equal(aboveIdeal('1.79', '1.71', '1.82', 2), '');
    assert.match(aboveIdeal('1.94', '1.52', '2.02', 2), /^The interval reaches above/);
    assert.match(aboveIdeal('2.01', '1.95', '2.05', 2), /but the interval contains the ideal/);
    assert.match(aboveIdeal('2.20', '2.10', '2.30', 2), /^The whole interval is above/);
  });

  await check('have the batch script that is tested, the README too', () => {
    const tested = '```sh\n' + script('tests/slurm/pi.sbatch') + '\n```';
    assert.ok(deck().includes(tested), 'the deck does not have tests/slurm/pi.sbatch');
    assert.ok(readFileSync(join(here, '../README.md'), 'utf8').includes(tested), 'README.md does not have tests/slurm/pi.sbatch');
  });

  await check('say what the recorded runs show', () => {
    const { threads_locked: locked, threads_free: free, processes } = json('gil').result;
    const { attempts, cures } = json('race').result;
    const [one, two] = json('concurrency').result.runs;
    const price = Object.fromEntries(json('price').result.prices.map((each) => [each.name, each.median_s]));
    const claims = {
      'one lock: computing takes turns': locked.computing.wall_s > 1.7 * Math.max(free.computing.wall_s, processes.computing.wall_s),
      'one lock: waiting does not': locked.waiting.wall_s < 1.1 * Math.min(free.waiting.wall_s, processes.waiting.wall_s),
      'updates are lost': attempts.filter((each) => each.lost_percent > 0).length >= 3,
      'a mutex is the most expensive cure': cures.every((cure) => cure.name === 'mutex' || cure.update_ns < cures.find((each) => each.name === 'mutex').update_ns),
      'two CPUs take half the time': one.wall_s > 1.7 * two.wall_s,
      'compare: the pool is faster for certain': json('compare').rows[1].speedup_low > 1,
      'scale: two are faster for certain': scaled().low > 1,
      'a task, a thread, a process: each more expensive': price.task < price.thread && price.thread < price.process,
      'the loop wins against map': screen('map').some((line) => line.startsWith('The loop won')),
      'a worker died, and the digits are right': /died[^]*/.test(screen('killed').join('\n')) && screen('killed').includes('pi    3.141592653589793'),
      'over ranks: the same digits': screen('ranks').includes('pi    3.141592653589793'),
      'over ranks: two are faster': json('scale-ranks').rows.find((row) => Number(row.workers) === 2).speedup > 1,
      'a rank that is lost is named, with its host': /rank 2 on host \S+ is gone/.test(screen('rank-lost').join(' ')),
    };
    none(Object.keys(claims).filter((claim) => !claims[claim]));
  });

  await check('ask, predict, run, show and vary in every exercise', () => {
    for (const name of ['cores', 'threads-io', 'process-demo', 'map', 'starmap', 'pi-serial', 'pi-parallel']) {
      const question = slides.find((slide) => title(slide) === `Exercise: ${name}`);
      assert.ok(question, `there is no slide "Exercise: ${name}"`);
      for (const word of ['**Predict:**', `./run ${name}`, '**Vary:**']) assert.ok(question.includes(word), `${name}: no ${word}`);
      assert.ok(slides.filter((slide) => title(slide).startsWith(`${name}:`)).length >= 1, `${name}: nothing is shown`);
    }
  });

  const chromium = await browser();
  try {
    const page = await chromium.newPage();
    const asked = [];
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      asked.push(request.url());
      if (/^(file|data|blob|about):/.test(request.url())) request.continue();
      else request.abort();
    });
    await page.setViewport({ width: 1280, height: 720 });
    await page.goto(pathToFileURL(join(built, 'mpworkshop.html')).href);

    await check('ask nothing of another machine', () => none(asked.filter((url) => !/^(file|data|blob|about):/.test(url))));
    await check('are one file', () => none(asked.filter((url) => url.startsWith('file:') && !url.endsWith('mpworkshop.html'))));

    // All slides beside each other, at their own size, none hidden.
    const measured = await page.evaluate(measure);
    await check('number as many as in the deck', () => assert.equal(measured.slides, slides.length));
    await check('overflow nowhere', () => none(measured.overflow));
    await check('have no text below 18 pt', () => none(measured.small));
    await check('have a contrast of 4.5 to 1 at least', () => none(measured.pale));
    await check('have words for every image', () => none(measured.mute));
    await check('keep the notes for the presenter', () => assert.equal(measured.notes, slides.length));
  } finally {
    await chromium.close();
  }

  await check('as PDF have tags, an outline and a page for each', () => {
    const file = join(here, 'mpworkshop.pdf');
    assert.match(pdf(file, 'pdfinfo'), /Tagged: +yes/);
    assert.match(pdf(file, 'pdfinfo'), new RegExp(`Pages: +${slides.length}\\n`));
    const outline = execFileSync('pdftohtml', ['-xml', '-i', '-stdout', file], { encoding: 'utf8' });
    assert.equal([...outline.matchAll(/<item page=/g)].length, slides.length, 'the outline has not one entry for each slide');
  });
  await check('have a handout of two pages in 9.5 pt at least, for both papers', () => {
    for (const [paper, size] of [['a4', 'A4'], ['letter', 'letter']]) {
      const file = join(here, `handout-${paper}.pdf`);
      assert.match(pdf(file, 'pdfinfo'), new RegExp(`Pages: +2\\n[^]*${size}`));
      // pdftohtml rounds down; at three times the size that is a third of a point.
      const xml = execFileSync('pdftohtml', ['-xml', '-i', '-stdout', '-zoom', '3', file], { encoding: 'utf8' });
      const sizes = [...xml.matchAll(/<fontspec [^>]*size="(\d+)"/g)].map((each) => Number(each[1]));
      assert.ok(sizes.length > 0 && Math.min(...sizes) >= Math.floor(9.5 * 3), `handout-${paper}.pdf has text of ${Math.min(...sizes) / 3} pt`);
      const second = execFileSync('pdftotext', ['-f', '2', '-l', '2', file, '-'], { encoding: 'utf8' }).replace(/\s+/g, ' ');
      for (const word of ['Words', 'Affinity', 'Race condition', 'Worker']) assert.ok(second.includes(word), `page 2 of handout-${paper}.pdf does not have ${word}`);
    }
  });
  await check('name their sources, their licenses, and their version', () => {
    const texts = { 'the first page': slides[0], 'handout.html': readFileSync(join(here, 'handout.html'), 'utf8'), 'facilitator.md': readFileSync(join(here, 'facilitator.md'), 'utf8') };
    for (const [name, text] of Object.entries(texts))
      for (const words of ['University of Michigan', 'Getting Started with the Python Multiprocessing Package', 'PDC at KTH', 'Parallel programming in Python: multiprocessing, part 1', '2019', 'CC BY 4.0', 'MIT'])
        assert.ok(text.replace(/\s+/g, ' ').includes(words), `${name} does not have "${words}"`);
    const pages = execFileSync('pdftotext', ['-layout', join(here, 'mpworkshop.pdf'), '-'], { encoding: 'utf8' }).split('\f').slice(0, -1);
    none(pages.filter((page) => !/mpworkshop \d+\.\d+\.\d+/.test(page)).map((page) => `no version: ${page.trim().split('\n')[0]}`));
  });
  await check('have the minutes of the schedule', () => {
    const footer = /^<!-- footer: "mpworkshop \S+ · (\d)/m;
    const parts = [0];
    let part = 0;
    for (const slide of slides) {
      part = Number(footer.exec(slide)?.[1] ?? part);
      if (/footer: "[^"]*Appendix/.test(slide)) break;
      parts[part] = (parts[part] ?? 0) + Number(/^(\d+) min$/m.exec(notes(slide)[0])?.[1] ?? 0);
    }
    const rows = [...readFileSync(join(here, 'facilitator.md'), 'utf8').matchAll(/^\| (\d+) to (\d+) \| (.*?) \|/gm)]
      .filter((row) => !row[3].includes('break')).map((row) => Number(row[2]) - Number(row[1]));
    assert.deepEqual([...parts.slice(0, 6), parts[6] + parts[7]], rows);
  });
} finally {
  rmSync(built, { recursive: true });
}
console.log(failed === 0 ? 'all good' : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

// Runs in the page.
function measure() {
  const found = { slides: 0, overflow: [], small: [], pale: [], mute: [], notes: document.querySelectorAll('.bespoke-marp-note').length };
  const style = document.createElement('style');
  style.textContent = 'body{overflow:visible!important} svg[data-marpit-svg]{display:block!important;position:static!important;' +
    'width:1280px!important;height:720px!important;opacity:1!important;visibility:visible!important;content-visibility:visible!important}' +
    '.bespoke-marp-osc,.bespoke-progress-parent,.bespoke-marp-note{display:none!important}';
  document.head.append(style);
  document.body.parentElement.style.overflow = 'visible';

  const luminance = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; // WCAG 2.2, relative luminance
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const opaque = (color) => color && color !== 'none' && !/^rgba.*, 0\)$/.test(color) && color.startsWith('rgb');
  // What is painted behind a text: the last shape before it that its middle lies in, else a background.
  const behind = (element, section) => {
    const box = element.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
    const drawing = element.closest('figure svg');
    let color = null;
    if (drawing)
      for (const shape of drawing.querySelectorAll('rect, circle, path')) {
        const area = shape.getBoundingClientRect();
        if ((shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) && x > area.left && x < area.right && y > area.top &&
            y < area.bottom && !shape.closest('defs') && opaque(getComputedStyle(shape).fill)) color = getComputedStyle(shape).fill;
      }
    for (let each = element; !color && each; each = each.parentElement)
      if (opaque(getComputedStyle(each).backgroundColor)) color = getComputedStyle(each).backgroundColor;
    return color ?? 'rgb(255, 255, 255)';
  };

  for (const section of document.querySelectorAll('section')) {
    ++found.slides;
    const name = section.querySelector('h1')?.textContent ?? `slide ${found.slides}`;
    const whole = section.getBoundingClientRect();
    const scale = whole.width / 1280;
    for (const element of section.querySelectorAll('h1, p, li, pre, table, figure, figure svg text, .math')) {
      const box = element.getBoundingClientRect();
      const beyond = Math.max(box.bottom - (whole.top + 672 * scale), box.right - (whole.left + 1222 * scale), whole.left + 58 * scale - box.left) / scale;
      if (beyond > 1) found.overflow.push(`${name}: ${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 30)}" by ${Math.round(beyond)} px`);
      if (element.tagName === 'PRE' && element.querySelector('code').getBoundingClientRect().right > box.right + 1 * scale ||
          element.scrollWidth > element.clientWidth + 1 && element.tagName === 'PRE')
        found.overflow.push(`${name}: a line of code or of output is too long`);
    }
    const texts = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const element = node.parentElement;
      if (!node.textContent.trim() || element.closest('title, style, mjx-container, defs')) continue;
      const computed = getComputedStyle(element);
      const inFigure = element.closest('figure svg');
      const zoom = inFigure ? inFigure.getBoundingClientRect().width / scale / inFigure.viewBox.baseVal.width : 1;
      const points = parseFloat(computed.fontSize) * zoom * 0.75;
      const words = `${name}: "${node.textContent.trim().slice(0, 30)}"`;
      if (points < 17.99) found.small.push(`${words} has ${points.toFixed(1)} pt`);
      const color = inFigure ? computed.fill : computed.color;
      const ratio = contrast(color, behind(element, section));
      if (ratio < 4.5) found.pale.push(`${words}: ${color} on ${behind(element, section)} is ${ratio.toFixed(2)} to 1`);
    }
    for (const image of section.querySelectorAll('img, figure svg, .math'))
      if ((image.getAttribute('alt') ?? image.getAttribute('aria-label') ?? '').length < 20) found.mute.push(`${name}: an image without words`);
  }
  return found;
}
