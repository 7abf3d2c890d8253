"""Reads a JSON list of YAML texts from standard input and writes the list of their data as JSON, read by PyYAML.

PyYAML follows YAML 1.1, as CloudFormation and cfn-lint do. Short-form tags become the long form of their intrinsics. The
first texts, as many as the argument says, are read by PyYAML's own scanner, the others by libyaml's, which is faster.
"""

import json
import sys

import yaml


def loader(base):
    class Loader(base):
        pass

    def tag(load, name, node):
        if isinstance(node, yaml.ScalarNode):
            value = node.value
        elif isinstance(node, yaml.SequenceNode):
            value = load.construct_sequence(node, deep=True)
        else:
            value = load.construct_mapping(node, deep=True)
        return {name if name in ("Ref", "Condition") else "Fn::" + name: value}

    Loader.add_multi_constructor("!", tag)
    return Loader


def checked(value):
    """Returns the value; a key or scalar that JSON does not have becomes text saying so."""
    if isinstance(value, dict):
        return {k if isinstance(k, str) else "key %r" % (k,): checked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [checked(v) for v in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return "value %r" % (value,)


def main():
    first = int(sys.argv[1])
    own, fast = loader(yaml.SafeLoader), loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    results = []
    for i, text in enumerate(json.load(sys.stdin)):
        try:
            results.append(checked(yaml.load(text, own if i < first else fast)))
        except yaml.YAMLError as error:
            results.append("not read: %s" % error)
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
