"""Runs the AWS emulator that the tests of the deploy command work against: ministack, on this machine, for one test run.

usage: emulator.py [PORT]

It listens on 127.0.0.1, on a free port when none is given, and prints one line of JSON when it starts: the address, the
version, and the resource types that it only pretends to make. It ends when its standard input is closed, so that it
never outlives the test that started it.

Three things are changed in ministack, each only as long as it needs that:
- an update of a nested stack forgets the attributes of the resources that do not change, so that every GetAtt on one
  fails; they are looked up again;
- change sets say of a nested stack that it may be replaced; they say as AWS does that it is updated in place;
- resource types of the platform that it does not have become placeholders: they get a physical ID and attributes, and
  prove wiring, order and rollback, not the resource.
"""
import hashlib
import importlib.metadata
import json
import os
import socket
import sys
import threading


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def end_with_standard_input():
    """Ends the process when whoever started it is gone or closes its end."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def hexadecimal(stack, logical_id):
    """Seventeen digits, as EC2's identifiers have: the same for the same resource of the same stack."""
    return hashlib.sha256(f"{stack}/{logical_id}".encode()).hexdigest()[:17]


def placeholder(physical_id, **attributes):
    """Handlers of a type: patterns over {stack}, {id}, {hex} and {name}, the property that names it on AWS."""
    name_property = attributes.pop("named_by", None)

    def made(logical_id, properties, stack):
        values = {"stack": stack, "id": logical_id, "hex": hexadecimal(stack, logical_id),
                  "name": properties.get(name_property) or f"{stack}-{logical_id}"}
        return physical_id.format(**values), {key: pattern.format(**values) for key, pattern in attributes.items()}

    return {
        "create": made,
        # The attributes are told again: what an update leaves out is gone for GetAtt.
        "update": lambda old_id, old, new, stack, logical_id: made(logical_id, new, stack),
        "update_with_logical_id": True,
        "delete": lambda old_id, properties: None,
    }


ARN = "arn:aws:{}:us-east-1:000000000000:"

PLACEHOLDERS = {
    "AWS::ApplicationAutoScaling::ScalableTarget": placeholder("service/{stack}/{id}|ecs:service:DesiredCount|ecs"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": placeholder(
        ARN.format("autoscaling") + "scalingPolicy:{hex}:policyName/{name}",
        Arn=ARN.format("autoscaling") + "scalingPolicy:{hex}:policyName/{name}", named_by="PolicyName"),
    "AWS::CloudTrail::Trail": placeholder("{name}", Arn=ARN.format("cloudtrail") + "trail/{name}", named_by="TrailName"),
    "AWS::CodeDeploy::Application": placeholder("{name}", named_by="ApplicationName"),
    "AWS::CodeDeploy::DeploymentGroup": placeholder("{name}", named_by="DeploymentGroupName"),
    "AWS::EC2::EIP": placeholder("192.0.2.1", AllocationId="eipalloc-{hex}"),
    "AWS::EC2::FlowLog": placeholder("fl-{hex}", Id="fl-{hex}"),
    "AWS::EC2::NatGateway": placeholder("nat-{hex}", NatGatewayId="nat-{hex}"),
    "AWS::EC2::SecurityGroupEgress": placeholder("sgr-{hex}", Id="sgr-{hex}"),
    "AWS::EC2::SecurityGroupIngress": placeholder("sgr-{hex}", Id="sgr-{hex}"),
    "AWS::RDS::EventSubscription": placeholder("{name}", named_by="SubscriptionName"),
    "AWS::SecretsManager::ResourcePolicy": placeholder("{stack}-{id}"),
    "AWS::WAFv2::LoggingConfiguration": placeholder("{stack}-{id}", ManagedByFirewallManager="false"),
    "AWS::WAFv2::WebACLAssociation": placeholder("{stack}-{id}"),
}


def add_placeholders(provisioners):
    """Adds the types; one that ministack has by itself is an error, so that the real thing is used after an upgrade."""
    real = sorted(set(PLACEHOLDERS) & set(provisioners._RESOURCE_HANDLERS))
    if real:
        sys.exit(f"ministack has {', '.join(real)}: take them out of PLACEHOLDERS in tools/emulator.py")
    provisioners._RESOURCE_HANDLERS.update(PLACEHOLDERS)


def pretend_metric_math(provisioners):
    """Alarms over Metrics, which ministack refuses, become placeholders; alarms over one metric stay real."""
    alarm = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    try:
        alarm["create"]("Probe", {"AlarmName": "probe", "Metrics": [{"Id": "m", "Expression": "1"}]}, "probe")
    except ValueError as refused:
        if "metric math" not in str(refused):
            raise
    else:
        sys.exit("ministack has alarms over metric math: take pretend_metric_math out of tools/emulator.py")
    pretended = placeholder("{name}", Arn=ARN.format("cloudwatch") + "alarm:{name}", named_by="AlarmName")

    def create(logical_id, properties, stack):
        return (pretended if "Metrics" in properties else alarm)["create"](logical_id, properties, stack)

    def update(old_id, old, new, stack, logical_id):
        return (pretended if "Metrics" in new else alarm)["update"](old_id, old, new, stack, logical_id)

    def delete(old_id, properties):
        (pretended if "Metrics" in properties else alarm)["delete"](old_id, properties)

    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"] = alarm | {"create": create, "update": update, "delete": delete}


# Attributes that ministack's real types lack, by type.
MISSING_ATTRIBUTES = {
    "AWS::RDS::DBCluster": {"MasterUserSecret.SecretArn": ARN.format("secretsmanager") + "secret:rds!cluster-{hex}"},
}


def add_attributes(provisioners):
    """Adds the missing attributes of real types."""
    for resource_type, patterns in MISSING_ATTRIBUTES.items():
        real = provisioners._RESOURCE_HANDLERS[resource_type]

        def more(made, logical_id, stack, patterns=patterns):
            physical_id, attributes = made
            added = {key: pattern.format(hex=hexadecimal(stack, logical_id)) for key, pattern in patterns.items()}
            known = sorted(set(added) & set(attributes))
            if known:
                raise ValueError(f"ministack has {', '.join(known)}: take it out of MISSING_ATTRIBUTES in tools/emulator.py")
            return physical_id, attributes | added

        def create(logical_id, properties, stack, real=real, more=more):
            return more(real["create"](logical_id, properties, stack), logical_id, stack)

        def update(old_id, old, new, stack, logical_id, real=real, more=more):
            return more(real["update"](old_id, old, new, stack, logical_id), logical_id, stack)

        assert real["update_with_logical_id"]
        provisioners._RESOURCE_HANDLERS[resource_type] = real | {"create": create, "update": update}


def remember_attributes(provisioners, stacks):
    """Gives updates the attributes that a resource has, where the caller forgets them."""
    real = provisioners._update_resource

    def update(resource_type, physical_id, old, new, stack, logical_id=None, attributes=None):
        if attributes is None:
            resources = (stacks.get(stack) or {}).get("_resources", {})
            attributes = (resources.get(logical_id) or {}).get("Attributes")
        return real(resource_type, physical_id, old, new, stack, logical_id, attributes)

    provisioners._update_resource = update


def keep_nested_stacks(provisioners):
    """Lets change sets say that a nested stack is updated in place; one that may be replaced would take its data with it."""
    replacing = provisioners._REPLACING_PROPERTIES
    if "AWS::CloudFormation::Stack" in replacing:
        sys.exit("ministack knows how nested stacks are updated: take keep_nested_stacks out of tools/emulator.py")
    replacing["AWS::CloudFormation::Stack"] = ()


def main(port=None):
    port = int(port or free_port())
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    os.environ |= {
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "LOG_LEVEL": "CRITICAL",
        "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "DOCKER_HOST": "unix:///nonexistent",  # no further ports, no containers
    }
    sys.argv[1:] = []
    from ministack import app
    from ministack.services.cloudformation import _stacks, provisioners

    remember_attributes(provisioners, _stacks)
    add_placeholders(provisioners)
    pretend_metric_math(provisioners)
    add_attributes(provisioners)
    keep_nested_stacks(provisioners)
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "version": importlib.metadata.version("ministack"),
                      "placeholders": sorted(PLACEHOLDERS) + ["AWS::CloudWatch::Alarm over Metrics"]}), flush=True)
    app.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
