// Mocha's own "spec" reporter that also leaves its figures in a file, so that the rungs can be added up.
const { writeFileSync } = require("node:fs");
const Mocha = require("mocha");

module.exports = class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.SITERECOVERY_TEST_FIGURES;
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending }));
    });
  }
};
