import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cait.settings.prod")
application = get_wsgi_application()
# What is loaded by now stays until the worker ends. Searched through for garbage with every hundredth page, it was a
# tenth of the time of the longer lists.
gc.collect()
gc.freeze()
