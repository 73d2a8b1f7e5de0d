"""A whole-AWS emulator (ministack) that receives `sls deploy` in tests, on 127.0.0.1.

With AUTH=true it takes only signed calls and weighs the policies of the caller's role and of the bucket. What is added
here, because ministack lacks it; docs/operations/verification.md has the table:

- It refuses a template with a type that it does not know, even behind a condition that is false. RECORDED types keep
  their properties and do nothing else; SageMaker's are told by Describe calls, as AWS would. Of a bucket it drops
  versioning and lifecycle, of a table the expiry: their properties are recorded too.
- Code of functions runs outside (packages/local), where GEN3D_FUNCTION_HOST says; what calls it stays here: Invoke,
  rules, schedules, retries, destinations.
- /_gen3d/role-session gives a session of a role to the service that its trust policy names.
- Builds run in a shell on this machine (builds.py).
- Variables in the resources of a policy are filled in.
- A mail is weighed by its sender's identity, its configuration set and ses:FromAddress.
- A session of the identity pool carries the tags that the pool maps from the token's claims.
- Quotas are the ones that an operator asks for.
- TLS counts as ended before this server.
"""
import base64
import dataclasses
import hashlib
import json
import os
import re
from urllib.parse import parse_qs

import builds
from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.services import codebuild, cognito, iam, lambda_svc, sts
from ministack.services.cloudformation import provisioners

ACCOUNT = "000000000000"
REGION = "us-east-1"
# physical id -> (type, properties)
recorded = {}


def record(resource_type, attributes):
    def create(logical_id, props, stack_name):
        name = props.get(f"{resource_type.rsplit('::', 1)[1]}Name") or f"{stack_name}-{logical_id}"
        recorded[name] = (resource_type, props)
        return name, {key: name for key in attributes}

    def update(physical_id, old_props, new_props, stack_name):
        recorded[physical_id] = (resource_type, new_props)
        return physical_id, {key: physical_id for key in attributes}

    def delete(physical_id, props):
        recorded.pop(physical_id, None)

    return {"create": create, "update": update, "delete": delete}


def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


RECORDED = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ["Id"],
    "AWS::ApplicationAutoScaling::ScalingPolicy": ["Arn"],
    "AWS::Budgets::Budget": [],
    "AWS::SageMaker::Model": ["ModelName"],
    "AWS::SageMaker::EndpointConfig": ["EndpointConfigName"],
    "AWS::SageMaker::Endpoint": ["EndpointName"],
    "AWS::WAFv2::WebACLAssociation": [],
}


def record_too(resource_type):
    """What ministack makes of a type stays as it is; its properties are kept beside it."""
    handlers = provisioners._RESOURCE_HANDLERS[resource_type]
    create, update = handlers["create"], handlers.get("update")

    def recorded_create(logical_id, props, stack_name):
        name, attributes = create(logical_id, props, stack_name)
        recorded[name] = (resource_type, props)
        return name, attributes

    def recorded_update(physical_id, old_props, new_props, *rest):
        name, attributes = update(physical_id, old_props, new_props, *rest)
        recorded[name] = (resource_type, new_props)
        return name, attributes

    handlers["create"] = recorded_create
    if update:
        handlers["update"] = recorded_update


def describe(kind, request):
    """DescribeEndpoint, DescribeEndpointConfig, DescribeModel: the properties as they were deployed."""
    name = request.get(f"{kind}Name", "")
    resource_type, props = recorded.get(name, ("", {}))
    if resource_type != f"AWS::SageMaker::{kind}":
        return 400, {"__type": "ValidationException", "message": f'Could not find "{name}".'}
    return 200, {**props, f"{kind}Name": name, "EndpointStatus": "InService"}


def role_session(arn, service):
    """What AWS does when a service takes a role: its trust policy must name the service."""
    name = arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(ACCOUNT, None, name)
    if role is None:
        return 404, {"message": f"There is no role {arn}."}
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::{ACCOUNT}:root", principal_type="Root", principal_account=ACCOUNT,
        action="sts:AssumeRole", resource_arn=arn, region=REGION, service_context={"aws:sourceaccount": ACCOUNT},
    )
    trust = json.loads(role["AssumeRolePolicyDocument"])
    statements = [one for one in trust["Statement"] if service in json.dumps(one.get("Principal", {}))]
    if not iam_evaluator.evaluate_trust_policy({"Statement": statements}, context.principal_arn, context):
        return 403, {"message": f"{service} may not take {arn}."}
    mark = digest([arn, service])
    key = {"accessKeyId": f"ASIA{mark[:16].upper()}", "secretAccessKey": digest([mark, 1]), "sessionToken": digest([mark, 2])}
    sts.register_session(key["accessKeyId"], {
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/gen3d",
        "UserId": f"{name}:gen3d",
        "SecretAccessKey": key["secretAccessKey"],
        "SessionToken": key["sessionToken"],
    })
    return 200, key


def with_principal_tags(register):
    def registered(access_key, session):
        pool = cognito._identity_pools.get(session.get("_identity_pool_id") or "") or {}
        for provider, token in (session.get("_logins") or {}).items():
            wanted = pool.get("_principal_tags", {}).get(provider, {}).get("PrincipalTags", {})
            part = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            session["SessionTags"] = [{"Key": tag, "Value": claims[claim]} for tag, claim in wanted.items()]
        register(access_key, session)

    return registered


def with_policy_variables(find):
    """`${aws:PrincipalTag/sub}` in a resource is the caller's own value; ministack takes it for the text that it is."""
    def fill(resource, context):
        value = lambda found: str(iam_evaluator._resolve_condition_key(found[1], context) or found[0])
        return re.sub(r"\$\{([^}]+)\}", value, resource)

    def found(context, statements, effect):
        filled = [
            dataclasses.replace(one, resources=[fill(resource, context) for resource in one.resources])
            for one in statements
        ]
        return find(context, filled, effect)

    return found


def with_mail_resources(enforce):
    def enforced(method, path, headers, body, query_params, request_id):
        if (method, path) != ("POST", "/v2/email/outbound-emails"):
            return enforce(method, path, headers, body, query_params, request_id)
        mail = json.loads(body)
        sender = mail.get("FromEmailAddress", "")
        used = [f"identity/{sender.rsplit('@', 1)[-1]}"]
        if mail.get("ConfigurationSetName"):
            used.append(f"configuration-set/{mail['ConfigurationSetName']}")
        for resource in used:
            arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:{resource}"
            denied = ministack._enforce_data_plane(
                "sesv2", "ses:SendEmail", headers, query_params, request_id, resource_arn=arn,
                service_context={"ses:FromAddress": sender}, named_resource=arn,
            )
            if denied:
                return denied
        return None

    return enforced


def quotas(request):
    quota = {"QuotaName": "ml.g5.2xlarge for endpoint usage", "Value": 1.0}
    return 200, {"Quotas": [quota] if request.get("ServiceCode") == "sagemaker" else []}


def answer_here(scope, headers, body):
    """Status and JSON of what ministack does not know; None for everything else."""
    if scope["path"] == "/_gen3d/recorded":
        return 200, {name: {"Type": kind, "Properties": props} for name, (kind, props) in recorded.items()}
    if scope["path"] == "/_gen3d/role-session":
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
        return role_session(query["role"], query["service"])
    service, _, operation = headers.get("x-amz-target", "").partition(".")
    if service == "SageMaker" and operation.startswith("Describe"):
        return describe(operation.removeprefix("Describe"), json.loads(body))
    if headers.get("x-amz-target") == "ServiceQuotasV20190624.ListServiceQuotas":
        return quotas(json.loads(body))
    return None


def in_front_of(inner):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            return await inner(scope, receive, send)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        scope["headers"] = [*scope["headers"], (b"x-forwarded-proto", b"https")]
        if not (scope["path"].startswith("/_gen3d/") or headers.get("x-amz-target", "").startswith(("SageMaker.", "ServiceQuotas"))):
            return await inner(scope, receive, send)
        body = b""
        more = True
        while more:
            part = await receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        status, answer = answer_here(scope, headers, body) or (400, {"__type": "UnknownOperationException"})
        content = json.dumps(answer, default=str).encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/x-amz-json-1.1")]})
        await send({"type": "http.response.body", "body": content})

    return app


for recorded_type, names in RECORDED.items():
    provisioners._RESOURCE_HANDLERS.setdefault(recorded_type, record(recorded_type, names))

record_too("AWS::S3::Bucket")
record_too("AWS::DynamoDB::Table")
iam_evaluator._first_match = with_policy_variables(iam_evaluator._first_match)
ministack._enforce_ses_v2 = with_mail_resources(ministack._enforce_ses_v2)
sts.register_session = with_principal_tags(sts.register_session)
codebuild.EXECUTE_BUILDS = True
codebuild._execute_build = builds.execute(role_session, REGION)
if host := os.environ.get("GEN3D_FUNCTION_HOST"):
    lambda_svc._proxy_url_for = lambda config: host

if __name__ == "__main__":
    ministack.app = in_front_of(ministack.app)
    ministack.main()
