"""Does the web answer, and does it reach its database? The health check of the web's own container.

/health/ says 503 as well when the broker or the worker fails. Officers can then still read and write, so that is for
whoever watches CAIT, not a reason to call this container ill: the proxy waits for it, and at the first start the
worker has not run yet.
"""

import http.client
import json
import sys

web = http.client.HTTPConnection("localhost", 8000, timeout=8)
web.request("GET", "/health/")
sys.exit(json.load(web.getresponse())["database"] != "ok")
