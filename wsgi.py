"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi …`. Refused settings end it; only `doctor` still speaks."""

from app import cli, create_app

with cli.doctor_instead():
    app = create_app()
