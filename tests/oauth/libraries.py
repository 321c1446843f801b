"""Takes tokens with the OAuth libraries of Python, and reads a page with each. Every case prints one line; one that fails ends it."""

import json
import os
import sys

from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

FACTS = json.load(open(sys.argv[1], encoding="utf-8"))
CLIENT_ID, SECRET, TOKEN_URL = FACTS["client_id"], FACTS["client_secret"], FACTS["token_url"]
LONG = "https://purl.imsglobal.org/spec/or/v1p1/scope/"
NAMES = ["roster-core.readonly", "roster.readonly"]
SCOPES = {"none": None, "short": NAMES, "long": [LONG + name for name in NAMES]}

# The server of the test is reached without TLS; a scope that is granted otherwise than asked still ends the login.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def requests_oauthlib(scope, way):
    """Gives a session of requests-oauthlib."""
    session = OAuth2Session(client=BackendApplicationClient(client_id=CLIENT_ID, scope=scope))
    if way == "header":
        session.fetch_token(TOKEN_URL, auth=HTTPBasicAuth(CLIENT_ID, SECRET))
    else:
        session.fetch_token(TOKEN_URL, client_secret=SECRET, include_client_id=True)
    return session


def authlib(scope, way):
    """Gives a session of Authlib."""
    method = "client_secret_basic" if way == "header" else "client_secret_post"
    words = None if scope is None else " ".join(scope)
    session = AuthlibSession(CLIENT_ID, SECRET, scope=words, token_endpoint_auth_method=method)
    session.fetch_token(TOKEN_URL, grant_type="client_credentials")
    return session


for library in (requests_oauthlib, authlib):
    for way in ("header", "body"):
        for spelling, scope in SCOPES.items():
            session = library(scope, way)
            granted = session.token["scope"]
            granted = granted.split() if isinstance(granted, str) else list(granted)
            assert scope is None or granted == scope, (library.__name__, way, spelling, granted)
            answer = session.get(FACTS["base_url"] + "/users", params={"limit": 5})
            assert answer.status_code == 200 and len(answer.json()["users"]) == 5, answer.text
            print(f"{library.__name__}: credentials in the {way}, scopes {spelling}: a page of 5 users")
