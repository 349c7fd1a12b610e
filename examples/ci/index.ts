// A drill as a stack of its own: CI brings it up, reports it and destroys it, and replication is never touched.
import * as pulumi from "@pulumi/pulumi";
import * as siterecovery from "pulumi-siterecovery";

const config = new pulumi.Config();

const drill = new siterecovery.TestFailover("weekly", {
  targetId: config.require("planId"),
  testNetworkId: config.require("testNetworkId"),
  // A new value runs the drill again: the workflow sets one for each week.
  triggers: [config.require("trigger")],
  recoveryTimeGoal: config.get("recoveryTimeGoal") ?? "PT4H",
  recoveryPointGoal: config.get("recoveryPointGoal") ?? "PT15M",
  failOnMissedGoal: true,
});

export const jobName = drill.jobName;
export const findings = drill.findings;
