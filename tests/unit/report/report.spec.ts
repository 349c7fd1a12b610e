import { expect } from "chai";
import { differencesOf } from "../../../report/difference.js";
import { dark, light } from "../../../report/html/style.js";
import { readEvidence, reportOf, subjectsOf, summaryOf, verdictText } from "../../../report/index.js";
import { all, type Element, parseMarkup, textOf } from "./markup.js";
import { makeHistory, makeRun } from "./runs.js";

const goals = { recoveryTimeGoalSeconds: 900, recoveryPointGoalSeconds: 201 };
const page = (runs = makeHistory(3, { machines: 12, ...goals })) =>
  parseMarkup(reportOf(subjectsOf(runs))["drill.html"], "html");

describe("the page of a report", () => {
  it("says first how it went: verdict, machines, time and age of data against their goals", () => {
    const [main] = all(page(), "main");
    const text = textOf(main as Element).replace(/\s+/g, " ");
    const head = text.slice(0, text.indexOf("Timeline"));
    expect(head).to.match(/^ ?Drill of recovery plan shop ✗ \d+ goals missed 12 of 12 machines recovered within/);
    expect(head).to.contain("goal: 15 min").and.to.contain("goal: 3 min 21 s").and.to.contain("11 of 12");
  });

  it("has one h1, no level left out, a language, and a name for every drawing and scrolling part", () => {
    for (const document of [
      page(),
      page([makeRun(), { ...makeRun(), targetId: "/other", targetName: "other" }]),
    ]) {
      const levels = all(document).flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
      expect(levels.filter((level) => level === 1)).to.have.length(1);
      levels.forEach((level, index) => {
        expect(level - (levels[index - 1] ?? 0)).to.be.at.most(1);
      });
      expect(all(document, "html")[0]?.attributes.lang).to.equal("en");
      const ids = all(document).flatMap(({ attributes }) => attributes.id ?? []);
      expect(new Set(ids).size).to.equal(ids.length);
      for (const drawing of all(document, "svg")) {
        const named = drawing.attributes["aria-labelledby"]?.split(" ") ?? [];
        expect(named).to.have.length(2);
        for (const id of named) expect(ids).to.include(id);
        expect(all(drawing, "title").length).to.be.greaterThan(0);
        expect(textOf(all(drawing, "desc")[0] as Element).length).to.be.greaterThan(20);
      }
      for (const { attributes } of all(document).filter((element) => element.attributes.role === "region"))
        expect(attributes["aria-label"], "label").to.be.a("string").and.to.not.equal("");
      for (const table of all(document, "table")) {
        expect(all(table, "caption")).to.have.length(1);
        for (const head of all(table, "th")) expect(head.attributes.scope).to.be.oneOf(["col", "row"]);
      }
    }
  });

  it("draws a row for each machine under its boot group, and a bar for each of its steps", () => {
    const run = makeRun({ machines: 25, groupSize: 10 });
    const drawing = all(page([run]), "svg")[0] as Element;
    expect(all(drawing, "rect")).to.have.length(run.tasks.length);
    const texts = all(drawing, "text").map(textOf);
    for (const { name } of run.machines) expect(texts).to.include(name);
    expect(texts.filter((text) => text.startsWith("Boot group"))).to.deep.equal([
      "Boot group 1",
      "Boot group 2",
      "Boot group 3",
    ]);
  });

  it("marks a step that failed and a machine that did not come up", () => {
    const run = makeRun({ machines: 2 });
    const broken = {
      ...run,
      state: "Failed",
      machines: run.machines.map((machine, index) =>
        index === 0 ? { ...machine, recoveryTimeSeconds: undefined } : machine,
      ),
      tasks: run.tasks.map((task) =>
        task.machine === "web001" && task.name.startsWith("Creating") ? { ...task, state: "Failed" } : task,
      ),
    };
    const document = page([JSON.parse(JSON.stringify(broken))]);
    expect(textOf(document))
      .to.contain("✗ Failed")
      .and.to.contain("web001: did not come up")
      .and.to.contain("1 of 2 machines recovered");
    expect(all(document, "rect").filter(({ attributes }) => attributes.class === "broken")).to.have.length(1);
  });

  it("tells who can connect as a map, as text for those who do not see it, and as a table of every machine", () => {
    const run = makeRun({ machines: 20 });
    const document = page([run]);
    const map = all(document, "svg")[1] as Element;
    expect(
      all(map, "path")
        .map(({ attributes }) => attributes.class)
        .sort(),
    ).to.include.members(["open", "shut"]);
    expect(textOf(all(map, "desc")[0] as Element))
      .to.contain("blocked to 1 machine")
      .and.to.contain("VPN");
    const table = all(document, "table").find((each) => textOf(each).includes("IP flow verify")) as Element;
    expect(all(all(table, "tbody")[0] as Element, "tr")).to.have.length(20);
  });

  it("says the same finding of many machines once, with all their names and the remedy", () => {
    const document = page([makeRun({ machines: 100 })]);
    const found = all(document, "ul").find(({ attributes }) => attributes.class === "found") as Element;
    expect(all(found, "li")).to.have.length(1);
    expect(textOf(found))
      .to.contain("on 10 machines")
      .and.to.contain("web100")
      .and.to.contain("add rule siterecovery-vpn-tcp-3389");
  });

  it("can be made of a run that measured nothing at all", () => {
    const empty = {
      ...makeRun({ machines: 0 }),
      startTime: undefined,
      seconds: undefined,
      tasks: [],
      bootGroups: [],
      hashes: {},
    };
    const document = page([JSON.parse(JSON.stringify(empty))]);
    expect(textOf(document))
      .to.contain("✗ Failed")
      .and.to.contain("not measured")
      .and.to.contain("tells no times");
  });

  it("keeps a report of 100 machines under a megabyte", () => {
    const text = reportOf(subjectsOf(makeHistory(12, { machines: 100, ...goals })))["drill.html"];
    expect(Buffer.byteLength(text)).to.be.lessThan(1_000_000);
  });

  it("uses colours that can be read on both backgrounds of both schemes", () => {
    for (const [scheme, colours] of Object.entries({ light, dark } as Record<string, Record<string, string>>)) {
      for (const ground of ["page", "panel"]) {
        for (const name of ["text", "muted", "good", "bad", "warn", "note"])
          expect(contrast(colours[name], colours[ground]), `${scheme} ${name} on ${ground}`).to.be.at.least(4.5);
        for (const name of ["step0", "step1", "step2", "step3", "step4", "step5"])
          expect(contrast(colours[name], colours[ground]), `${scheme} ${name} on ${ground}`).to.be.at.least(3);
      }
    }
  });
});

describe("the JUnit file of a report", () => {
  it("has a test for each machine and goal, a failure for each missed one, and counts that add up", () => {
    const run = makeRun({ machines: 12, ...goals });
    const document = parseMarkup(reportOf(subjectsOf([run]))["drill.junit.xml"], "xml");
    const [suite] = all(document, "testsuite");
    expect(all(document, "testcase")).to.have.length(1 + 24);
    const missed = run.goals.filter(({ isMet }) => !isMet).length;
    expect(missed).to.be.greaterThan(0);
    expect(all(document, "failure")).to.have.length(missed);
    expect(suite?.attributes).to.include({ tests: "25", failures: String(missed), timestamp: run.startTime });
    const names = all(document, "testcase").map(({ attributes }) => attributes.name);
    expect(names)
      .to.include("web001 recovers within 15 min")
      .and.to.include("web001 loses at most 3 min 21 s of data");
  });

  it("fails where the run failed, also without any goal", () => {
    const run = { ...makeRun({ machines: 2 }), state: "Failed" };
    const document = parseMarkup(reportOf(subjectsOf([run]))["drill.junit.xml"], "xml");
    expect(all(document, "failure").map(({ attributes }) => attributes.type)).to.deep.equal(["runFailed"]);
  });
});

describe("summaryOf", () => {
  it("tells a run that failed, one that missed goals, one with findings and a good one apart", () => {
    const run = makeRun({ machines: 2 });
    const words = (each: typeof run) => verdictText(summaryOf(each));
    expect(words(run)).to.equal("Succeeded");
    expect(words(makeRun({ machines: 2, recoveryTimeGoalSeconds: 100_000 }))).to.equal("Goals met");
    expect(words(makeRun({ machines: 10 }))).to.equal("Succeeded, with findings");
    expect(words(makeRun({ machines: 1, recoveryTimeGoalSeconds: 1 }))).to.equal("1 goal missed");
    expect(words({ ...run, state: "PartiallySucceeded" })).to.equal("Failed");
    expect(words({ ...run, machines: [] })).to.equal("Failed");
  });
});

describe("differencesOf", () => {
  it("names what is slower, new, gone, blocked or changed, and leaves noise out", () => {
    const before = makeRun({ machines: 3, jobName: "before" });
    const [first, second, third] = before.machines;
    if (!first || !second || !third) throw new Error("three machines");
    const now = {
      ...before,
      hashes: { ...before.hashes, recoveryPlan: "sha256:dd" },
      machines: [
        { ...first, recoveryTimeSeconds: (first.recoveryTimeSeconds ?? 0) + 600, privateIp: "10.9.9.9" },
        {
          ...second,
          recoveryTimeSeconds: (second.recoveryTimeSeconds ?? 0) + 5,
          access: second.access.map((each) => ({ ...each, reachable: false })),
        },
        { ...third, replicatedItemId: "/new", name: "new01" },
      ],
    };
    const lines = differencesOf(now, before).map(
      ({ direction, machine, text }) => `${direction} ${machine ?? "-"}: ${text}`,
    );
    expect(lines.some((line) => /^worse -: recovery of the last machine/.test(line))).to.equal(true);
    expect(lines.some((line) => /^worse web001: recovery: .*10 min more/.test(line))).to.equal(true);
    expect(lines).to.include("other web001: address 10.9.9.9, was 10.20.0.4");
    expect(lines).to.include("worse web002: Tcp/3389 by vpn is blocked now");
    expect(lines.filter((line) => line.includes("web002: recovery"))).to.deep.equal([]);
    expect(lines)
      .to.include("other new01: is new in the run")
      .and.to.include("other web003: is no longer in the run");
    expect(lines).to.include("other -: the recovery plan (groups, machines or actions) changed since");
  });

  it("finds nothing between a run and itself", () => {
    const run = makeRun({ machines: 5 });
    expect(differencesOf(run, run)).to.deep.equal([]);
  });
});

describe("readEvidence", () => {
  const run = makeRun({ machines: 1 });

  it("finds runs in lines of a history, in stack outputs, in an exported stack and in drill.json", () => {
    const lines = `${JSON.stringify(run)}\n${JSON.stringify({ ...run, jobName: "other" })}\n`;
    expect(readEvidence(lines, "x").runs.map(({ jobName }) => jobName)).to.deep.equal([run.jobName, "other"]);
    for (const holder of [
      run,
      { evidence: run, other: 1 },
      { a: { evidence: [run] } },
      {
        version: 3,
        deployment: { resources: [{ type: "x" }, { outputs: { evidence: run, machines: run.machines } }] },
      },
    ])
      expect(readEvidence(JSON.stringify(holder, null, 2), "x")).to.deep.equal({ runs: [run], problems: [] });
    expect(readEvidence(reportOf(subjectsOf([run]))["drill.json"], "x").runs).to.deep.equal([run]);
  });

  it("leaves out half a line, what is no evidence and what is of a later version, and says where", () => {
    const text = `${JSON.stringify(run)}\n{"schemaVersion":1,"jobN\n${JSON.stringify({ ...run, schemaVersion: 9 })}\n${JSON.stringify({ ...run, machines: 7 })}\n`;
    const { runs, problems } = readEvidence(text, "shop.jsonl");
    expect(runs).to.have.length(1);
    expect(problems).to.have.length(3);
    expect(problems[0]).to.contain("shop.jsonl, line 2").and.to.contain("no JSON");
    expect(problems[1]).to.contain("line 3").and.to.contain("schemaVersion 9");
    expect(problems[2]).to.contain("line 4").and.to.contain("machines");
  });

  it("reads what a later version of the same shape added", () => {
    const later = { ...run, colour: "blue", machines: run.machines.map((machine) => ({ ...machine, zone: "1" })) };
    expect(readEvidence(JSON.stringify(later), "x").runs).to.deep.equal([later]);
  });
});

describe("subjectsOf", () => {
  it("takes the latest run of each target with those before it, failover and failback apart", () => {
    const there = {
      ...makeRun({ jobName: "there" }),
      kind: "failover" as const,
      fromStage: "protected",
      toStage: "committed",
    };
    const back = {
      ...there,
      jobName: "back",
      fromStage: "reprotected",
      toStage: "failedBack",
      startTime: "2026-06-01T00:00:00Z",
    };
    const subjects = subjectsOf([...makeHistory(3), there, back]);
    expect(
      subjects.map(({ run: { jobName }, previous, history }) => [jobName, previous?.jobName, history.length]),
    ).to.deep.equal([
      ["back", undefined, 1],
      ["there", undefined, 1],
      ["job-3", "job-2", 3],
    ]);
    expect(subjectsOf(makeHistory(3), { job: "job-2" }).map(({ previous }) => previous?.jobName)).to.deep.equal([
      "job-1",
    ]);
    expect(subjectsOf(makeHistory(3), { target: "nobody" })).to.deep.equal([]);
  });
});

/** @see https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio */
function contrast(a = "", b = ""): number {
  const luminance = (colour: string) => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}
