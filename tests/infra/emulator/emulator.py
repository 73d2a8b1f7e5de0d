"""A whole-AWS emulator (ministack) that receives `sls deploy` in tests, on 127.0.0.1.

It refuses a template with a type that it does not know, even behind a condition that is false. The types below are
recorded with their properties and do nothing else; docs/operations/verification.md says what checks them instead.
"""
from ministack.services.cloudformation import provisioners

ACCOUNT = "000000000000"


def recorded(attributes):
    def create(logical_id, props, stack_name):
        name = f"{stack_name}-{logical_id}"
        return name, {key: value(name, props) for key, value in attributes.items()}

    def update(physical_id, old_props, new_props, stack_name):
        return physical_id, {key: value(physical_id, new_props) for key, value in attributes.items()}

    return {"create": create, "update": update, "delete": lambda physical_id, props: None}


def named(key):
    return lambda name, props: props.get(key, name)


RECORDED = {
    "AWS::ApplicationAutoScaling::ScalableTarget": {"Id": named("ResourceId")},
    "AWS::ApplicationAutoScaling::ScalingPolicy": {"Arn": named("PolicyName")},
    "AWS::Budgets::Budget": {},
    "AWS::SageMaker::Model": {"ModelName": named("ModelName")},
    "AWS::SageMaker::EndpointConfig": {"EndpointConfigName": named("EndpointConfigName")},
    "AWS::SageMaker::Endpoint": {"EndpointName": named("EndpointName")},
    "AWS::WAFv2::WebACLAssociation": {},
}

for resource_type, attributes in RECORDED.items():
    provisioners._RESOURCE_HANDLERS.setdefault(resource_type, recorded(attributes))

if __name__ == "__main__":
    from ministack.app import main

    main()
