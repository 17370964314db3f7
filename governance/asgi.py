import os

from django.core.asgi import get_asgi_application

from governance import keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
application = get_asgi_application()
keys.insist()
