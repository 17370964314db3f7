import os

from django.core.wsgi import get_wsgi_application

from governance import keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
application = get_wsgi_application()
keys.insist()
