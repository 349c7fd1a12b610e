import type { ArmResource, World } from "../core.js";

/** What names of Microsoft.Compute may hold; `most` is that of a machine's. */
export const computeName = {
  pattern: /^[^_\\/"[\]:|<>+=;,?*@&\s][^\\/"[\]:|<>+=;,?*@&\s]*(?<![.-])$/,
  most: 64,
  allowed:
    "It must not begin with '_', not end with '.' or '-', and not contain whitespace or any of \\ / \" [ ] : | < > + = ; , ? * @ &.",
};

export const machineType = "Microsoft.Compute/virtualMachines";

/** The virtual machines that refer to this resource. */
export function machinesOf(resource: ArmResource, world: World): ArmResource[] {
  return world.arm.referrers(resource.id).filter((user) => user.type === machineType);
}
