"""Prints the parameters of a platform stack as CloudFormation's JSON, for deploying with the AWS CLI.

usage: parameters.py ENVIRONMENT.yaml SUFFIX BUCKET [ImageDigest=sha256:... ...]

It joins the values of the environment file with what is not in it: the suffix, the bucket, the content address of every
template in golden/, the image digests, and blue as the active colour of every service (right for a first deployment
only). Missing and unknown parameters are errors.
"""
import hashlib
import json
import pathlib
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Reads templates; the values behind CloudFormation's tags do not matter here."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def main(environment, suffix, bucket, *digests):
    root = yaml.load(pathlib.Path("golden/platform.yaml").read_text(), Loader)["Parameters"]
    values = {name: str(value) for name, value in yaml.safe_load(pathlib.Path(environment).read_text()).items()}
    foundation = yaml.load(pathlib.Path("golden/foundation.yaml").read_text(), Loader)["Parameters"]
    values = {name: value for name, value in values.items() if name not in foundation}
    values |= {"EnvironmentSuffix": suffix, "ArtifactBucket": bucket}
    values |= dict(digest.split("=", 1) for digest in digests)
    values |= {name: "blue" for name in root if name.endswith("ActiveColor")}
    for template in pathlib.Path("golden").glob("*.yaml"):
        parameter = "".join(word.capitalize() for word in template.stem.split("-")) + "TemplateKey"
        if parameter in root:
            values[parameter] = f"templates/{hashlib.sha256(template.read_bytes()).hexdigest()}.yaml"
    unknown = sorted(values.keys() - root.keys())
    missing = sorted(name for name, p in root.items() if name not in values and "Default" not in p)
    if unknown or missing:
        sys.exit(f"unknown parameters: {unknown or 'none'}; missing parameters: {missing or 'none'}")
    print(json.dumps([{"ParameterKey": name, "ParameterValue": values[name]} for name in root if name in values], indent=1))


if len(sys.argv) < 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
