# Calls KMS through boto3 as told: one JSON request a line on stdin, one JSON answer a line on stdout.
import base64
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(retries={"total_max_attempts": 1})

for line in sys.stdin:
    request = json.loads(line)
    client = boto3.client(
        request["service"],
        endpoint_url=request["endpoint"],
        region_name=request["region"],
        aws_access_key_id=request["accessKeyId"],
        aws_secret_access_key=request["secretAccessKey"],
        config=config,
    )
    parameters = request["parameters"]
    for name in ("Plaintext", "CiphertextBlob"):
        if name in parameters:
            parameters[name] = base64.b64decode(parameters[name])
    try:
        answer = getattr(client, request["method"])(**parameters)
        if isinstance(answer, str):
            answer = {"Url": answer, "ResponseMetadata": {}}
        answer.pop("ResponseMetadata")
        for name in ("Plaintext", "CiphertextBlob"):
            if name in answer:
                answer[name] = base64.b64encode(answer[name]).decode()
        result = {"output": answer}
    except ClientError as error:
        told = error.response["Error"]
        result = {"error": told["Code"], "message": told["Message"]}
    print(json.dumps(result, default=str), flush=True)
