"""moto's server, with what deploying needs and moto lacks. It is taken unseen: docs/guarantees.md lists it."""

import json
import sys
import uuid

from moto.awslambda import urls
from moto.cloudformation import models, parsing, utils
from moto.dynamodb.models import Table, dynamodb_backends
from moto.ec2.responses import EC2Response
from moto.logs.models import LogGroup, logs_backends
from moto.server import main

# moto refuses a template for cfn-lint's warnings, CloudFormation for errors alone.
every_finding = utils.validate_template_cfn_lint
models.validate_template_cfn_lint = lambda template: [
    finding for finding in every_finding(template) if finding.rule.id.startswith("E")
]

# Resources that moto's CloudFormation does not have: each is made, and has an id.
class_of = parsing.resource_class_from_type
stand_ins = {}


def stand_in(kind):
    class StandIn:
        def __init__(self):
            self.physical_resource_id = uuid.uuid4().hex[:10]

        @staticmethod
        def cloudformation_name_type():
            return ""

        @staticmethod
        def cloudformation_type():
            return kind

        @classmethod
        def has_cfn_attr(cls, attr):
            return True

        def get_cfn_attribute(self, name):
            return f"https://{self.physical_resource_id}.example" if name == "ApiEndpoint" else self.physical_resource_id

        @classmethod
        def create_from_cloudformation_json(cls, *_, **__):
            return cls()

        @classmethod
        def update_from_cloudformation_json(cls, original, *_, **__):
            return original

        @classmethod
        def delete_from_cloudformation_json(cls, *_, **__):
            pass

        def delete(self, *_):
            pass

        def is_created(self):
            return True

    StandIn.__name__ = kind
    return StandIn


def found(kind):
    if kind in parsing.get_model_map() or kind in parsing.NULL_MODELS:
        return class_of(kind)
    return stand_ins.setdefault(kind, stand_in(kind))


parsing.resource_class_from_type = found

# An import keeps what is there, where moto would create it again.
importing = False


def keeps(model, find):
    create = model.create_from_cloudformation_json.__func__

    def created(cls, name, definition, account, region, **more):
        there = find(account, region, definition["Properties"]) if importing else None
        return there or create(cls, name, definition, account, region, **more)

    model.create_from_cloudformation_json = classmethod(created)


keeps(Table, lambda account, region, has: dynamodb_backends[account][region].tables.get(has["TableName"]))
keeps(LogGroup, lambda account, region, has: logs_backends[account][region].groups.get(has["LogGroupName"]))
execute = models.CloudFormationBackend.execute_change_set


def executed(self, change_set_name, stack_name=None):
    global importing
    sets = [one for one in self.change_sets.values() if change_set_name in (one.change_set_id, one.change_set_name)]
    importing = sets[-1].change_set_type == "IMPORT"
    try:
        execute(self, change_set_name, stack_name)
    finally:
        importing = False


models.CloudFormationBackend.execute_change_set = executed

# Calls that moto does not answer.
limits = {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}}
urls.url_paths[r"{0}/2016-08-19/account-settings/?$"] = lambda *_: (200, {}, json.dumps(limits))
EC2Response.describe_placement_groups = lambda self: (
    '<DescribePlacementGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
    "<requestId>x</requestId><placementGroupSet/></DescribePlacementGroupsResponse>"
)

main(sys.argv[1:])
