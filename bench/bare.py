"""What the intake is measured against: a Django view that verifies a webhook and inserts it, no more."""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.environment import Environment

SECRET = os.environ["BENCH_SECRET"]
INSERT = "INSERT INTO bench_bare (received_at, feature, smartlock_id, facts) VALUES (%s, %s, %s, %s)"


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """Verify and insert."""
    body = request.body
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Nuki-Signature-SHA256", "")):
        return HttpResponse(status=401)
    entry = json.loads(body)
    facts = json.dumps(entry["smartlockLog"])
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT, [datetime.now(UTC), entry["feature"], entry["smartlockLog"]["smartlockId"], facts]
        )
    return HttpResponse(status=204)


urlpatterns = [path("bare", bare)]

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": Environment().database("DATABASE_URL") | {"CONN_MAX_AGE": 60}},
    USE_TZ=True,
    MIDDLEWARE=[],
)
django.setup()
application = get_wsgi_application()
