"""A drill of a shop's databases: they replicate to Azure, a recovery plan boots them, and a drill fails them over into an
isolated network. `pulumi up` runs the drill, the outputs are its evidence, `pulumi destroy` cleans up."""

import pulumi
import pulumi_siterecovery as siterecovery

config = pulumi.Config("siterecovery")
group_id = f"/subscriptions/{config.require('subscriptionId')}/resourceGroups/{config.require('resourceGroupName')}"


def network_id(name: str) -> str:
    return f"{group_id}/providers/Microsoft.Network/virtualNetworks/{name}"


FABRIC = "shop-vmware"
CONTAINER = "shop-container"

policy = siterecovery.ReplicationPolicy(
    "shop",
    name="shop-24h",
    instance_type=siterecovery.PolicyKind.IN_MAGE_RCM,
    recovery_point_retention_minutes=24 * 60,
    app_consistent_frequency_minutes=60,
)
mapping = siterecovery.ProtectionContainerMapping(
    "shop",
    name="shop-24h",
    fabric_name=FABRIC,
    protection_container_name=CONTAINER,
    policy_id=policy.policy_id,
)

discovered = {
    machine.name: machine
    for machine in siterecovery.get_protectable_machines(fabric_name=FABRIC).machines
}


def replicate(name: str) -> siterecovery.ReplicatedItem:
    """Replicates one machine, which keeps its address."""
    machine = discovered[name]
    nic = machine.nics[0]
    return siterecovery.ReplicatedItem(
        name,
        name=name,
        fabric_name=FABRIC,
        protection_container_name=CONTAINER,
        policy_id=policy.policy_id,
        fabric_discovery_machine_id=machine.id,
        process_server_id="5b0c7a1e-3f64-4d27-8a55-9e1f60c2d784",
        target_resource_group_id=group_id,
        target_network_id=network_id("shop-recovery"),
        test_network_id=network_id("shop-drill"),
        target_subnet_name="db",
        test_subnet_name="db",
        disks_default={
            "log_storage_account_id": f"{group_id}/providers/Microsoft.Storage/storageAccounts/shopdrlogs",
            "disk_type": siterecovery.DiskType.STANDARD_SSD_LRS,
        },
        nics=[
            {
                "nic_id": nic.mac_address,
                "target_static_ip_address": nic.ip_addresses[0],
                "test_static_ip_address": nic.ip_addresses[0],
            }
        ],
        opts=pulumi.ResourceOptions(depends_on=[mapping]),
    )


plan = siterecovery.RecoveryPlan(
    "shop",
    name="shop-databases",
    fabric_name=FABRIC,
    boot_groups=[
        {"replicated_item_ids": [replicate(name).replicated_item_id]} for name in ("shop-db01", "shop-db02")
    ],
)

drill = siterecovery.TestFailover(
    "shop",
    target_id=plan.recovery_plan_id,
    test_network_id=network_id("shop-drill"),
    comments="Monthly drill",
    # A new value runs the drill again.
    triggers=["first drill"],
)

pulumi.export("machines", drill.machines)
pulumi.export("findings", drill.findings)
