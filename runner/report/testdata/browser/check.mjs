// Opens pages in a real browser, at the widths of a phone, a tablet and a desk, light
// and dark, and prints one line for every problem: an error on the console, a request
// to anywhere, a page wider than the window, what axe-core finds, filters and links
// that do not work. With a folder as third argument it takes pictures there.
//
//	node check.mjs BROWSER FOLDER [PICTURES]
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [executablePath, folder, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let place = "";
const problem = (text) => console.log(`${place}: ${text}`);
const expect = (holds, text) => holds || problem(text);

const open = async (url, options) => {
  const page = await (await browser.newContext(options)).newPage();
  page.on("console", (message) => problem(`console: ${message.text()}`));
  page.on("pageerror", (error) => problem(`error: ${error}`));
  page.on("request", (request) => expect(request.url().startsWith("file:"), `request: ${request.url()}`));
  await page.goto(url);
  return page;
};
const close = (page) => page.context().close();
const unfold = (page) => page.evaluate(() => document.querySelectorAll("#findings details, #cases details:nth-of-type(-n+3)").forEach((details) => { details.open = true; }));

async function looks(name, url, width, colorScheme) {
  place = `${name} at ${width}, ${colorScheme}`;
  // axe is a script of ours in the page, which the page's own policy forbids.
  const page = await open(url, { viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}.png`) });
  await unfold(page);
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-whole.png`), fullPage: true });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider <= 0, `${wider} px wider than the window`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const v of violations) problem(`axe: ${v.id}: ${v.help}: ${v.nodes[0].html.slice(0, 160)}`);
  await close(page);
}

async function works(name, url) {
  place = name;
  const page = await open(url, {});
  if (!(await page.isVisible("#filters"))) { // a void run has no cases to filter
    expect((await page.locator(".case").count()) === 0, "there are cases and no filters");
    return close(page);
  }
  const visible = () => page.locator(".case:visible").count();
  const total = await visible();
  const verdict = await page.locator(".case").last().getAttribute("data-verdict");
  const id = await page.locator(".case").last().getAttribute("id");
  const of = await page.locator(`.case[data-verdict="${verdict}"]`).count();
  await page.check(`input[value="${verdict}"]`);
  expect((await visible()) === of, `the verdict ${verdict} shows ${await visible()} of ${of} cases`);
  const shared = page.url();
  await page.click("button[type=reset]");
  await page.waitForFunction((n) => document.querySelector("#shown").textContent.startsWith(`${n} of`), total);
  await page.fill("#search", id);
  expect((await visible()) >= 1 && (await page.isVisible(`[id="${id}"]`)), `searching ${id} does not find it`);
  await page.fill("#search", "nothing has this text");
  expect((await visible()) === 0, "a search without a match shows cases");
  await page.evaluate((name) => { location.hash = name; }, id);
  await page.waitForFunction((name) => document.activeElement.id === name, id);
  expect(await page.isVisible(`[id="${id}"] .facts`), `a link to ${id} does not open it`);
  await close(page);
  const other = await open(shared, {});
  expect((await other.locator(".case:visible").count()) === of, "a shared link does not restore the filters");
  await close(other);
}

for (const file of readdirSync(folder).filter((file) => file.endsWith(".html")).sort()) {
  const name = file.slice(0, -5), url = "file://" + resolve(folder, file);
  for (const [width, scheme] of [[390, "light"], [820, "dark"], [1440, "light"]]) await looks(name, url, width, scheme);
  await works(name, url);
}
await browser.close();
