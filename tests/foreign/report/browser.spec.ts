import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { type Browser, chromium, type Page } from "playwright-core";
import { reportOf, subjectsOf } from "../../../report/index.js";
import { makeHistory, makeRun } from "../../unit/report/runs.js";
import { chromiumPath, noBrowser } from "./browser.js";

const goals = { recoveryTimeGoalSeconds: 2000, recoveryPointGoalSeconds: 250 };
const nasty = '<script>document.title="broken"</script><img src=x onerror="document.title=1">"><b>';
const pages = {
  small: makeHistory(2, { machines: 3, ...goals }),
  hundred: makeHistory(12, { machines: 100, ...goals }),
  hostile: [
    makeRun({ machines: 3, nameOf: (index) => `${nasty}${index}` }),
    makeRun({
      machines: 3,
      nameOf: (index) => `${"verylongnamewithoutanyspace".repeat(8)}${index}`,
      startTime: "2026-07-01T00:00:00Z",
      jobName: "x".repeat(300),
    }),
    { ...makeRun({ machines: 3 }), targetId: "/two", targetName: nasty },
  ],
};

describe("a report in a browser", function () {
  this.timeout(120_000);
  let browser: Browser | undefined;
  let folder: string;
  const problems: string[] = [];

  before(async function () {
    const found = chromiumPath();
    if (found === undefined) {
      console.log(`      skipped: ${noBrowser}`);
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), "siterecovery-pages-"));
    for (const [name, runs] of Object.entries(pages))
      writeFileSync(path.join(folder, `${name}.html`), reportOf(subjectsOf(runs))["drill.html"]);
    const file = path.isAbsolute(found) ? found : spawnSync("which", [found], { encoding: "utf8" }).stdout.trim();
    browser = await chromium.launch({ executablePath: file, args: ["--no-sandbox"] });
  });
  after(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function open(
    name: keyof typeof pages,
    width: number,
    colorScheme: "light" | "dark" = "light",
  ): Promise<Page> {
    if (!browser) throw new Error("no browser");
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: true });
    problems.length = 0;
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!/^(?:file|data):/.test(request.url())) problems.push(`it asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(path.join(folder, `${name}.html`)).href);
    return page;
  }

  for (const name of Object.keys(pages) as (keyof typeof pages)[]) {
    for (const width of [390, 1280]) {
      it(`shows the ${name} one at ${width} pixels without a line too wide, an error or a request`, async () => {
        const page = await open(name, width);
        const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
        expect(overflow).to.be.at.most(0);
        await page.emulateMedia({ media: "print" });
        expect(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")).to.be.at.most(
          width === 390 ? Number.POSITIVE_INFINITY : 0,
        );
        expect(problems).to.deep.equal([]);
        await page.close();
      });
    }
  }

  it("shows verdict, headings, a row for each machine and a bar for each step, as a reader sees them", async () => {
    const page = await open("hundred", 1280);
    expect(await page.locator("h1").allInnerTexts()).to.deep.equal(["Drill of recovery plan shop"]);
    expect(await page.locator("h2").allInnerTexts()).to.deep.equal([
      "Timeline",
      "Who can connect",
      "Findings",
      "Since the last run",
      "Trend",
      "Machines",
      "Raw data",
    ]);
    expect(await page.locator(".verdict").innerText()).to.match(/^✗ \d+ goals missed$/);
    expect(await page.getByRole("region", { name: "Machines" }).locator("tbody tr").count()).to.equal(100);
    const drawing = page.getByRole("img", { name: "Timeline of the run" });
    expect(await drawing.locator("rect").count()).to.equal(400);
    const box = await drawing.locator("rect").first().boundingBox();
    expect(box?.width).to.be.greaterThan(1);
    expect(await page.getByRole("img", { name: "Trend of the recovery time" }).locator("circle").count()).to.equal(
      12,
    );
    await page.close();
  });

  it("is dark where the reader's system is dark, and light on paper", async () => {
    const ground = "getComputedStyle(document.body).backgroundColor";
    const light = await open("small", 1280);
    expect(await light.evaluate(ground)).to.equal("rgb(255, 255, 255)");
    await light.close();
    const dark = await open("small", 1280, "dark");
    expect(await dark.evaluate(ground)).to.equal("rgb(13, 17, 23)");
    await dark.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await dark.evaluate(ground)).to.equal("rgb(255, 255, 255)");
    const paper = await dark.pdf({ format: "A4" });
    expect(paper.subarray(0, 5).toString()).to.equal("%PDF-");
    await dark.close();
  });

  it("shows names that mean harm as the text that they are", async () => {
    const page = await open("hostile", 1280);
    expect(await page.title())
      .to.not.equal("broken")
      .and.to.not.equal("1");
    expect(await page.locator("script, img, b b").count()).to.equal(0);
    expect(await page.locator("h2").filter({ hasText: "<script>" }).count()).to.equal(1);
    await page.close();
  });

  it("gives CI well-formed XML, as the browser's own parser reads it", async () => {
    const page = await open("small", 390);
    const run = makeRun({ machines: 3, nameOf: (index) => `${nasty}&\u0000\u001b${index}`, ...goals });
    const xml = JSON.stringify(reportOf(subjectsOf([run]))["drill.junit.xml"]);
    const parsed = await page.evaluate(
      `(() => { const read = new DOMParser().parseFromString(${xml}, "application/xml"); return [read.querySelectorAll("parsererror").length, read.querySelectorAll("testcase").length, read.querySelector("testcase:nth-of-type(2)").getAttribute("name")]; })()`,
    );
    expect(parsed).to.deep.equal([0, 7, `${nasty}&\ufffd\ufffd0 recovers within 33 min 20 s`]);
    await page.close();
  });
});
